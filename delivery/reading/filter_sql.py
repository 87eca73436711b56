"""Filters as conditions on documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from delivery.document_types import Kind
from delivery.reading.dialect import Dialect, hyphenated
from delivery.reading.filters import UUID_TEXT, Filter, FilterValue
from delivery.reading.fragments import Fragment
from delivery.reading.past import fetch_at
from delivery.reading.site_lookup import Site
from delivery.reading.sort_sql import value_column

Targets = Mapping[tuple[str, str], tuple[str, ...]]
"""The ids behind the slugs in filters, by the name of the filter and the slug."""

NOTHING: Final = Fragment("1 = 0")
EVERYTHING: Final = Fragment("1 = 1")
_SIGNS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_NEGATIVE: Final = frozenset({"ne", "nin"})


@dataclass(frozen=True, slots=True)
class Driving:
    """A filter that chooses the rows to begin with: its own index has the order of the list."""

    source: str
    id_sql: str
    condition: Fragment
    used: Filter


def find_targets(
    dialect: Dialect, site: Site, filters: Sequence[Filter]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Looks up the slugs that filters on references name. One query, none without such slugs."""
    wanted = _slugs_by_filter(filters)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    if not wanted:
        return found
    pairs = dict.fromkeys((target, slug) for _, target, slug in wanted)
    rows = fetch_at(
        site.at,
        f"SELECT type, slug, {dialect.id_text.format('id')} FROM delivery_document"
        f" WHERE site_id = %s AND ({' OR '.join(['(type = %s AND slug = %s)'] * len(pairs))})"
        " ORDER BY id",
        (site.id, *(part for pair in pairs for part in pair)),
    )
    for name, target, slug in wanted:
        ids = tuple(hyphenated(row[2]) for row in rows if row[0] == target and row[1] == slug)
        found[name, slug] = found.get((name, slug), ()) + ids
    return found


def slugs_in(filters: Sequence[Filter]) -> list[tuple[str, str]]:
    """The types and slugs that filters look up: whichever documents have them decide the list."""
    return list(dict.fromkeys((target, slug) for _, target, slug in _slugs_by_filter(filters)))


def _slugs_by_filter(filters: Sequence[Filter]) -> list[tuple[str, str, str]]:
    return [
        (item.name, target, str(value))
        for item in filters
        if item.is_reference
        for value in item.values
        if not UUID_TEXT.fullmatch(str(value))
        for target in item.targets
    ]


def condition_for(dialect: Dialect, item: Filter, targets: Targets) -> Fragment:
    """The condition on `d`, the document."""
    if item.is_column:
        return _column_condition(dialect, item)
    negation = "NOT " if item.operator in _NEGATIVE else ""
    if item.is_reference:
        ids = _target_ids(item, targets)
        if not ids:
            return EVERYTHING if negation else NOTHING
        return Fragment(
            f"{negation}EXISTS (SELECT 1 FROM delivery_documentreference r"
            " WHERE r.source_id = d.id AND r.field = %s"
            f" AND r.target_id IN ({', '.join([dialect.id_value] * len(ids))}))",
            (item.name, *map(dialect.id_param, ids)),
        )
    test = _value_test(dialect, item)
    return Fragment(
        f"{negation}EXISTS (SELECT 1 FROM delivery_documentvalue v"
        f" WHERE v.document_id = d.id AND v.field = %s AND {test.sql})",
        (item.name, *test.params),
    )


def driving_rows(
    dialect: Dialect,
    *,
    place: tuple[int, str, str],
    filters: Sequence[Filter],
    targets: Targets,
) -> Driving | None:
    """The first filter for one value, if any, as the place to begin.

    `place` is the site, the type and the language of the list.
    """
    site_id, type_name, locale = place
    for item in filters:
        if item.operator != "eq" or item.is_column:
            continue
        if item.is_reference:
            ids = _target_ids(item, targets)
            if len(ids) == 1:
                return Driving(
                    "FROM delivery_documentreference k JOIN delivery_document d ON d.id = k.source_id",
                    "k.source_id",
                    Fragment(
                        f"k.target_id = {dialect.id_value} AND k.field = %s AND k.type = %s"
                        " AND k.locale = %s AND d.site_id = %s",
                        (dialect.id_param(ids[0]), item.name, type_name, locale, site_id),
                    ),
                    item,
                )
        elif value_column(item.kind) == "text":
            return Driving(
                "FROM delivery_documentvalue k JOIN delivery_document d ON d.id = k.document_id",
                "k.document_id",
                Fragment(
                    "k.site_id = %s AND k.type = %s AND k.field = %s AND k.text = %s AND k.locale = %s",
                    (site_id, type_name, item.name, *_params(dialect, item), locale),
                ),
                item,
            )
    return None


def _target_ids(item: Filter, targets: Targets) -> tuple[str, ...]:
    ids: dict[str, None] = {}
    for value in map(str, item.values):
        found = targets.get((item.name, value), (value,) if UUID_TEXT.fullmatch(value) else ())
        ids |= dict.fromkeys(found)
    return tuple(ids)


def _params(dialect: Dialect, item: Filter) -> tuple[Any, ...]:
    return tuple(_param(dialect, value) for value in item.values)


def _param(dialect: Dialect, value: FilterValue) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return dialect.time_param(value)
    return value


def _cast(dialect: Dialect, item: Filter) -> str:
    if item.kind in {Kind.INTEGER, Kind.DECIMAL}:
        return "CAST(%s AS NUMERIC)"
    return dialect.time_value if item.kind in {Kind.DATE, Kind.TIME} else "%s"


def _value_test(dialect: Dialect, item: Filter) -> Fragment:
    """The test on `v`, for a positive match; the caller negates."""
    column, cast = f"v.{value_column(item.kind)}", _cast(dialect, item)
    if item.operator in _SIGNS:
        return Fragment(f"{column} {_SIGNS[item.operator]} {cast}", _params(dialect, item))
    casts = ", ".join([cast] * len(item.values))
    return Fragment(f"{column} IN ({casts})", _params(dialect, item))


def _column_condition(dialect: Dialect, item: Filter) -> Fragment:
    column, cast, values = f"d.{item.name}", _cast(dialect, item), _params(dialect, item)
    if item.name == "id":
        cast, values = dialect.id_value, tuple(dialect.id_param(str(v)) for v in item.values)
    if item.operator in _SIGNS:
        return Fragment(f"{column} {_SIGNS[item.operator]} {cast}", values)
    casts = ", ".join([cast] * len(values))
    if item.operator in _NEGATIVE:
        return Fragment(f"({column} IS NULL OR {column} NOT IN ({casts}))", values)
    return Fragment(f"{column} IN ({casts})", values)
