"""Where PostgreSQL and SQLite differ in what the reading side asks of them.

The reading side writes its own SQL: a document and all that it names come back from one
statement, which the query builder of Django cannot express, and building such a query from
models would cost more than the database needs to answer it.
"""

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from django.db import InterfaceError, OperationalError, connection

from delivery.reading.rows import ID, POSITION, TYPE, Row


class Dialect(Protocol, Hashable):
    """What a kind of database needs."""

    id_text: str
    """How to select an id as text; `{}` stands for the column."""
    id_value: str
    """The placeholder of an id."""
    time_text: str
    """How to select an instant as text, in UTC; `{}` stands for the column."""
    time_value: str
    """The placeholder of an instant."""
    changes: str
    """Rows of `id, seq, shown_seq` from one parameter: JSON, a list of such lists of three."""

    def id_param(self, document_id: str) -> str:
        """An id, written with hyphens, as a parameter."""

    def time_param(self, instant: datetime) -> str:
        """An aware instant as a parameter."""

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows as the database gave them, with ids written with hyphens."""


class PostgreSQL:
    """Has both types; both are read as text, which costs less than making objects of them."""

    id_text = "{}::text"
    id_value = "%s::uuid"
    time_text = "{}::text"
    time_value = "%s::timestamptz"
    changes = (
        "SELECT (x->>0)::uuid AS id, (x->>1)::bigint AS seq, (x->>2)::bigint AS shown_seq"
        " FROM jsonb_array_elements(%s::jsonb) x"
    )

    def id_param(self, document_id: str) -> str:
        return document_id

    def time_param(self, instant: datetime) -> str:
        return instant.isoformat()

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        return rows


class SQLite:
    """Has neither: ids are 32 hexadecimal digits, instants are text in UTC.

    The driver turns a plain column of instants into naive ones, an expression it leaves alone.
    """

    id_text = "{}"
    id_value = "%s"
    time_text = "({} || '')"
    time_value = "%s"
    changes = (
        "SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS seq,"
        " json_extract(value, '$[2]') AS shown_seq FROM json_each(%s)"
    )

    def id_param(self, document_id: str) -> str:
        return document_id.replace("-", "")

    def time_param(self, instant: datetime) -> str:
        return str(instant.astimezone(UTC).replace(tzinfo=None))

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        return [
            (
                row[POSITION],
                hyphenated(row[ID]),
                *row[TYPE:],
            )
            for row in rows
        ]


def hyphenated(digits: str) -> str:
    """An id of 32 digits, with the four hyphens."""
    if len(digits) != 32:  # noqa: PLR2004 — already hyphenated
        return digits
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_DIALECTS: Final[dict[str, Dialect]] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}


def current_dialect() -> Dialect:
    """The dialect of the database that documents are in."""
    return _DIALECTS[connection.vendor]


def fetch(sql: str, params: Sequence[Any]) -> list[Row]:
    """Runs one select and gives all its rows.

    A connection that the server has closed meanwhile is opened anew, once: that is cheaper
    than asking before each request whether it still works.
    """
    try:
        return _fetch(sql, params)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _fetch(sql, params)


def _fetch(sql: str, params: Sequence[Any]) -> list[Row]:
    rows: list[Row]
    if (
        connection.vendor != "postgresql"
        or connection.queries_logged
        or connection.execute_wrappers
    ):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
            return rows
    # Past Django's cursor, which takes as much CPU as a third of what the driver does.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        rows = connection.connection.cursor().execute(sql, params).fetchall()
        return rows
