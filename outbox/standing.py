"""Where the ledger and its steps stand, in numbers, for people and for monitoring.

What is done is not counted: of that there are millions, and nobody asks about them here.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from core.interface import utc_now
from outbox.models import OPEN_STATUSES, LedgerEvent, LedgerReader, StepRun, StepStatus
from outbox.pipelines import Pipeline
from outbox.planning import ledger_position
from outbox.progress import labels_of


@dataclass(slots=True)
class StepStanding:
    """One step. `behind` counts events that it has not read; None if it joins those that have."""

    name: str
    label: str
    behind: int | None = None
    waiting: int = 0
    queued: int = 0
    running: int = 0
    dead: int = 0
    discarded: int = 0
    oldest_open: datetime | None = None
    """When the oldest event happened for which this step is not settled."""
    lag_seconds: float = 0.0
    """How long ago that was; 0 where nothing is open."""
    unread_seconds: float = 0.0
    """How long ago the first event happened that it has not read; 0 where it has read all."""
    is_known: bool = True
    """Whether the pipeline has it still."""

    @property
    def open(self) -> int:
        """What is planned and not settled."""
        return self.waiting + self.queued + self.running


@dataclass(frozen=True, slots=True)
class Standing:
    """The ledger and all its steps, in the pipeline's order."""

    head: int
    last_event_at: datetime | None
    steps: tuple[StepStanding, ...]
    read_at: datetime = field(default_factory=utc_now)

    @property
    def lag_seconds(self) -> float:
        """The longest lag of a step."""
        return max((step.lag_seconds for step in self.steps), default=0.0)

    @property
    def open(self) -> int:
        """Over all steps."""
        return sum(step.open for step in self.steps)

    @property
    def dead(self) -> int:
        """Over all steps."""
        return sum(step.dead for step in self.steps)

    @property
    def oldest_open(self) -> datetime | None:
        """When the oldest event happened that is not settled everywhere."""
        return min((step.oldest_open for step in self.steps if step.oldest_open), default=None)


def read_standing(pipeline: Pipeline) -> Standing:
    """The numbers. Four selects, which an index answers however long the ledger is."""
    head = ledger_position()
    steps = {name: StepStanding(name, label) for name, label in labels_of(pipeline).items()}
    unread: dict[str, int] = {}
    readers = list(LedgerReader.objects.all())
    if not readers:
        # No relay has ever run: the first one begins with the first event.
        readers = [LedgerReader(step=name) for name in steps]
    for reader in readers:
        step = steps.get(reader.step)
        if step is not None:
            step.behind = max(0, head - reader.position)
            if step.behind:
                unread[step.name] = reader.position + 1
    oldest = dict(unread)
    for row in _unsettled_counts():
        step = steps.setdefault(row["step"], StepStanding(row["step"], row["step"], is_known=False))
        setattr(step, row["status"], row["n"])
        if row["status"] in OPEN_STATUSES:
            oldest[step.name] = min(row["oldest"], oldest.get(step.name, row["oldest"]))
    times = dict(
        LedgerEvent.objects.filter(
            sequence__in={head, *unread.values(), *oldest.values()}
        ).values_list("sequence", "occurred_at")
    )
    now = utc_now()
    for name, sequence in oldest.items():
        steps[name].oldest_open = times.get(sequence)
        steps[name].lag_seconds = _seconds_since(times.get(sequence), now)
    for name, sequence in unread.items():
        steps[name].unread_seconds = _seconds_since(times.get(sequence), now)
    return Standing(head, times.get(head), tuple(steps.values()), now)


def _seconds_since(instant: datetime | None, now: datetime) -> float:
    return 0.0 if instant is None else max(0.0, (now - instant).total_seconds())


def _unsettled_counts() -> list[dict[str, Any]]:
    statuses = [*OPEN_STATUSES, StepStatus.DEAD, StepStatus.DISCARDED]
    counts = StepRun.objects.filter(status__in=statuses).values("step", "status")
    return [*map(dict, counts.annotate(n=Count("*"), oldest=Min("event_id")).order_by())]
