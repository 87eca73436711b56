"""What the engine answers, as the plain values of the protocol."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from search.engines.elasticsearch.conditions import by_facet
from search.engines.elasticsearch.highlighting import read_highlights
from search.engines.elasticsearch.queries import pin_boosts
from search.engines.elasticsearch.stored import read_label
from search.engines.protocol import (
    DateRange,
    FacetCount,
    Facets,
    Hit,
    PriceRange,
    labelled,
)
from search.query import LABEL_FACETS, SearchRequest

Answer = Mapping[str, Any]


def read_hits(answer: Answer, request: SearchRequest, language: str) -> tuple[Hit, ...]:
    """The hits of a search; what pins one on top is no part of its score."""
    pins = pin_boosts(request)
    return tuple(
        Hit(
            id=UUID(hit["_id"]),
            score=_score(hit, pins),
            highlights=(
                read_highlights(hit.get("highlight", {}), language)
                if request.wants_highlights
                else None
            ),
            explanation=hit.get("_explanation"),
        )
        for hit in answer["hits"]["hits"]
    )


def _score(hit: Answer, pins: Mapping[UUID, float]) -> float:
    # What is sorted by its score has it there alone.
    given = hit["_score"]
    score = float(hit["sort"][0] if given is None else given)
    pin = pins.get(UUID(hit["_id"]))
    # The engine's scores have 24 bits; what is left of them below a pin's boost is two places.
    return score if pin is None else max(0.0, round(score - pin, 2))


def read_facets(answer: Answer, facets: Sequence[str]) -> Facets:
    """The facets that were asked for."""
    found = by_facet(answer.get("aggregations", {}))
    return Facets(
        counts={
            name: labelled(_counts(name, found[name]["values"]["buckets"]))
            for name in facets
            if name not in {"price", "published_at"}
        },
        prices=_prices(found["price"]["values"]["buckets"]) if "price" in facets else (),
        dates=_dates(found["published_at"]) if "published_at" in facets else None,
    )


def _counts(facet: str, buckets: Sequence[Answer]) -> list[FacetCount]:
    if facet in LABEL_FACETS:
        return [read_label(item["key"], item["doc_count"]) for item in buckets]
    return [FacetCount(value=item["key"], count=item["doc_count"]) for item in buckets]


def _prices(buckets: Sequence[Answer]) -> tuple[PriceRange, ...]:
    ranges = [
        PriceRange(
            currency=item["key"],
            lowest=Decimal(str(item["prices"]["min"])),
            highest=Decimal(str(item["prices"]["max"])),
            count=item["prices"]["count"],
        )
        for item in buckets
        if item["prices"]["count"]
    ]
    return tuple(sorted(ranges, key=lambda item: item.currency))


def _dates(found: Answer) -> DateRange | None:
    if found["first"]["value"] is None:
        return None
    return DateRange(
        first=_instant(found["first"]["value"]),
        last=_instant(found["last"]["value"]),
        years=tuple(
            FacetCount(value=item["key_as_string"], count=item["doc_count"])
            for item in found["values"]["buckets"]
        ),
    )


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
