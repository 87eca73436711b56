"""Who may run what: claims with a lease, so that a run has one holder, and a lost holder's
runs come back.

A run is first claimed (queued), then begun (running): between the two it may lie in the
broker. Every change asks for the lease id that it believes in, so a holder whose lease went to
another changes nothing any more, and a message that comes twice does nothing the second time.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.interface import utc_now
from outbox.batches import BATCH_SIZE, Batch, Claim
from outbox.models import OPEN_STATUSES, StepRun, StepStatus
from outbox.pipelines import Pipeline, Step

# How long a claimed run may lie in the queue before the next sweep claims it again.
_QUEUE_LEASE_SECONDS: Final = 60


def claim_due_runs(pipeline: Pipeline, rooms: Mapping[str, int]) -> list[Claim]:
    """Claims runs whose time has come, oldest event first: of each step, as many as have room.

    Left out are runs of steps that this process does not know, runs whose needs are open, and
    runs of an ordered step while an earlier event of the same subject is open for it. Several
    relays may claim at once: each run goes to one of them. A select for each step and one more
    when nothing is due.
    """
    now = utc_now()
    claims: list[Claim] = []
    # One step and one status at a time: each is a walk along the index that ends at the limit; and
    # no step takes the room of another. A walk goes on past what is not due or not free, so it
    # grows with the runs that wait for a next try, or behind an earlier one of their subject.
    for name, step in pipeline.steps.items():
        waiting = Q(status=StepStatus.WAITING, next_try_at__lte=now)
        claims += _claim_where(waiting, step, now, rooms.get(name, 0))
    left_lying = Q(status=StepStatus.QUEUED, lease_until__lte=now)
    lying = StepRun.objects.filter(left_lying, step__in=pipeline.steps).order_by()
    for name in sorted(set(lying.values_list("step", flat=True).distinct())):
        # They have their room already.
        claims += _claim_where(left_lying, pipeline.steps[name], now, BATCH_SIZE)
    return claims


def _claim_where(due: Q, step: Step, now: datetime, limit: int) -> list[Claim]:
    if limit <= 0:
        return []
    lease_id = uuid4()
    candidates = StepRun.objects.filter(due, _is_free(step), step=step.name)
    ordered = candidates.order_by("event_id").values_list("pk", "losses")
    # SQLite locks no rows, and a transaction would take its one writer's lock for nothing when
    # nothing is due: there the update, which asks for the condition again, decides alone.
    locks = connection.features.has_select_for_update_skip_locked
    with transaction.atomic() if locks else nullcontext():
        if locks:
            ordered = ordered.select_for_update(skip_locked=True, of=("self",))
        found = list(ordered[:limit])
        if not found:
            return []
        ids = [pk for pk, _ in found]
        StepRun.objects.filter(due, pk__in=ids).update(
            status=StepStatus.QUEUED,
            lease_id=lease_id,
            lease_until=now + timedelta(seconds=_QUEUE_LEASE_SECONDS),
        )
        if not locks:
            won = StepRun.objects.filter(pk__in=ids, lease_id=lease_id)
            found = list(won.order_by("event_id").values_list("pk", "losses"))
    return [Claim(pk, lease_id, step.name, is_alone=losses > 0) for pk, losses in found]


def _is_free(step: Step) -> Q:
    open_runs = StepRun.objects.filter(status__in=OPEN_STATUSES)
    condition = Q()
    if step.is_ordered:
        earlier = open_runs.filter(
            subject=OuterRef("subject"), step=step.name, event__lt=OuterRef("event")
        )
        condition &= ~Q(Exists(earlier))
    if step.needs:
        needed = open_runs.filter(event=OuterRef("event"), step__in=step.needs)
        condition &= ~Q(Exists(needed))
    return condition


def begin_batch(batch: Batch, *, lease_seconds: float) -> list[StepRun]:
    """Starts the claimed runs that are still ours, and counts the try; gives them in order.

    None of them when the message came before: whoever was first began all that it could. The
    runs come with their events. Two statements.
    """
    began = _held(batch, StepStatus.QUEUED).update(
        status=StepStatus.RUNNING,
        tries=F("tries") + 1,
        lease_until=utc_now() + timedelta(seconds=lease_seconds),
    )
    if not began:
        return []
    runs = _held(batch, StepStatus.RUNNING).select_related("event")
    return list(runs.order_by("event_id"))


def release_batches(batches: Sequence[Batch], *, wait_seconds: float = 0) -> None:
    """Gives back what was claimed and not begun; the tries stay as they are."""
    for batch in batches:
        _held(batch, StepStatus.QUEUED).update(
            status=StepStatus.WAITING,
            lease_id=None,
            lease_until=None,
            next_try_at=utc_now() + timedelta(seconds=wait_seconds),
        )


def give_back(runs: Sequence[StepRun]) -> None:
    """Gives back what was begun with others and not run after all: it was no try. One statement."""
    if runs:
        ids, leases = [run.pk for run in runs], {run.lease_id for run in runs}
        StepRun.objects.filter(
            pk__in=ids, lease_id__in=leases, status=StepStatus.RUNNING, tries__gt=0
        ).update(
            status=StepStatus.WAITING,
            tries=F("tries") - 1,
            lease_id=None,
            lease_until=None,
            next_try_at=utc_now(),
        )


def lost_runs(*, limit: int) -> list[StepRun]:
    """Runs whose holder began them and did not end them within the lease."""
    lost = StepRun.objects.filter(status=StepStatus.RUNNING, lease_until__lte=utc_now())
    return list(lost.order_by("event_id", "pk")[:limit])


def begun_runs(batch: Batch) -> list[StepRun]:
    """What of the batch is running. One query."""
    return list(_held(batch, StepStatus.RUNNING))


def _held(batch: Batch, status: StepStatus) -> QuerySet[StepRun]:
    return StepRun.objects.filter(pk__in=batch.run_ids, lease_id=batch.lease_id, status=status)
