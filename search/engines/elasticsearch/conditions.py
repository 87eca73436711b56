"""Filters of a request as conditions of the engine, and the facets that count under them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from delivery.interface import Filter
from search.engines.protocol import MOST_COUNTS
from search.entries import searched_types
from search.query import LABEL_FACETS, SearchRequest

Condition = Mapping[str, Any]

_RANGES: Final = ("gt", "gte", "lt", "lte")
_PART: Final = ":"
_NEGATED: Final = ("ne", "nin")


def scope(site_id: int, locale: str) -> list[Condition]:
    """What nobody ever sees beyond: the website and its language."""
    return [{"term": {"site_id": site_id}}, {"term": {"locale": locale}}]


def condition(item: Filter) -> Condition:
    """The condition of one filter."""
    if item.operator in _RANGES:
        return {"range": {item.name: {item.operator: _plain(item.values[0])}}}
    values = [_plain(value) for value in item.values]
    if item.name in LABEL_FACETS:
        # A label is named by its slug or its id.
        fields = (f"{item.name}.slug", f"{item.name}.id")
        found: Condition = any_of([{"terms": {name: values}} for name in fields])
    else:
        found = {"terms": {item.name: values}}
    return {"bool": {"must_not": [found]}} if item.operator in _NEGATED else found


def any_of(conditions: Sequence[Condition]) -> Condition:
    """At least one of them; the best of their scores adds up."""
    return {"bool": {"should": list(conditions), "minimum_should_match": 1}}


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime) else value


class Selection:
    """The filters of a request, by the facet that each belongs to."""

    def __init__(self, request: SearchRequest) -> None:
        self._by_facet: dict[str, list[Condition]] = {}
        for item in request.filters:
            facet = "price" if item.name == "currency" else item.name
            self._by_facet.setdefault(facet, []).append(condition(item))
        if set(request.types) != set(searched_types()):
            self._by_facet["type"] = [{"terms": {"type": list(request.types)}}]

    def all(self) -> list[Condition]:
        return [item for items in self._by_facet.values() for item in items]

    def without(self, facet: str) -> list[Condition]:
        """All but the facet's own: what its counts are narrowed by."""
        others = (items for name, items in self._by_facet.items() if name != facet)
        return [item for items in others for item in items]


def aggregations(facets: Iterable[str], selection: Selection) -> dict[str, Any]:
    """The aggregations of each facet, under the filters of the others where there are any.

    A filter that lets everything pass still takes the engine a fifth of a whole search.
    """
    found: dict[str, Any] = {}
    for facet in facets:
        others, own = selection.without(facet), _aggregations_of(facet)
        if others:
            found[facet] = {"filter": {"bool": {"filter": others}}, "aggs": own}
        else:
            found |= {f"{facet}{_PART}{name}": item for name, item in own.items()}
    return found


def by_facet(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What the engine answers to `aggregations`, by facet and name."""
    facets: dict[str, dict[str, Any]] = {}
    for key, value in found.items():
        facet, _, name = key.partition(_PART)
        facets.setdefault(facet, {}).update({name: value} if name else value)
    return facets


def _aggregations_of(facet: str) -> dict[str, Any]:
    if facet == "price":
        return {
            "values": {
                "terms": {"field": "currency", "size": MOST_COUNTS},
                "aggs": {"prices": {"stats": {"field": "price"}}},
            }
        }
    if facet == "published_at":
        years = {"field": facet, "calendar_interval": "year", "min_doc_count": 1, "format": "yyyy"}
        return {
            "first": {"min": {"field": facet}},
            "last": {"max": {"field": facet}},
            "values": {"date_histogram": years | {"order": {"_key": "desc"}}},
        }
    field = f"{facet}.shown" if facet in LABEL_FACETS else facet
    return {"values": {"terms": {"field": field, "size": MOST_COUNTS}}}
