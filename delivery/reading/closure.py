"""The statement that gathers an answer: what was asked for, and all that it names.

One select, whatever the length of the list and the depth of `include`. The documents found
come first, in order; then each document that one of them names, directly or along the chosen
references. Which references to follow from where is a small table inside the statement, made
from the numbered nodes of the selection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from delivery.document_types import DocumentField
from delivery.reading.dialect import Dialect
from delivery.reading.fragments import marks
from delivery.reading.selection import Selection

ANY: Final = "*"
LEAF: Final = -1


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
class Plan:
    """Which references to follow: from a node, by a field, to a node."""

    steps: tuple[tuple[int, str, int], ...]
    shown: tuple[int, ...]
    heavy: tuple[int, ...]

    @property
    def is_flat(self) -> bool:
        """Whether only what the found documents name themselves is needed, for its own sake."""
        return all(node == 0 and child == LEAF for node, _, child in self.steps)


@lru_cache(maxsize=1024)
def plan_for(selection: Selection) -> Plan:
    """The plan of a selection."""
    steps: dict[tuple[int, str, int], None] = {}
    for node in selection.root.walk():
        for name, child in node.includes.items():
            steps[node.number, name, child.number] = None
        if node.fields is None:
            steps[node.number, ANY, LEAF] = None
            continue
        for name, below in node.fields.items():
            for edge in _edges(name, node.declared(name)):
                steps[node.number, edge, below.number if below else LEAF] = None
    nodes = [node for node in selection.root.walk() if node.number]
    return Plan(
        steps=tuple(steps),
        shown=tuple(node.number for node in nodes),
        heavy=tuple(node.number for node in nodes if node.shows_heavy()),
    )


def _edges(name: str, declared: list[DocumentField]) -> list[str]:
    """The names under which the references of a field are stored."""
    nested = dict.fromkeys(f"{name}.{key}" for item in declared for key in item.nested_references)
    return [name, *nested]


def statement(
    dialect: Dialect, site_id: int, hits: Hits, selection: Selection
) -> tuple[str, Sequence[Any]]:
    """The whole select and its parameters."""
    plan = plan_for(selection)
    sql = _text(dialect, hits.sql, hits.limit, hits.keys, selection)
    if not plan.steps:
        return sql, hits.params
    fields = tuple(name for _, name, _ in plan.steps)
    if plan.is_flat and ANY in fields:
        fields = ()
    return sql, (*hits.params, *fields, site_id)


@lru_cache(maxsize=1024)
def _text(dialect: Dialect, hits_sql: str, limit: int, keys: int, selection: Selection) -> str:
    """The statement's text. Limits stand in it as numbers, so that its plan can count on them."""
    columns = "".join(f", h.k{number}" for number in range(keys))
    content = "d.content" if selection.root.shows_heavy() else "NULL"
    found = (
        f"SELECT h.position, {dialect.id_text.format('d.id')}, d.type, d.locale, d.slug, d.path,"
        f" d.title, {dialect.time_text.format('d.published_at')},"
        f" {dialect.time_text.format('d.updated_at')}, d.version, d.head, {content}{columns}"
        " FROM hits h JOIN delivery_document d ON d.id = h.id"
    )
    names = ", ".join(["id", *(f"k{number}" for number in range(keys)), "position"])
    base = f"hits({names}) AS MATERIALIZED (SELECT x.*, ROW_NUMBER() OVER () FROM ({hits_sql}) x)"
    plan = plan_for(selection)
    if not plan.steps:
        return f"WITH {base} {found}"
    gathered = _flat(plan, limit) if plan.is_flat else _deep(plan, limit)
    named = (
        f"SELECT 0, {dialect.id_text.format('t.id')}, t.type, t.locale, t.slug, t.path, t.title,"
        f" {_shown_columns(dialect, plan)}{', NULL' * keys}"
        " FROM named s JOIN delivery_document t ON t.id = s.id WHERE t.site_id = %s"
    )
    return f"WITH RECURSIVE {base}, {gathered} {found} UNION ALL {named}"


def _shown_columns(dialect: Dialect, plan: Plan) -> str:
    """The columns that only documents need of which more than the reference is shown."""
    if not plan.shown:
        return "NULL, NULL, NULL, CASE WHEN t.type = 'images' THEN t.head END, NULL"
    columns = [
        dialect.time_text.format("t.published_at"),
        dialect.time_text.format("t.updated_at"),
        "t.version",
    ]
    return ", ".join(
        [
            *(f"CASE WHEN s.shown = 1 THEN {column} END" for column in columns),
            "CASE WHEN t.type = 'images' OR s.shown = 1 THEN t.head END",
            "CASE WHEN s.heavy = 1 THEN t.content END" if plan.heavy else "NULL",
        ]
    )


def _flat(plan: Plan, limit: int) -> str:
    fields = [name for _, name, _ in plan.steps]
    narrowed = "" if ANY in fields else f" AND r.field IN ({marks(len(fields))})"
    return (
        "named AS (SELECT DISTINCT r.target_id AS id FROM hits h"
        " JOIN delivery_documentreference r ON r.source_id = h.id"
        f" WHERE h.position <= {int(limit)}{narrowed})"
    )


def _deep(plan: Plan, limit: int) -> str:
    rows = ", ".join(f"({int(node)}, %s, {int(child)})" for node, _, child in plan.steps)
    shown = f"MAX(CASE WHEN node IN ({_numbers(plan.shown)}) THEN 1 ELSE 0 END)"
    heavy = f"MAX(CASE WHEN node IN ({_numbers(plan.heavy)}) THEN 1 ELSE 0 END)"
    return (
        f"plan(node, field, child) AS (VALUES {rows}), closure(id, node) AS ("
        f" SELECT h.id, 0 FROM hits h WHERE h.position <= {int(limit)} UNION"
        " SELECT r.target_id, p.child FROM closure c"
        " JOIN delivery_documentreference r ON r.source_id = c.id"
        f" JOIN plan p ON p.node = c.node AND (p.field = r.field OR p.field = '{ANY}')),"
        f" named AS (SELECT id, {shown if plan.shown else 0} AS shown,"
        f" {heavy if plan.heavy else 0} AS heavy FROM closure WHERE node <> 0 GROUP BY id)"
    )


def _numbers(values: tuple[int, ...]) -> str:
    """Whole numbers of our own, written into the statement."""
    return ", ".join(str(int(value)) for value in values)
