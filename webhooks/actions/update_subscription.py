"""Changing what a webhook asks for, or removing it."""

from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from core.interface import utc_now
from webhooks.errors import VersionMismatch
from webhooks.models import Attempt, Delivery, DeliveryStatus, EndpointState, Subscription
from webhooks.policy import Actor, require_subscription
from webhooks.selectors import get_subscription
from webhooks.wanting import read_wishes


class SubscriptionChanges(TypedDict, total=False):
    """What may be changed; what is left out stays."""

    name: str
    url: str
    event_types: list[str]
    content_types: list[str]
    locales: list[str]
    site: int | None
    fields: str
    is_active: bool


def update_subscription(
    *,
    actor: Actor,
    subscription_id: UUID,
    expected_version: int | None = None,
    **changes: Unpack[SubscriptionChanges],
) -> Subscription:
    """Changes what is given. The version grows by one, unless nothing differs.

    What waits to be sent stays as it was made; a new URL gets it. Made inactive, it is discarded.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
        Invalid: with an issue for each field that cannot be.
    """
    # Before it is locked: to look a URL's host up may take seconds.
    seen = get_subscription(actor, subscription_id)
    require_version(seen, expected_version)
    wishes = read_wishes(changes, current=_chosen(seen))
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        require_version(subscription, expected_version)
        if subscription.version != seen.version:
            again = {name: value for name, value in changes.items() if name != "url"}
            wishes |= read_wishes(again, current=_chosen(subscription))
        differing = {n: v for n, v in wishes.items() if getattr(subscription, n) != v}
        if not differing:
            return subscription
        for name, value in differing.items():
            setattr(subscription, name, value)
        save_next_version(subscription, *differing)
        if "url" in differing:
            # What is known of the old place says nothing about the new one.
            EndpointState.objects.filter(pk=subscription.pk).update(
                held_until=None, failures_in_row=0, failing_since=None
            )
        if differing.get("is_active") is False:
            # Nobody would ever send it. What is on its way, its sender discards.
            waiting = Delivery.objects.filter(subscription=subscription)
            waiting.filter(status=DeliveryStatus.PENDING).update(
                status=DeliveryStatus.DISCARDED, settled_at=utc_now()
            )
    return subscription


def _chosen(subscription: Subscription) -> dict[str, Any]:
    """What a change of fields or of types of documents has to fit."""
    return {"fields": subscription.fields, "content_types": subscription.content_types}


def delete_subscription(
    *, actor: Actor, subscription_id: UUID, expected_version: int | None = None
) -> None:
    """Removes the webhook with its log; what waits is never sent, what is on its way arrives.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id, is_to_go=True)
        require_version(subscription, expected_version)
        Attempt.objects.filter(delivery__subscription=subscription).delete()
        subscription.delete()


def require_version(subscription: Subscription, expected: int | None) -> None:
    """Refuses to overwrite what the caller has not seen."""
    if expected is not None and subscription.version != expected:
        raise VersionMismatch


def save_next_version(subscription: Subscription, *fields: str) -> None:
    """Stores these fields as the next version."""
    subscription.version += 1
    subscription.updated_at = utc_now()
    subscription.save(update_fields=[*fields, "version", "updated_at"])
