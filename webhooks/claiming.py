"""Which sender may send to which endpoint: claims with a lease, so that an endpoint has one sender.

That one sender keeps the order of a subject's deliveries and the bound on requests at a time by
itself. What a lost sender had in hand is marked as being sent, and is due again for
the next one: it may reach the receiver twice, with the same id.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.interface import utc_now
from webhooks.lanes import Lane
from webhooks.models import Delivery, DeliveryStatus, EndpointState, Subscription
from webhooks.sending import Message

# Longer than an attempt takes, so that a sender that is well never loses what it waits for.
LEASE_SECONDS: Final = 30.0
RENEW_SECONDS: Final = 5.0


def claim_lanes(lease_id: UUID, *, limit: int, failing_limit: int) -> list[Lane]:
    """Takes up to `limit` endpoints that have something due, at most `failing_limit` that failed last.

    Those that are well come first. One query when nothing is due.
    """
    if limit <= 0:
        return []
    now = utc_now()
    locks = connection.features.has_select_for_update_skip_locked
    # SQLite locks no rows: there the update, which asks for the condition again, decides alone.
    with transaction.atomic() if locks else nullcontext():
        states = _due_endpoints(now).order_by("failures_in_row", "pk")
        if locks:
            states = states.select_for_update(skip_locked=True, of=("self",))
        found = list(states.select_related("subscription")[: limit + failing_limit])
        well = [state for state in found if not state.failures_in_row]
        failing = [state for state in found if state.failures_in_row][:failing_limit]
        chosen = [state.pk for state in (*well, *failing)[:limit]]
        if not chosen:
            return []
        EndpointState.objects.filter(_is_free(now), pk__in=chosen).update(
            lease_id=lease_id, lease_until=now + timedelta(seconds=LEASE_SECONDS)
        )
        mine = EndpointState.objects.filter(pk__in=chosen, lease_id=lease_id)
        lanes = [
            Lane(state.subscription, lease_id, failures_in_row=state.failures_in_row)
            for state in mine.select_related("subscription")
        ]
        put_back_all(lanes)
    return lanes


def _is_free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)


def _due_endpoints(now: datetime) -> QuerySet[EndpointState]:
    of_it = Delivery.objects.filter(subscription=OuterRef("pk"))
    due = of_it.filter(status=DeliveryStatus.PENDING, next_try_at__lte=now)
    # Whoever was sending them is lost: the lease is free.
    left_lying = of_it.filter(status=DeliveryStatus.SENDING)
    return EndpointState.objects.filter(
        _is_free(now),
        Q(held_until__isnull=True) | Q(held_until__lte=now),
        Exists(due) | Exists(left_lying),
        subscription__is_active=True,
        subscription__paused_at__isnull=True,
    )


def renew_leases(lanes: Collection[Lane], lease_id: UUID) -> set[UUID]:
    """Keeps the leases; gives the endpoints that are still ours. Two statements."""
    mine = EndpointState.objects.filter(
        pk__in=[lane.subscription.pk for lane in lanes], lease_id=lease_id
    )
    mine.update(lease_until=utc_now() + timedelta(seconds=LEASE_SECONDS))
    return set(mine.values_list("pk", flat=True))


def release_lanes(lanes: Collection[Lane], lease_id: UUID) -> None:
    """Gives the endpoints back, with what is still in hand. Two statements."""
    EndpointState.objects.filter(
        pk__in=[lane.subscription.pk for lane in lanes], lease_id=lease_id
    ).update(lease_id=None, lease_until=None)


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


def take_due(lane: Lane, *, limit: int) -> list[Message]:
    """Marks the lane's next due deliveries as being sent, oldest event first. Two statements.

    Tests come first. Left out are those behind an earlier one of their subject that waits for its next try.
    """
    now = utc_now()
    waiting = Delivery.objects.filter(
        subscription=OuterRef("subscription"),
        subject=OuterRef("subject"),
        sequence__lt=OuterRef("sequence"),
        status=DeliveryStatus.PENDING,
        next_try_at__gt=now,
    )
    due = Delivery.objects.filter(
        ~Exists(waiting),
        subscription=lane.subscription.pk,
        status=DeliveryStatus.PENDING,
        next_try_at__lte=now,
    ).order_by(F("sequence").asc(nulls_first=True), "pk")
    rows = list(due.values_list("pk", "event_id", "subject", "body", "tries", "sequence")[:limit])
    if rows:
        Delivery.objects.filter(
            pk__in=[row[0] for row in rows], status=DeliveryStatus.PENDING
        ).update(status=DeliveryStatus.SENDING)
    return [
        Message(pk, event_id, subject, body.encode(), tries, is_test=sequence is None)
        for pk, event_id, subject, body, tries, sequence in rows
    ]


def current_subscriptions(lanes: Collection[Lane]) -> dict[UUID, Subscription]:
    """The subscriptions as they are now, those alone that may be sent to. One query."""
    rows = Subscription.objects.filter(
        pk__in=[lane.subscription.pk for lane in lanes], is_active=True, paused_at__isnull=True
    )
    return {row.pk: row for row in rows}
