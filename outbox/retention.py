"""Removing the ledger's old end: what everybody has acted on, and nobody may ask for any more.

Sequence numbers go on without a gap from the first event that is kept. Whoever follows the
sync and is further behind is told to start again (410); looking at the past (`as_of`) needs no
ledger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Min, QuerySet

from outbox.models import OPEN_STATUSES, LedgerEvent, LedgerReader, LedgerStart, StepRun, StepStatus
from outbox.pipelines import Pipeline
from outbox.planning import ledger_position

_BATCH: Final = 500
_UNSETTLED: Final = (*OPEN_STATUSES, StepStatus.DEAD)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LedgerRemoval:
    """What goes: the events `first` to `last` with their runs. `last` is less than `first` for
    nothing. `held_by` says what keeps younger ones that are old enough to go.
    """

    first: int
    last: int
    runs: int
    held_by: str | None

    @property
    def events(self) -> int:
        """How many events go."""
        return self.last - self.first + 1


def ledger_start() -> int:
    """The number up to which events have been removed on purpose; 0 for none. One query."""
    return LedgerStart.objects.values_list("sequence", flat=True).first() or 0


def plan_ledger_removal(before: datetime, pipeline: Pipeline) -> LedgerRemoval:
    """What `thin_ledger` would remove. Five queries.

    Events that are older than the instant, up to the first that has a run which is open or
    dead, or that a step has yet to read. The newest event always stays: it tells mirrors and
    followers where the ledger stands.
    """
    first = ledger_start() + 1
    last, held_by = _oldest_to_keep(before) - 1, None
    for limit, reason in (
        (_first_unsettled(), "has a step that is not settled"),
        _unread(pipeline),
    ):
        if limit is not None and limit <= last:
            last, held_by = limit - 1, f"Event {limit} {reason}, so it stays, and all after it."
    last = max(last, first - 1)
    runs = StepRun.objects.filter(event__gte=first, event__lte=last).count()
    return LedgerRemoval(first, last, runs, held_by)


def thin_ledger(
    before: datetime, pipeline: Pipeline, progress: Progress = lambda _events: None
) -> LedgerRemoval:
    """Removes it, oldest first, in batches that each commit with the new start of the ledger.

    Nobody waits for it: it takes no lock of the ledger's writers. A batch in which a person has
    meanwhile made a step due again ends the removal there, and so does another removal that has
    moved the start. `progress` gets the number of events that are gone.
    """
    removal = plan_ledger_removal(before, pipeline)
    done = removal.first - 1
    while done < removal.last:
        end = min(done + _BATCH, removal.last)
        if not _remove(done, end):
            break
        progress(end - done)
        done = end
    return LedgerRemoval(removal.first, done, removal.runs, removal.held_by)


@transaction.atomic
def _remove(after: int, until: int) -> bool:
    """Removes one batch, unless there is something left to do in it, or another removes too."""
    LedgerStart.objects.get_or_create(pk=1, defaults={"sequence": after})
    if LedgerStart.objects.select_for_update().get(pk=1).sequence != after:
        return False
    runs = StepRun.objects.filter(event__gt=after, event__lte=until)
    statuses = set(_locked(runs).values_list("status", flat=True))
    if statuses & set(_UNSETTLED):
        return False
    runs.delete()
    LedgerEvent.objects.filter(sequence__gt=after, sequence__lte=until).delete()
    LedgerStart.objects.update_or_create(pk=1, defaults={"sequence": until})
    return True


def _locked(runs: QuerySet[StepRun]) -> QuerySet[StepRun]:
    """A run that is being made due again is waited for, and seen as it then is."""
    return runs.select_for_update()


def _oldest_to_keep(before: datetime) -> int:
    # Their instants grow with their numbers (`outbox.moments`).
    young = LedgerEvent.objects.filter(occurred_at__gte=before).order_by("sequence")
    oldest = young.values_list("sequence", flat=True).first()
    return ledger_position() if oldest is None else oldest


def _first_unsettled() -> int | None:
    found: int | None = StepRun.objects.filter(status__in=_UNSETTLED).aggregate(
        first=Min("event_id")
    )["first"]
    return found


def _unread(pipeline: Pipeline) -> tuple[int, str]:
    """The first event that some step of the pipeline has not read."""
    positions = dict(
        LedgerReader.objects.filter(step__in=pipeline.steps).values_list("step", "position")
    )
    slowest = min(positions.values(), default=0)
    return slowest + 1, "was not read by each step"
