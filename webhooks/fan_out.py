"""From an event to its deliveries: one row for each subscription that wants it."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction

from outbox.interface import Announcement, FinalError, LedgerEvent, announce
from webhooks.matching import wants
from webhooks.models import Delivery, Subscription
from webhooks.payload import Wanted, make_bodies, told_by
from webhooks.waking import wake_senders

_BATCH: Final = 500


def send_webhooks(event: LedgerEvent) -> None:
    """The pipeline's step for one event. A second time, it changes nothing."""
    [failure] = send_webhooks_many([event])
    if failure is not None:
        raise failure


def send_webhooks_many(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """The step for many events: what went wrong with each, None for nothing.

    One query when nobody subscribes; else a handful, however many the events.
    """
    subscriptions = list(Subscription.objects.filter(is_active=True).order_by("pk"))
    failures: list[Exception | None] = [None] * len(events)
    if not subscriptions:
        return failures
    wanted: list[Wanted] = []
    for index, event in enumerate(events):
        try:
            wanted += _wanted(event, subscriptions)
        except (KeyError, TypeError, ValueError) as error:
            failures[index] = FinalError(f"The event cannot be told: {error!r}.")
    write_deliveries(wanted)
    return failures


def _wanted(event: LedgerEvent, subscriptions: Iterable[Subscription]) -> list[Wanted]:
    announcement = announce(event)
    if announcement is None:
        return []
    told_by(announcement)
    return [
        Wanted(announcement, subscription)
        for subscription in subscriptions
        if event.sequence > subscription.since_sequence and wants(subscription, announcement)
    ]


def write_deliveries(wanted: Sequence[Wanted]) -> None:
    """Stores what is to be sent, and wakes the senders; what is there already stays as it is."""
    if not wanted:
        return
    rows = [
        _row(item.announcement, item.subscription, body)
        for item, body in zip(wanted, make_bodies(wanted), strict=True)
    ]
    with transaction.atomic():
        Delivery.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
        wake_senders()


def _row(announcement: Announcement, subscription: Subscription, body: str) -> Delivery:
    return Delivery(
        subscription=subscription,
        sequence=announcement.sequence,
        event_id=announcement.id,
        event_type=announcement.type,
        subject=announcement.subject,
        body=body,
    )
