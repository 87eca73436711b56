"""The statement that gathers an answer: what was asked for, and all that it names.

One select, whatever the length of the list and the depth of `include`. The documents found
come first, in order; then each document that one of them names, directly or along the chosen
references. Each numbered node of the selection that follows any references has a table of its
own inside the statement (`e0`, `e1`, ...), made from its parent's. A recursive table with the
plan joined to it did the same for twice the database's time.

The joins are written as CROSS JOIN, which to PostgreSQL means the same; SQLite takes it as the
order in which to join. Left to itself, it read all references of the website for one document.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from delivery.document_types import DocumentField, Kind
from delivery.reading.dialect import Dialect
from delivery.reading.selection import Node, Selection

# An object may hold references under its own name; plain values hold none.
_MAY_REFER: Final = frozenset({Kind.REFERENCE, Kind.REFERENCES, Kind.BLOCKS, Kind.OBJECT})
_EDGE: Final = re.compile(r"[a-z][a-z0-9_.]{0,47}")


@dataclass(frozen=True, slots=True)
class Hits:
    """The inner select: rows of `id, sort keys…` in order, at most `limit` and one more.

    `keys` is how many sort keys it selects. The one row beyond `limit` only tells that the
    list goes on; what it names is not gathered.
    """

    sql: str
    params: tuple[Any, ...]
    limit: int
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the selection that names other documents.

    It is reached from node `parent` by the edges called `edge`. `follows` are the edges that
    count here, None for all. The targets of those among `shown` are shown beyond the plain
    reference, of those among `heavy` with their heavy part.
    """

    number: int
    parent: int
    edge: str
    follows: tuple[str, ...] | None
    shown: tuple[str, ...]
    heavy: tuple[str, ...]


@lru_cache(maxsize=1024)
def plan_for(selection: Selection) -> tuple[Place, ...]:
    """The places of a selection; each comes after its parent."""
    return tuple(_places(selection.root, parent=0, edge=""))


def _places(node: Node, *, parent: int, edge: str) -> Iterator[Place]:
    children = [(name, child) for name, child in (node.fields or {}).items() if child is not None]
    children += node.includes.items()
    edges: list[str] | None = None
    if node.fields is not None:
        edges = [item for name in node.fields for item in _edges(name, node.declared(name))]
        edges = list(dict.fromkeys([*edges, *node.includes]))
        if not edges:
            return
    yield Place(
        number=node.number,
        parent=parent,
        edge=edge,
        follows=None if edges is None else tuple(edges),
        shown=tuple(dict.fromkeys(name for name, _ in children)),
        heavy=tuple(dict.fromkeys(name for name, child in children if child.shows_heavy())),
    )
    for name, child in children:
        yield from _places(child, parent=node.number, edge=name)


def _edges(name: str, declared: list[DocumentField]) -> list[str]:
    """The names under which the references of a field are stored; plain values have none."""
    nested = dict.fromkeys(f"{name}.{key}" for item in declared for key in item.nested_references)
    refers = any(item.is_heavy or item.kind in _MAY_REFER for item in declared)
    return [name, *nested] if refers else [*nested]


def statement(
    dialect: Dialect, site_id: int, hits: Hits, selection: Selection
) -> tuple[str, Sequence[Any]]:
    """The whole select and its parameters."""
    sql = _text(dialect, hits.sql, hits.limit, hits.keys, selection)
    return sql, (*hits.params, site_id) if plan_for(selection) else hits.params


@lru_cache(maxsize=1024)
def _text(dialect: Dialect, hits_sql: str, limit: int, keys: int, selection: Selection) -> str:
    """The statement's text. Limits and edges stand in it, so that its plan can count on them."""
    columns = "".join(f", h.k{number}" for number in range(keys))
    content = "d.content" if selection.root.shows_heavy() else "NULL"
    found = (
        f"SELECT h.position, {dialect.id_text.format('d.id')}, d.type, d.locale, d.slug, d.path,"
        f" d.title, {dialect.time_text.format('d.published_at')},"
        f" {dialect.time_text.format('d.updated_at')}, d.version, d.head, {content}{columns}"
        " FROM hits h CROSS JOIN delivery_document d WHERE d.id = h.id"
    )
    names = ", ".join(["id", *(f"k{number}" for number in range(keys)), "position"])
    base = f"hits({names}) AS MATERIALIZED (SELECT x.*, ROW_NUMBER() OVER () FROM ({hits_sql}) x)"
    plan = plan_for(selection)
    if not plan:
        return f"WITH {base} {found}"
    edges = ", ".join(_edge_table(place, limit) for place in plan)
    named = (
        f"SELECT 0, {dialect.id_text.format('t.id')}, t.type, t.locale, t.slug, t.path, t.title,"
        f" {_shown_columns(dialect, plan)}{', NULL' * keys}"
        " FROM named s CROSS JOIN delivery_document t WHERE t.id = s.id AND t.site_id = %s"
    )
    return f"WITH {base}, {edges}, {_named_table(plan)} {found} UNION ALL {named}"


def _edge_table(place: Place, limit: int) -> str:
    """The edges that leave a place: their targets and names."""
    source = (
        f"(SELECT id FROM hits WHERE position <= {int(limit)})"
        if place.number == 0
        else f"(SELECT DISTINCT id FROM e{int(place.parent)} WHERE field IN ({_words((place.edge,))}))"
    )
    narrowed = "" if place.follows is None else f" AND r.field IN ({_words(place.follows)})"
    return (
        f"e{int(place.number)} AS (SELECT r.target_id AS id, r.field FROM {source} s"
        f" CROSS JOIN delivery_documentreference r WHERE r.source_id = s.id{narrowed})"
    )


def _named_table(plan: tuple[Place, ...]) -> str:
    """Every document named from anywhere, once, with how much of it is shown at most."""
    parts = " UNION ALL ".join(
        f"SELECT id, {_mark(place.shown)} AS shown, {_mark(place.heavy)} AS heavy"
        f" FROM e{int(place.number)}"
        for place in plan
    )
    return f"named AS (SELECT id, MAX(shown) AS shown, MAX(heavy) AS heavy FROM ({parts}) u GROUP BY id)"


def _mark(names: tuple[str, ...]) -> str:
    return f"CASE WHEN field IN ({_words(names)}) THEN 1 ELSE 0 END" if names else "0"


def _shown_columns(dialect: Dialect, plan: tuple[Place, ...]) -> str:
    """The columns that only documents need of which more than the reference is shown."""
    if not any(place.shown for place in plan):
        return "NULL, NULL, NULL, CASE WHEN t.type = 'images' THEN t.head END, NULL"
    columns = [
        dialect.time_text.format("t.published_at"),
        dialect.time_text.format("t.updated_at"),
        "t.version",
    ]
    is_heavy = any(place.heavy for place in plan)
    return ", ".join(
        [
            *(f"CASE WHEN s.shown = 1 THEN {column} END" for column in columns),
            "CASE WHEN t.type = 'images' OR s.shown = 1 THEN t.head END",
            "CASE WHEN s.heavy = 1 THEN t.content END" if is_heavy else "NULL",
        ]
    )


def _words(names: tuple[str, ...]) -> str:
    """Names of declared fields, written into the statement.

    Raises:
        ValueError: what no declared field can be called.
    """
    if not all(_EDGE.fullmatch(name) for name in names):
        raise ValueError(f"These are no names of fields: {names}.")
    return ", ".join(f"'{name}'" for name in names)
