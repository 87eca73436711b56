"""Doing steps again, because a person asks for it."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from core.interface import utc_now
from outbox.models import LedgerEvent, LedgerReader, StepRun, StepStatus
from outbox.pipelines import Pipeline

ALL_RESTING = (StepStatus.WAITING, StepStatus.DONE, StepStatus.DEAD, StepStatus.DISCARDED)


@transaction.atomic
def replay_runs(
    *,
    pipeline: Pipeline,
    steps: Collection[str],
    first: int,
    last: int,
    statuses: Collection[StepStatus] = ALL_RESTING,
) -> int:
    """Makes the runs of `steps` for events `first` to `last` due now, with all tries before them.

    Only runs in one of `statuses`; what is queued or running is left to end. With done runs
    among the statuses, events that a step passed over get a run as well. Gives how many runs
    are due. Nothing is run here: the relay does that.
    """
    if StepStatus.DONE in statuses:
        _plan_missing(pipeline, steps, first, last)
    return _resting(steps, first, last, statuses).update(
        status=StepStatus.WAITING,
        tries=0,
        losses=0,
        next_try_at=utc_now(),
        settled_at=None,
    )


def _resting(
    steps: Collection[str], first: int, last: int, statuses: Collection[StepStatus]
) -> QuerySet[StepRun]:
    wanted = set(statuses) & set(ALL_RESTING)
    return StepRun.objects.filter(
        step__in=steps, event__gte=first, event__lte=last, status__in=wanted
    )


def _plan_missing(pipeline: Pipeline, steps: Collection[str], first: int, last: int) -> None:
    """Up to where each step has read: what lies beyond comes to it by itself."""
    for reader in LedgerReader.objects.filter(step__in=steps):
        events = LedgerEvent.objects.filter(
            type__in=pipeline.types_with(reader.step),
            sequence__gte=first,
            sequence__lte=min(last, reader.position),
        )
        StepRun.objects.bulk_create(
            [
                StepRun(event_id=sequence, step=reader.step, subject=subject)
                for sequence, subject in events.values_list("sequence", "subject")
            ],
            ignore_conflicts=True,
            batch_size=500,
        )


def hurry_runs(step: str) -> int:
    """Makes the runs of a step that failed due now, with all tries before them; gives how many.

    For when the service that they need is back: the waits between tries fit its absence, not
    its return. Runs that are queued or running are left to end.
    """
    failed = StepRun.objects.filter(
        step=step, status__in=(StepStatus.WAITING, StepStatus.DEAD), tries__gt=0
    )
    return failed.update(
        status=StepStatus.WAITING, tries=0, losses=0, next_try_at=utc_now(), settled_at=None
    )
