"""Who may run what: claims with a lease, so that a run has one holder, and a lost holder's
runs come back.

A run is first claimed (queued), then begun (running): between the two it may lie in the
broker. Every change asks for the lease id that it believes in, so a holder whose lease went to
another changes nothing any more, and a message that comes twice does nothing the second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, QuerySet

from core.interface import utc_now
from outbox.batches import BATCH_SIZE, Batch, Claim
from outbox.models import OPEN_STATUSES, LedgerEvent, StepRun, StepStatus
from outbox.pipelines import Pipeline, Step
from outbox.sql import adapted, among

# How long a claimed run may lie in the queue before the next sweep claims it again.
_QUEUE_LEASE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that this process has in hand: what it takes to do it, and to settle it."""

    pk: int
    step: str
    lease_id: UUID
    tries: int
    losses: int
    event: LedgerEvent

    @property
    def event_id(self) -> int:
        """The event's number, as a row of the table names it."""
        return self.event.sequence


def claim_due_runs(pipeline: Pipeline, rooms: Mapping[str, int]) -> list[Claim]:
    """Claims runs whose time has come, oldest event first: of each step, as many as have room.

    Left out are runs of steps that this process does not know, runs whose needs are open, and
    runs of an ordered step while an earlier event of the same subject is open for it. Several
    relays may claim at once: each run goes to one of them. A statement for each step.
    """
    now = utc_now()
    claims: list[Claim] = []
    # One step and one status at a time: each is a walk along the index that ends at the limit; and
    # no step takes the room of another. A walk goes on past what is not due or not free, so it
    # grows with the runs that wait for a next try, or behind an earlier one of their subject.
    for name, step in pipeline.steps.items():
        claims += _claim(step, StepStatus.WAITING, now, rooms.get(name, 0))
    return claims


def claim_left_lying(pipeline: Pipeline) -> list[Claim]:
    """Claims runs that were claimed before and not begun within a minute. One query mostly."""
    now = utc_now()
    claims: list[Claim] = []
    left_lying = StepRun.objects.filter(
        status=StepStatus.QUEUED, lease_until__lte=now, step__in=pipeline.steps
    )
    for name in sorted(left_lying.order_by().values_list("step", flat=True).distinct()):
        # They have their room already.
        claims += _claim(pipeline.steps[name], StepStatus.QUEUED, now, BATCH_SIZE)
    return claims


# Whether another run is in the way is asked for each run that the walk comes to. As a value, not
# by EXISTS: that would be made a join, and a planner that last saw few rows then reads all of them
# before it gives the first.
_FREE: Final = " AND (SELECT 1 FROM outbox_steprun other WHERE {} LIMIT 1) IS NULL"
_OPEN: Final = ", ".join(f"'{status.value}'" for status in OPEN_STATUSES)
_IS_OPEN: Final = f"other.status IN ({_OPEN})"
_EARLIER: Final = _FREE.format(
    f"other.subject = run.subject AND other.step = run.step AND {_IS_OPEN}"
    " AND other.event_id < run.event_id"
)
_NEEDED: Final = f"other.event_id = run.event_id AND other.step IN ({{}}) AND {_IS_OPEN}"
_DUE: Final = """
    SELECT run.id FROM outbox_steprun run
    WHERE run.step = %s AND run.status = %s AND run.{due_at} <= %s{free}
    ORDER BY run.event_id LIMIT %s
"""
_CLAIM: Final = """
    UPDATE outbox_steprun SET status = 'queued', lease_id = %s, lease_until = %s
    WHERE id {due} RETURNING event_id, id, losses
"""
# Without an array, PostgreSQL may choose to read the whole table for what is found. SQLite locks
# no rows; it writes one statement at a time.
_AMONG_DUE: Final = {
    "postgresql": "= ANY (ARRAY ({} FOR UPDATE OF run SKIP LOCKED))",
    "sqlite": "IN ({})",
}
_BEGIN: Final = """
    UPDATE outbox_steprun SET status = 'running', tries = tries + 1, lease_until = %s
    WHERE id {among} AND lease_id = %s AND status = 'queued'
    RETURNING event_id, id, tries, losses
"""


def _claim(step: Step, status: StepStatus, now: datetime, limit: int) -> list[Claim]:
    if limit <= 0:
        return []
    lease_id, until = uuid4(), now + timedelta(seconds=_QUEUE_LEASE_SECONDS)
    free = _EARLIER if step.is_ordered else ""
    if step.needs:
        free += _FREE.format(_NEEDED.format(", ".join(["%s"] * len(step.needs))))
    due_at = "next_try_at" if status is StepStatus.WAITING else "lease_until"
    due = _DUE.format(due_at=due_at, free=free)
    values = [step.name, status.value, adapted("lease_until", now), *step.needs]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # An update takes the one writer's lock, even if it finds nothing.
            cursor.execute(due, [*values, 1])
            if cursor.fetchone() is None:
                return []
        cursor.execute(
            _CLAIM.format(due=_AMONG_DUE[connection.vendor].format(due)),
            [adapted("lease_id", lease_id), adapted("lease_until", until), *values, limit],
        )
        found = sorted(cursor.fetchall())
    return [Claim(pk, lease_id, step.name, is_alone=losses > 0) for _, pk, losses in found]


def begin_batch(batch: Batch, *, lease_seconds: float) -> list[Begun]:
    """Starts the claimed runs that are still ours, and counts the try; gives them in order.

    None of them when the message came before: whoever was first began all that it could. Two
    statements of our own, and no models but the events: a model for each run, made from a join,
    cost as much as a quick step.
    """
    until = utc_now() + timedelta(seconds=lease_seconds)
    condition, ids = among(batch.run_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN.format(among=condition),
            [adapted("lease_until", until), ids, adapted("lease_id", batch.lease_id)],
        )
        began = sorted(cursor.fetchall())
    if not began:
        return []
    events = LedgerEvent.objects.in_bulk([event_id for event_id, *_ in began])
    return [
        Begun(pk, batch.step, batch.lease_id, tries, losses, events[event_id])
        for event_id, pk, tries, losses in began
    ]


def release_batches(batches: Sequence[Batch], *, wait_seconds: float = 0) -> None:
    """Gives back what was claimed and not begun; the tries stay as they are."""
    for batch in batches:
        held_runs(batch, StepStatus.QUEUED).update(
            status=StepStatus.WAITING,
            lease_id=None,
            lease_until=None,
            next_try_at=utc_now() + timedelta(seconds=wait_seconds),
        )


def give_back(runs: Sequence[Begun]) -> None:
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
    """Runs whose holder began them and did not end them within the lease.

    To be called in a transaction, at whose end a holder that is late after all may renew again.
    """
    lost = StepRun.objects.filter(status=StepStatus.RUNNING, lease_until__lte=utc_now())
    return list(lost.select_for_update(skip_locked=True).order_by("event_id", "pk")[:limit])


def begun_runs(batch: Batch) -> list[StepRun]:
    """What of the batch is running. One query."""
    return list(held_runs(batch, StepStatus.RUNNING))


def held_runs(batch: Batch, status: StepStatus) -> QuerySet[StepRun]:
    """Those of the batch that are still its holder's, if they have this status."""
    return StepRun.objects.filter(pk__in=batch.run_ids, lease_id=batch.lease_id, status=status)
