"""Which sender may send to which endpoint: claims with a lease, so that an endpoint has one sender.

That one sender keeps the order of a subject's deliveries and the bound on requests at a time by
itself. What a lost sender had in hand is marked as being sent, and is due again for
the next one: it may reach the receiver twice, with the same id.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
)

from core.interface import utc_now
from webhooks.lanes import Lane
from webhooks.models import Delivery, DeliveryStatus, EndpointState, Subscription
from webhooks.sending import Message

# Longer than an attempt takes, so that a sender that is well never loses what it waits for.
LEASE_SECONDS: Final = 30.0
RENEW_SECONDS: Final = 5.0


def claim_lanes(lease_id: UUID, *, limit: int, failing_limit: int) -> list[Lane]:
    """Takes up to `limit` endpoints that have something due, at most `failing_limit` that failed last.

    Those that are well come first, and who has waited longest for its turn. Two queries when
    nothing is due.
    """
    if limit <= 0:
        return []
    now = utc_now()
    # First without a look at the deliveries: mostly all that could be claimed are in hand.
    if not _open_endpoints(now).exists():
        return []
    locks = connection.features.has_select_for_update_skip_locked
    # SQLite locks no rows: there the update, which asks for the condition again, decides alone.
    with transaction.atomic() if locks else nullcontext():
        states = _due_endpoints(now).order_by(
            ExpressionWrapper(Q(failures_in_row__gt=0), BooleanField()),
            F("claimed_at").asc(nulls_first=True),
            "pk",
        )
        if locks:
            states = states.select_for_update(skip_locked=True, of=("self",))
        found = list(states.select_related("subscription")[: limit + failing_limit])
        well = [state for state in found if not state.failures_in_row]
        failing = [state for state in found if state.failures_in_row][:failing_limit]
        chosen = [state.pk for state in (*well, *failing)[:limit]]
        if not chosen:
            return []
        EndpointState.objects.filter(_is_free(now), pk__in=chosen).update(
            lease_id=lease_id, lease_until=now + timedelta(seconds=LEASE_SECONDS), claimed_at=now
        )
        mine = EndpointState.objects.filter(pk__in=chosen, lease_id=lease_id)
        lanes = [
            Lane(state.subscription, lease_id, failures_in_row=state.failures_in_row)
            for state in mine.select_related("subscription")
        ]
        put_back_all(lanes)
    return lanes


def count_waiting(*, limit: int, failing_limit: int) -> int:
    """How many endpoints `claim_lanes` would take, if there were so much room. Two queries."""
    due = _due_endpoints(utc_now())
    well, failing = due.filter(failures_in_row=0), due.filter(failures_in_row__gt=0)
    return well[:limit].count() + failing[:failing_limit].count()


def _is_free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def _open_endpoints(now: datetime) -> QuerySet[EndpointState]:
    """Those that nobody has in hand and that may be sent to."""
    return EndpointState.objects.filter(
        _is_free(now),
        Q(held_until__isnull=True) | Q(held_until__lte=now),
        subscription__is_active=True,
        subscription__paused_at__isnull=True,
    )


def _due_endpoints(now: datetime) -> QuerySet[EndpointState]:
    of_it = Delivery.objects.filter(subscription=OuterRef("pk"))
    due = of_it.filter(status=DeliveryStatus.PENDING, next_try_at__lte=now)
    # Whoever was sending them is lost: the lease is free.
    left_lying = of_it.filter(status=DeliveryStatus.SENDING)
    return _open_endpoints(now).filter(Exists(due) | Exists(left_lying))


def renew_leases(lanes: Collection[Lane], lease_id: UUID) -> set[UUID]:
    """Keeps the leases; gives the endpoints that are still ours. Two statements."""
    mine = EndpointState.objects.filter(
        pk__in=[lane.subscription.pk for lane in lanes], lease_id=lease_id
    )
    mine.update(lease_until=utc_now() + timedelta(seconds=LEASE_SECONDS))
    return set(mine.values_list("pk", flat=True))


def release_lanes(lanes: Collection[Lane], lease_id: UUID) -> None:
    """Gives the endpoints back. Two statements.

    What came back to webhooks that were made inactive in the meantime is discarded as the rest was.
    """
    keys = [lane.subscription.pk for lane in lanes]
    inactive = Subscription.objects.filter(pk__in=keys, is_active=False)
    Delivery.objects.filter(subscription__in=inactive, status=DeliveryStatus.PENDING).update(
        status=DeliveryStatus.DISCARDED, settled_at=utc_now()
    )
    EndpointState.objects.filter(pk__in=keys, lease_id=lease_id).update(
        lease_id=None, lease_until=None
    )


def lift_hold(subscription: Subscription) -> None:
    """Lets an endpoint in trouble be asked at once: a person wants to know how it is now."""
    # With the condition, it waits for no sender's lock where there is nothing to lift.
    EndpointState.objects.filter(pk=subscription.pk, held_until__isnull=False).update(
        held_until=None
    )


def put_back(delivery_ids: Sequence[int]) -> None:
    """Makes deliveries due again that were in hand and not tried."""
    if delivery_ids:
        Delivery.objects.filter(pk__in=delivery_ids, status=DeliveryStatus.SENDING).update(
            status=DeliveryStatus.PENDING
        )


def put_back_all(lanes: Iterable[Lane]) -> None:
    """Makes due again whatever is marked as being sent to these endpoints."""
    Delivery.objects.filter(
        subscription__in=[lane.subscription.pk for lane in lanes], status=DeliveryStatus.SENDING
    ).update(status=DeliveryStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Taken:
    """What may be sent now; `may_be_more` tells that more was due than was looked at."""

    messages: list[Message]
    may_be_more: bool


def take_due(lane: Lane, *, limit: int) -> Taken:
    """Marks the lane's next due deliveries as being sent, tests and then the oldest event first.

    Those behind an earlier one of their subject that waits for its next try are made to wait for
    it, so that nobody looks at them before. Three statements, and one for each such subject. No
    statement joins deliveries with deliveries: a planner that last saw the table empty once made
    a scan of all for each.
    """
    now = utc_now()
    ours = Delivery.objects.filter(subscription=lane.subscription.pk, status=DeliveryStatus.PENDING)
    in_order = ours.filter(next_try_at__lte=now).order_by(F("sequence").asc(nulls_first=True), "pk")
    rows = list(
        in_order.values_list("pk", "event_id", "subject", "body", "tries", "sequence")[:limit]
    )
    if not rows:
        return Taken([], may_be_more=False)
    waiting = {
        subject: (first, until)
        for subject, first, until in ours.filter(
            subject__in={row[2] for row in rows}, next_try_at__gt=now
        )
        .values_list("subject")
        .annotate(first=Min("sequence"), until=Min("next_try_at"))
        .order_by()
    }
    for subject, (first, until) in waiting.items():
        ours.filter(subject=subject, sequence__gt=first, next_try_at__lte=now).update(
            next_try_at=until
        )
    free = [row for row in rows if row[2] not in waiting or row[5] <= waiting[row[2]][0]]
    ours.filter(pk__in=[row[0] for row in free]).update(status=DeliveryStatus.SENDING)
    messages = [
        Message(pk, event_id, subject, body.encode(), tries, is_test=sequence is None)
        for pk, event_id, subject, body, tries, sequence in free
    ]
    return Taken(messages, may_be_more=len(rows) == limit)


def current_subscriptions(lanes: Collection[Lane]) -> dict[UUID, Subscription]:
    """The subscriptions as they are now, those alone that may be sent to. One query."""
    rows = Subscription.objects.filter(
        pk__in=[lane.subscription.pk for lane in lanes], is_active=True, paused_at__isnull=True
    )
    return {row.pk: row for row in rows}
