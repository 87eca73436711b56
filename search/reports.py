"""What was searched for and chosen, added up over days for people to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db.models import Max, Model, QuerySet, Sum

from core.interface import utc_now
from delivery.interface import Document
from search.models import ClickCount, QueryCount
from search.trying import Place

Row = TypeVar("Row", bound=Model)


class Report(StrEnum):
    """What to tell of."""

    POPULAR = "popular"
    EMPTY = "empty"
    CLICKS = "clicks"


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A query over the days: how often it was answered, how often with nothing, what was chosen.

    `place` is the mean place of the results that were chosen; None where none was.
    """

    query: str
    times: int
    empty: int
    found: int
    clicks: int
    place: float | None


@dataclass(frozen=True, slots=True)
class ClickRow:
    """A result over the days. `title` is empty for a document that is not public any more."""

    query: str
    document_id: UUID
    title: str
    path: str
    clicks: int
    place: float


@dataclass(frozen=True, slots=True)
class DayCount:
    """The searches of a day."""

    day: str
    times: int
    empty: int


def list_queries(place: Place, *, days: int, limit: int, only_empty: bool) -> list[QueryRow]:
    """The queries asked most, or most in vain. Two queries."""
    asked = (
        _since(QueryCount.objects.all(), place, days)
        .values("query")
        .annotate(all_times=Sum("times"), all_empty=Sum("empty"), most=Max("found"))
    )
    if only_empty:
        asked = asked.filter(all_empty__gt=0).order_by("-all_empty", "query")
    else:
        asked = asked.order_by("-all_times", "query")
    rows = list(asked.values_list("query", "all_times", "all_empty", "most")[:limit])
    chosen = {
        query: (clicks, positions)
        for query, clicks, positions in _since(ClickCount.objects.all(), place, days)
        .filter(query__in=[row[0] for row in rows])
        .values("query")
        .annotate(all_clicks=Sum("clicks"), all_positions=Sum("positions"))
        .values_list("query", "all_clicks", "all_positions")
    }
    return [QueryRow(*row, *_mean(*chosen.get(row[0], (0, 0)))) for row in rows]


def list_clicks(place: Place, *, days: int, limit: int) -> list[ClickRow]:
    """The results chosen most. Two queries."""
    rows = list(
        _since(ClickCount.objects.all(), place, days)
        .values("query", "document_id")
        .annotate(all_clicks=Sum("clicks"), all_positions=Sum("positions"))
        .order_by("-all_clicks", "query", "document_id")
        .values_list("query", "document_id", "all_clicks", "all_positions")[:limit]
    )
    documents = Document.objects.in_bulk({row[1] for row in rows})
    return [
        ClickRow(
            query=query,
            document_id=document_id,
            title=documents[document_id].title if document_id in documents else "",
            path=documents[document_id].path if document_id in documents else "",
            clicks=clicks,
            place=round(positions / clicks, 1),
        )
        for query, document_id, clicks, positions in rows
    ]


def count_days(place: Place, *, days: int) -> Sequence[DayCount]:
    """The searches of each day, the days without any included; the oldest first. One query."""
    known = {
        day: (times, empty)
        for day, times, empty in _since(QueryCount.objects.all(), place, days)
        .values("day")
        .annotate(all_times=Sum("times"), all_empty=Sum("empty"))
        .values_list("day", "all_times", "all_empty")
    }
    today = utc_now().date()
    all_days = [today - timedelta(days=age) for age in reversed(range(days))]
    return [DayCount(day.isoformat(), *known.get(day, (0, 0))) for day in all_days]


def _since(rows: QuerySet[Row], place: Place, days: int) -> QuerySet[Row]:
    first = utc_now().date() - timedelta(days=days - 1)
    return rows.filter(site_id=place.site_id, locale=place.locale, day__gte=first)


def _mean(clicks: int, positions: int) -> tuple[int, float | None]:
    return clicks, round(positions / clicks, 1) if clicks else None
