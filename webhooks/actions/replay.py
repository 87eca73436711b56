"""Sending again: one delivery, a stretch of the ledger, or everything since a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from core.interface import Invalid, Issue, utc_now
from outbox.interface import LedgerEvent, announce, last_event, read_events
from webhooks.claiming import lift_hold
from webhooks.errors import NoSuchDelivery
from webhooks.fan_out import write_deliveries
from webhooks.matching import wants
from webhooks.models import Delivery, DeliveryStatus, Subscription
from webhooks.payload import Wanted
from webhooks.policy import Actor, require_subscription
from webhooks.waking import wake_senders

MOST_EVENTS: Final = 10_000
"""How far one replay reaches; a longer stretch is replayed in parts."""

_EVENTS_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay made due: how many deliveries, of which events."""

    count: int
    first: int | None
    last: int | None


def replay_delivery(*, actor: Actor, subscription_id: UUID, delivery_id: int) -> Delivery:
    """Sends one delivery again: the same id and body, a new timestamp, all tries anew.

    One that is on its way already is left alone.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        NoSuchDelivery: the webhook has none of that id.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        again = Delivery.objects.filter(subscription=subscription, pk=delivery_id)
        _make_due(subscription, again)
        found = again.first()
        if found is None:
            raise NoSuchDelivery
        lift_hold(subscription)
    return found


def replay_range(*, actor: Actor, subscription_id: UUID, first: int, last: int) -> Replay:
    """Sends again what happened from one sequence number to another, both included, in order.

    What was sent before goes with the body that it had. Events that the webhook has no
    delivery of, since it did not exist or did not want them then, are sent if it wants them now.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        Invalid: no stretch of numbers, or one of more than 10,000.
    """
    if not 1 <= first <= last:
        raise _refuse("first", "out_of_range", "Give two sequence numbers, the lower one first.")
    if last - first >= MOST_EVENTS:
        raise _refuse("last", "too_many", f"One replay covers at most {MOST_EVENTS} events.")
    subscription = _known(actor, subscription_id)
    return _replay(subscription, first, last)


def replay_since(*, actor: Actor, subscription_id: UUID, since: datetime) -> Replay:
    """Sends again everything that happened from that instant on, in order.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        Invalid: more than 10,000 events happened since.
    """
    subscription = _known(actor, subscription_id)
    newest = last_event()
    oldest = LedgerEvent.objects.filter(occurred_at__gte=since).order_by("sequence").first()
    if newest is None or oldest is None:
        return Replay(0, None, None)
    if newest.sequence - oldest.sequence >= MOST_EVENTS:
        detail = f"More than {MOST_EVENTS} events happened since; replay them by sequence."
        raise _refuse("since", "too_many", detail)
    return _replay(subscription, oldest.sequence, newest.sequence)


def _known(actor: Actor, subscription_id: UUID) -> Subscription:
    with transaction.atomic():
        return require_subscription(actor, subscription_id)


def _replay(subscription: Subscription, first: int, last: int) -> Replay:
    """In pieces, each a transaction: a long replay holds up nobody."""
    count = 0
    for events in _pieces(first, last):
        numbers = [event.sequence for event in events]
        with transaction.atomic():
            there = Delivery.objects.filter(subscription=subscription, sequence__in=numbers)
            known = {row.sequence for row in there.only("sequence") if row.sequence}
            count += _make_due(subscription, there)
            missing = list(_wanted(subscription, events, known))
            write_deliveries(missing)
            count += len(missing)
    return Replay(count, first, last)


def _pieces(first: int, last: int) -> Iterator[list[LedgerEvent]]:
    while first <= last:
        events = read_events(first, min(_EVENTS_AT_ONCE, last - first + 1))
        events = [event for event in events if event.sequence <= last]
        if not events:
            return
        yield events
        first = events[-1].sequence + 1


def _wanted(
    subscription: Subscription, events: list[LedgerEvent], known: set[int]
) -> Iterator[Wanted]:
    for event in events:
        announcement = None if event.sequence in known else announce(event)
        if announcement is not None and wants(subscription, announcement):
            yield Wanted(announcement, subscription)


def _make_due(subscription: Subscription, deliveries: QuerySet[Delivery]) -> int:
    now = utc_now()
    count = deliveries.exclude(status=DeliveryStatus.SENDING).update(
        status=DeliveryStatus.PENDING, tries=0, next_try_at=now, settled_at=None
    )
    if count:
        # Those that only waited behind one of these follow it at once.
        Delivery.objects.filter(
            subscription=subscription, status=DeliveryStatus.PENDING, tries=0, next_try_at__gt=now
        ).update(next_try_at=now)
        wake_senders()
    return count


def _refuse(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, (Issue(pointer, code, detail),))
