"""Reading webhooks, their log and their health."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from webhooks.errors import NoSuchDelivery, NoSuchSubscription
from webhooks.models import (
    OPEN_DELIVERIES,
    Attempt,
    Delivery,
    DeliveryStatus,
    Subscription,
)
from webhooks.policy import Actor, visible_subscriptions

_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one webhook still has to send, and what it gave up."""

    waiting: int = 0
    oldest_since: datetime | None = None
    failed: int = 0


def list_subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """The actor's webhooks, by name, each with its `endpoint`; everybody's for who manages all.

    One query when it is read.
    """
    return visible_subscriptions(actor)


def get_subscription(actor: Actor, subscription_id: UUID) -> Subscription:
    """One webhook with its `endpoint`. One query.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
    """
    found = visible_subscriptions(actor).filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription
    return found


def list_deliveries(
    subscription: Subscription,
    *,
    statuses: Collection[str] = (),
    event_type: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int = _PAGE,
) -> list[Delivery]:
    """The webhook's log, newest event first, from below the sequence `before` on. One query."""
    rows = Delivery.objects.filter(subscription=subscription)
    if statuses:
        rows = rows.filter(status__in=statuses)
    if event_type is not None:
        rows = rows.filter(event_type=event_type)
    if subject is not None:
        rows = rows.filter(subject=subject)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    return list(rows.order_by("-sequence")[:limit])


def get_delivery(subscription: Subscription, delivery_id: int) -> Delivery:
    """One entry of the webhook's log. One query.

    Raises:
        NoSuchDelivery: it has none of that id.
    """
    found = Delivery.objects.filter(subscription=subscription, pk=delivery_id).first()
    if found is None:
        raise NoSuchDelivery
    return found


def list_attempts(delivery: Delivery) -> list[Attempt]:
    """Every attempt, oldest first. One query."""
    return list(Attempt.objects.filter(delivery=delivery).order_by("pk"))


def count_waiting(subscription_ids: Iterable[UUID]) -> dict[UUID, Waiting]:
    """What each of these webhooks has open and has given up. One query over those rows alone."""
    rows = (
        Delivery.objects.filter(
            subscription__in=list(subscription_ids),
            status__in=[*OPEN_DELIVERIES, DeliveryStatus.FAILED],
        )
        .values("subscription")
        .annotate(
            waiting=Count("pk", filter=Q(status__in=OPEN_DELIVERIES)),
            oldest=Min("created_at", filter=Q(status__in=OPEN_DELIVERIES)),
            failed=Count("pk", filter=Q(status=DeliveryStatus.FAILED)),
        )
        .order_by()
    )
    return {
        row["subscription"]: Waiting(row["waiting"], row["oldest"], row["failed"]) for row in rows
    }


def deliveries_of(event_ids: Collection[UUID]) -> dict[UUID, list[Delivery]]:
    """The deliveries of each of these events, without their bodies. One query."""
    rows = Delivery.objects.filter(event_id__in=event_ids).defer("body").order_by("pk")
    found: dict[UUID, list[Delivery]] = {event_id: [] for event_id in event_ids}
    for row in rows:
        found[row.event_id].append(row)
    return found
