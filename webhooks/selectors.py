"""Reading webhooks, their log and their health."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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
