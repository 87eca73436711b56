"""What the ledger has been doing in the last hours, in numbers for a picture."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncMinute

from core.interface import utc_now
from outbox.models import LedgerEvent, StepRun, StepStatus
from outbox.planning import ledger_position

HOURS: Final = 6
BUCKET: Final = timedelta(minutes=10)
BUCKETS: Final = int(timedelta(hours=HOURS) / BUCKET)
LOOKED_BACK: Final = 20_000
"""Events that are looked at: no index leads by time, and a busy hour must not make a slow page."""


@dataclass(frozen=True, slots=True)
class Durations:
    """How long runs of a step took that ended in one span of time."""

    runs: int = 0
    mean_ms: float = 0.0
    slowest_ms: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """Spans of ten minutes, the oldest first: events, and by step what was done."""

    begins: datetime
    events: tuple[int, ...]
    steps: dict[str, tuple[Durations, ...]]
    is_cut: bool
    """Whether more happened than was looked at, so that the beginning is missing."""

    @property
    def total(self) -> int:
        """Events in all spans."""
        return sum(self.events)


def read_activity(steps: Sequence[str]) -> Activity:
    """The last hours. Four selects over at most `LOOKED_BACK` events and their runs."""
    now = utc_now()
    last = now.replace(minute=now.minute - now.minute % 10, second=0, microsecond=0)
    begins = last - BUCKET * (BUCKETS - 1)
    start = ledger_position() - LOOKED_BACK
    return Activity(
        begins,
        _events(begins, start),
        _durations(begins, start, steps),
        is_cut=LedgerEvent.objects.filter(sequence=start, occurred_at__gte=begins).exists(),
    )


def _events(begins: datetime, start: int) -> tuple[int, ...]:
    rows = (
        LedgerEvent.objects.filter(sequence__gt=start, occurred_at__gte=begins)
        .annotate(minute=TruncMinute("occurred_at"))
        .values_list("minute")
        .annotate(n=Count("*"))
        .order_by()
    )
    spans = [0] * BUCKETS
    for minute, count in rows:
        spans[_span(minute, begins)] += count
    return tuple(spans)


def _durations(
    begins: datetime, start: int, steps: Sequence[str]
) -> dict[str, tuple[Durations, ...]]:
    rows = (
        StepRun.objects.filter(
            event__gt=start, settled_at__gte=begins, status=StepStatus.DONE, step__in=steps
        )
        .annotate(minute=TruncMinute("settled_at"))
        .values_list("step", "minute")
        .annotate(n=Count("*"), total=Sum("duration_ms"), slowest=Max("duration_ms"))
        .order_by()
    )
    sums: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0, 0] for _ in range(BUCKETS)])
    for step, minute, count, total, slowest in rows:
        cell = sums[step][_span(minute, begins)]
        cell[0] += count
        cell[1] += total or 0
        cell[2] = max(cell[2], slowest or 0)
    return {
        step: tuple(Durations(n, total / n if n else 0.0, most) for n, total, most in sums[step])
        for step in steps
    }


def _span(minute: datetime, begins: datetime) -> int:
    return min(max(0, int((minute - begins) / BUCKET)), BUCKETS - 1)
