"""A list that a caller asks for, read and checked; and its select."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from delivery.document_types import DocumentType
from delivery.reading.closure import Hits
from delivery.reading.cursor import read_cursor
from delivery.reading.dialect import Dialect
from delivery.reading.filter_sql import Driving, Targets, condition_for, driving_rows
from delivery.reading.filters import Filter
from delivery.reading.fragments import Fragment, marks, rank
from delivery.reading.locales import EVERY_LANGUAGE
from delivery.reading.selection import Selection
from delivery.reading.sort_sql import BY_DATE, beyond, columns_for
from delivery.reading.sorting import SortKey


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list shows, of which documents, in which order, and which page of it."""

    types: tuple[DocumentType, ...]
    selection: Selection
    filters: tuple[Filter, ...]
    sort: tuple[SortKey, ...]
    limit: int
    locales: tuple[str, ...] | None = None
    after: str | None = None
    before: str | None = None
    with_total: bool = False
    as_of: datetime | None = None


class ListSelect:
    """Builds the select of one page of a list.

    In the usual order (by date) everything is one row comparison on an index of the site,
    type and language, or, with a single-valued filter, on the index of that filter: page 200
    costs what page 1 costs.
    """

    def __init__(
        self,
        *,
        dialect: Dialect,
        site_id: int,
        locales: tuple[str, ...],
        query: ListQuery,
        targets: Targets,
    ) -> None:
        self._site_id = site_id
        self._locales = locales
        self._query = query
        driving = self._driving(dialect, targets)
        rest = [item for item in query.filters if driving is None or item is not driving.used]
        self._source = "FROM delivery_document d" if driving is None else driving.source
        self._conditions = self._place() if driving is None else [driving.condition]
        self._conditions += [condition_for(dialect, item, targets) for item in rest]
        columns, self._joins = columns_for(
            dialect,
            query.sort,
            dated="d" if driving is None else "k",
            id_sql="d.id" if driving is None else driving.id_sql,
        )
        self._columns = [item.reversed() for item in columns] if query.before else columns

    def page(self) -> Hits:
        """The select of the page that the cursor names.

        Raises:
            Invalid: the cursor is not one of this list.
        """
        conditions = self._conditions
        edge = self._edge()
        if edge is not None:
            conditions = [*conditions, beyond(self._columns, edge)]
        keys = ", ".join(
            f"{item.selected or item.sql} AS k{number}" for number, item in enumerate(self._columns)
        )
        order = ", ".join(item.order for item in self._columns)
        rows = self._rows(conditions)
        return Hits(
            sql=f"SELECT d.id, {keys} {rows.sql} ORDER BY {order} LIMIT {self._query.limit + 1}",
            params=rows.params,
            limit=self._query.limit,
            keys=len(self._columns),
        )

    def total(self) -> Fragment:
        """The select that counts the whole list."""
        rows = self._rows(self._conditions)
        return Fragment(f"SELECT COUNT(*) {rows.sql}", rows.params)

    def scope(self) -> bytes:
        """What a cursor of this list is bound to.

        Not to an instant: a cursor is a place in an order, and the answer for an instant is,
        cursors included, the one that was given then.
        """
        query = self._query
        filters = [[item.name, item.operator, *map(str, item.values)] for item in query.filters]
        names = [item.name for item in query.types]
        sort = [str(key) for key in query.sort]
        return orjson.dumps([self._site_id, self._locales, names, sorted(filters), sort])

    def _edge(self) -> list[Any] | None:
        query = self._query
        if query.after is not None:
            return read_cursor(self.scope(), "after", query.after)
        if query.before is not None:
            return read_cursor(self.scope(), "before", query.before)
        return None

    def _rows(self, conditions: Sequence[Fragment]) -> Fragment:
        joins = " ".join(item.sql for item in self._joins)
        where = " AND ".join(item.sql for item in conditions)
        params = [value for item in (*self._joins, *conditions) for value in item.params]
        return Fragment(f"{self._source} {joins} WHERE {where}", tuple(params))

    def _driving(self, dialect: Dialect, targets: Targets) -> Driving | None:
        query = self._query
        by_date = [key.name for key in query.sort] == [BY_DATE]
        if not by_date or len(query.types) > 1 or len(self._locales) > 1:
            return None
        place = (self._site_id, query.types[0].name, self._locales[0])
        return driving_rows(dialect, place=place, filters=query.filters, targets=targets)

    def _place(self) -> list[Fragment]:
        names = tuple(item.name for item in self._query.types)
        place = [
            Fragment("d.site_id = %s", (self._site_id,)),
            Fragment(f"d.type IN ({marks(len(names))})", names),
            Fragment(f"d.locale IN ({marks(len(self._locales))})", self._locales),
        ]
        if len([tag for tag in self._locales if tag != EVERY_LANGUAGE]) <= 1:
            return place
        return [*place, best_translation(self._locales)]


def best_translation(locales: tuple[str, ...]) -> Fragment:
    """The condition that no translation of `d` is in a better language of the chain."""
    return Fragment(
        "NOT EXISTS (SELECT 1 FROM delivery_document b WHERE b.site_id = d.site_id"
        " AND b.translation_key = d.translation_key AND b.type = d.type"
        f" AND b.locale IN ({marks(len(locales))})"
        f" AND {rank('b.locale', locales)} < {rank('d.locale', locales)})",
        locales * 3,
    )
