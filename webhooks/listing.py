"""Pages of the lists that other programs read, from key to key."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet

from core.interface import utc_now
from webhooks.models import Delivery, DeliveryStatus, Subscription
from webhooks.policy import Actor, visible_subscriptions

LATELY: Final = timedelta(days=1)

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, the newest first, and whether there are more in the direction that was asked for."""

    rows: list[Row]
    has_more: bool


def subscription_page(
    actor: Actor, *, limit: int, after: str | None = None, before: str | None = None
) -> Page[Subscription]:
    """The actor's webhooks; everybody's for who manages all. One query."""
    return _page(visible_subscriptions(actor), limit, after, before)


def delivery_page(
    subscription: Subscription,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    statuses: Collection[str] = (),
    event_type: str | None = None,
    since: datetime | None = None,
) -> Page[Delivery]:
    """The webhook's log, without bodies. One query."""
    rows = Delivery.objects.filter(subscription=subscription).defer("body")
    if statuses:
        rows = rows.filter(status__in=statuses)
    if event_type is not None:
        rows = rows.filter(event_type=event_type)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    return _page(rows, limit, after, before)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many deliveries ended lately, and how."""

    delivered: int = 0
    failed: int = 0


def count_settled(subscription_ids: Collection[UUID]) -> dict[UUID, Settled]:
    """What arrived and what was given up in the last day, for each. One query over those rows."""
    rows = (
        Delivery.objects.filter(
            subscription__in=subscription_ids, settled_at__gte=utc_now() - LATELY
        )
        .values("subscription")
        .annotate(
            delivered=Count("pk", filter=Q(status=DeliveryStatus.DELIVERED)),
            failed=Count("pk", filter=Q(status=DeliveryStatus.FAILED)),
        )
        .order_by()
    )
    found = {row["subscription"]: Settled(row["delivered"], row["failed"]) for row in rows}
    return {key: found.get(key, Settled()) for key in subscription_ids}


def _page(rows: QuerySet[Row], limit: int, after: str | None, before: str | None) -> Page[Row]:
    """Keys grow with time, so the newest row has the highest."""
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: limit + 1])
        return Page(found[:limit][::-1], len(found) > limit)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: limit + 1])
    return Page(found[:limit], len(found) > limit)
