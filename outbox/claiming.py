"""Who may run what: claims with a lease, so that a run has one holder, and a lost holder's
runs come back.

A run is first claimed (queued), then begun (running): between the two it may lie in the
broker. Every change asks for the lease id that it believes in, so a holder whose lease went to
another changes nothing any more, and a message that comes twice does nothing the second time.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.interface import utc_now
from outbox.models import OPEN_STATUSES, StepRun, StepStatus
from outbox.pipelines import Pipeline

# How long a claimed run may lie in the queue before the next sweep claims it again.
_QUEUE_LEASE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to begin one run."""

    run_id: int
    lease_id: UUID
    step: str


def claim_due_runs(pipeline: Pipeline, *, limit: int) -> list[Claim]:
    """Claims up to `limit` runs whose time has come, oldest event first.

    Left out are runs of steps that this process does not know, runs whose needs are open, and
    runs of an ordered step while an earlier event of the same subject is open for it. Several
    relays may claim at once: each run goes to one of them. Two selects when nothing is due.
    """
    now = utc_now()
    # One status at a time: each is a walk along the index that ends at the limit, however long
    # the backlog.
    waiting = Q(status=StepStatus.WAITING, next_try_at__lte=now)
    claims = _claim_where(waiting, pipeline, now, limit)
    left_lying = Q(status=StepStatus.QUEUED, lease_until__lte=now)
    return claims + _claim_where(left_lying, pipeline, now, limit - len(claims))


def _claim_where(due: Q, pipeline: Pipeline, now: datetime, limit: int) -> list[Claim]:
    if limit <= 0:
        return []
    lease_id = uuid4()
    candidates = StepRun.objects.filter(due, _is_free(pipeline), step__in=pipeline.steps)
    ordered = candidates.order_by("event_id").values_list("pk", flat=True)
    # SQLite locks no rows, and a transaction would take its one writer's lock for nothing when
    # nothing is due: there the update, which asks for the condition again, decides alone.
    locks = connection.features.has_select_for_update_skip_locked
    with transaction.atomic() if locks else nullcontext():
        if locks:
            ordered = ordered.select_for_update(skip_locked=True, of=("self",))
        ids = list(ordered[:limit])
        if not ids:
            return []
        StepRun.objects.filter(due, pk__in=ids).update(
            status=StepStatus.QUEUED,
            lease_id=lease_id,
            lease_until=now + timedelta(seconds=_QUEUE_LEASE_SECONDS),
        )
        won = StepRun.objects.filter(pk__in=ids, lease_id=lease_id).order_by("event_id", "pk")
        return [Claim(pk, lease_id, step) for pk, step in won.values_list("pk", "step")]


def _is_free(pipeline: Pipeline) -> Q:
    open_runs = StepRun.objects.filter(status__in=OPEN_STATUSES)
    earlier = open_runs.filter(
        subject=OuterRef("subject"), step=OuterRef("step"), event__lt=OuterRef("event")
    )
    unordered = [step.name for step in pipeline.steps.values() if not step.is_ordered]
    condition = Q(step__in=unordered) | ~Q(Exists(earlier))
    for step in pipeline.steps.values():
        if step.needs:
            needed = open_runs.filter(event=OuterRef("event"), step__in=step.needs)
            condition &= ~Q(step=step.name) | ~Q(Exists(needed))
    return condition


def begin_run(claim: Claim, *, lease_seconds: int) -> StepRun | None:
    """Starts a claimed run and counts the try; None when the claim is no longer ours.

    The run comes with its event. Two statements.
    """
    began = _held(claim, StepStatus.QUEUED).update(
        status=StepStatus.RUNNING,
        tries=F("tries") + 1,
        lease_until=utc_now() + timedelta(seconds=lease_seconds),
    )
    if not began:
        return None
    return StepRun.objects.select_related("event").get(pk=claim.run_id)


def release_claims(claims: Sequence[Claim], *, wait_seconds: float = 0) -> None:
    """Gives claims back that were not begun; the tries stay as they are."""
    StepRun.objects.filter(
        pk__in=[claim.run_id for claim in claims],
        lease_id__in={claim.lease_id for claim in claims},
        status=StepStatus.QUEUED,
    ).update(
        status=StepStatus.WAITING,
        lease_id=None,
        lease_until=None,
        next_try_at=utc_now() + timedelta(seconds=wait_seconds),
    )


def lost_runs(*, limit: int) -> list[StepRun]:
    """Runs whose holder began them and did not end them within the lease."""
    lost = StepRun.objects.filter(status=StepStatus.RUNNING, lease_until__lte=utc_now())
    return list(lost.order_by("event_id", "pk")[:limit])


def _held(claim: Claim, status: StepStatus) -> QuerySet[StepRun]:
    return StepRun.objects.filter(pk=claim.run_id, lease_id=claim.lease_id, status=status)
