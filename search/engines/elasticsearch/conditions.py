"""Filters of a request as conditions of the engine, and the facets that count under them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from delivery.interface import Filter
from search.engines.protocol import MOST_COUNTS
from search.entries import SEARCHED_TYPES
from search.query import LABEL_FACETS, SearchRequest

Condition = Mapping[str, Any]

_RANGES: Final = ("gt", "gte", "lt", "lte")
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
        if set(request.types) != set(SEARCHED_TYPES):
            self._by_facet["type"] = [{"terms": {"type": list(request.types)}}]

    def all(self) -> list[Condition]:
        return [item for items in self._by_facet.values() for item in items]

    def without(self, facet: str) -> list[Condition]:
        """All but the facet's own: what its counts are narrowed by."""
        others = (items for name, items in self._by_facet.items() if name != facet)
        return [item for items in others for item in items]


def aggregations(facets: Iterable[str], selection: Selection) -> dict[str, Any]:
    """One aggregation for each facet, under the filters of the others."""
    return {
        facet: {
            "filter": {"bool": {"filter": selection.without(facet)}},
            "aggs": _aggregations_of(facet),
        }
        for facet in facets
    }


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
