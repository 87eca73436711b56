"""Where PostgreSQL and SQLite differ in what the search index asks of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import orjson
from django.db import connection

Row = tuple[Any, ...]


@dataclass(slots=True)
class Sql:
    """A statement as it grows, with its parameters in order."""

    text: str = ""
    params: list[Any] = field(default_factory=list)

    def add(self, text: str, *params: Any) -> "Sql":
        """Adds text and the values for its placeholders."""
        self.text += text
        self.params += params
        return self

    def join(self, other: "Sql") -> "Sql":
        """Adds another one."""
        return self.add(other.text, *other.params)


class Tables(Protocol):
    """What a kind of database needs."""

    begins: str
    """The condition that a column begins so, by the two values of `beginning`."""
    id_text: str
    """How to select an id as text."""
    id_value: str
    """The placeholder of an id."""
    time: str
    """The placeholder of an instant."""
    time_text: str
    """How to select an instant as text in UTC."""
    year: str
    """How to select the year of an instant in UTC, as text of four digits."""
    counted_terms: str
    """A select of `term_id` from `d.counted`, see `search.models.IndexedDocument`."""
    years_before: str
    """How many years a column lies before a day that is the parameter; never less than none."""
    contains: str
    """The place of a text in a column, from 1; 0 for none."""
    texts: str
    """A table `x` whose column `value` has the texts of a list in JSON."""

    def stored_id(self, document_id: str) -> str:
        """An id, written with hyphens, as it is stored."""

    def time_param(self, instant: datetime) -> str:
        """An aware instant as a parameter."""

    def rows(self, *types: str) -> str:
        """A select of rows `c0, c1, …` of these types from one parameter made by `many`."""

    def insert_numbers(
        self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[float]]
    ) -> None:
        """Adds many rows that have numbers alone; `columns` are names with types."""

    def learn(self) -> None:
        """Has the planner of statements know what the tables hold, if it knows nothing of them."""


_TABLES: Final = (
    *("search_indexeddocument", "search_term", "search_vocabularyword", "search_wordform"),
    *("search_posting", "search_facetlabel", "search_facetentry", "search_titlestart"),
)


class PostgreSQL:
    """Compares the bytes of texts where it is told to, as its index on them does."""

    begins = "({0} ~>=~ %s AND {0} ~<~ %s)"
    id_text = "{}::text"
    id_value = "%s::uuid"
    time = "%s::timestamptz"
    time_text = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    # To write an instant as text takes five times as long.
    year = "lpad(EXTRACT(YEAR FROM {} AT TIME ZONE 'UTC')::text, 4, '0')"
    counted_terms = (
        "SELECT x.value::int AS term_id FROM d"
        " CROSS JOIN jsonb_each_text(d.counted::jsonb->'terms') x"
    )
    years_before = "GREATEST(EXTRACT(EPOCH FROM (%s::timestamptz - {})) / 31557600, 0)::float"
    contains = "strpos({}, %s)"
    texts = "jsonb_array_elements_text({}::jsonb) x(value)"

    def stored_id(self, document_id: str) -> str:
        return document_id

    def time_param(self, instant: datetime) -> str:
        return instant.isoformat()

    def rows(self, *types: str) -> str:
        columns = ", ".join(f"(x->>{n})::{kind} AS c{n}" for n, kind in enumerate(types))
        return f"SELECT {columns} FROM jsonb_array_elements(%s::jsonb) x"

    def insert_numbers(
        self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[float]]
    ) -> None:
        lines = "\n".join("\t".join(map(str, row)) for row in rows)
        with connection.cursor() as cursor:
            statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            with cursor.copy(statement) as copying:
                copying.write(lines.encode())

    def learn(self) -> None:
        # Between the first documents and the server's own next look at the tables, the planner would
        # guess, and take minutes for a search of some thousand documents. What it learns of the first
        # holds for more: stems and words are unique, whatever their number.
        known = (
            "SELECT 1 FROM pg_stats WHERE tablename = 'search_term' AND attname = 'stem' LIMIT 1"
        )
        if not fetch(known, ()):
            execute(f"ANALYZE {', '.join(_TABLES)}", ())


class SQLite:
    """Takes values as they come; an id is 32 digits there."""

    begins = "({0} >= %s AND {0} < %s)"
    id_text = "{}"
    id_value = "%s"
    time = "%s"
    time_text = "({} || '')"
    year = "substr({}, 1, 4)"
    counted_terms = (
        "SELECT x.value AS term_id FROM d"
        " CROSS JOIN json_each(json_extract(d.counted, '$.terms')) x"
    )
    years_before = "MAX((julianday(%s) - julianday({})) / 365.25, 0)"
    contains = "instr({}, %s)"
    texts = "json_each({}) x"

    def stored_id(self, document_id: str) -> str:
        return document_id.replace("-", "")

    def time_param(self, instant: datetime) -> str:
        return str(instant.astimezone(UTC).replace(tzinfo=None))

    def rows(self, *types: str) -> str:
        columns = ", ".join(f"json_extract(value, '$[{n}]') AS c{n}" for n, _ in enumerate(types))
        return f"SELECT {columns} FROM json_each(%s)"

    def insert_numbers(
        self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[float]]
    ) -> None:
        execute(
            f"INSERT INTO {table} ({', '.join(columns)}) {self.rows(*columns.values())}",
            [many(rows)],
        )

    def learn(self) -> None:
        """The statements tell SQLite in which order to go."""


_KINDS: Final[dict[str, Tables]] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}


def tables() -> Tables:
    """Those of the database that documents are in."""
    return _KINDS[connection.vendor]


def many(rows: Sequence[Sequence[Any]]) -> str:
    """Rows as the parameter of `Tables.rows`."""
    return orjson.dumps(rows, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()


def beginning(text: str) -> tuple[str, str]:
    """The two values of `Tables.begins`."""
    return text, f"{text}\U0010ffff"


def execute(sql: str, params: Sequence[Any]) -> None:
    """Runs a statement that gives no rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def fetch(sql: str, params: Sequence[Any]) -> list[Row]:
    """Runs a statement and gives all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Row] = cursor.fetchall()
        return rows
