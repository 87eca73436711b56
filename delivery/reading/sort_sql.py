"""Ordering a list, and cutting it at a document."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from delivery.document_types import Kind
from delivery.reading.dialect import Dialect
from delivery.reading.fragments import Fragment
from delivery.reading.sorting import SortKey

BY_DATE = "published_at"


@dataclass(frozen=True, slots=True)
class SortColumn:
    """An expression to order by; `cast` is the placeholder that a value of it needs."""

    sql: str
    cast: str
    is_descending: bool
    selected: str = ""
    """As it is selected, if not as it stands."""

    def reversed(self) -> "SortColumn":
        """The same, the other way."""
        return replace(self, is_descending=not self.is_descending)

    @property
    def order(self) -> str:
        """As it stands in ORDER BY."""
        return f"{self.sql} {'DESC' if self.is_descending else 'ASC'}"


def columns_for(
    dialect: Dialect, sort: Sequence[SortKey], *, dated: str, id_sql: str
) -> tuple[list[SortColumn], list[Fragment]]:
    """The expressions for some sort keys, and the joins that they need.

    `dated` is the table that `sorted_at` is taken from. None of the expressions is ever null:
    a field without a value sorts last, by a column of its own before it. The id breaks ties.
    """
    columns: list[SortColumn] = []
    joins: list[Fragment] = []
    for number, key in enumerate(sort):
        down = key.is_descending
        if key.name == BY_DATE:
            columns.append(_instant(f"{dated}.sorted_at", dialect, is_descending=down))
        elif key.name == "title":
            columns.append(SortColumn("d.title", "%s", down))
        elif key.name == "updated_at":
            columns += _nullable("d.updated_at", Kind.TIME, dialect, is_descending=down)
        else:
            alias = f"v{number}"
            joins.append(_join(alias, key.name))
            value = f"{alias}.{value_column(key.kind)}"
            columns += _nullable(value, key.kind, dialect, is_descending=down)
    columns.append(SortColumn(id_sql, dialect.id_value, sort[0].is_descending))
    return columns, joins


def value_column(kind: Kind) -> str:
    """The column of `DocumentValue` that values of this kind are in."""
    if kind in {Kind.INTEGER, Kind.DECIMAL}:
        return "number"
    return "time" if kind in {Kind.DATE, Kind.TIME} else "text"


def beyond(columns: Sequence[SortColumn], values: Sequence[Any]) -> Fragment:
    """The condition for what comes after the document with these sort keys."""
    directions = {item.is_descending for item in columns}
    if len(directions) == 1:
        left = ", ".join(item.sql for item in columns)
        right = ", ".join(item.cast for item in columns)
        sign = "<" if directions.pop() else ">"
        return Fragment(f"({left}) {sign} ({right})", tuple(values))
    ways: list[str] = []
    params: list[Any] = []
    for index, item in enumerate(columns):
        same = [f"{other.sql} = {other.cast}" for other in columns[:index]]
        sign = "<" if item.is_descending else ">"
        ways.append(f"({' AND '.join([*same, f'{item.sql} {sign} {item.cast}'])})")
        params += values[: index + 1]
    return Fragment(f"({' OR '.join(ways)})", tuple(params))


def _join(alias: str, name: str) -> Fragment:
    return Fragment(
        f"LEFT JOIN delivery_documentvalue {alias}"
        f" ON {alias}.document_id = d.id AND {alias}.field = %s",
        (name,),
    )


def _nullable(sql: str, kind: Kind, dialect: Dialect, *, is_descending: bool) -> list[SortColumn]:
    is_empty = SortColumn(f"CASE WHEN {sql} IS NULL THEN 1 ELSE 0 END", "%s", is_descending=False)
    column = value_column(kind)
    if column == "time":
        filled = f"COALESCE({sql}, '1970-01-01 00:00:00+00')"
        return [is_empty, _instant(filled, dialect, is_descending=is_descending)]
    if column == "number":
        return [is_empty, SortColumn(f"COALESCE({sql}, 0)", "CAST(%s AS NUMERIC)", is_descending)]
    return [is_empty, SortColumn(f"COALESCE({sql}, '')", "%s", is_descending)]


def _instant(sql: str, dialect: Dialect, *, is_descending: bool) -> SortColumn:
    selected = dialect.time_text.format(sql)
    return SortColumn(sql, dialect.time_value, is_descending, selected)
