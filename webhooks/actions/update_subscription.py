"""Changing what a webhook asks for, or removing it."""

from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from core.interface import utc_now
from webhooks.errors import VersionMismatch
from webhooks.models import Attempt, EndpointState, Subscription
from webhooks.policy import Actor, require_subscription
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

    What waits to be sent stays as it was made; a new URL gets it.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
        Invalid: with an issue for each field that cannot be.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        require_version(subscription, expected_version)
        current = {"fields": subscription.fields, "content_types": subscription.content_types}
        wishes = read_wishes(changes, current=current)
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
    return subscription


def delete_subscription(
    *, actor: Actor, subscription_id: UUID, expected_version: int | None = None
) -> None:
    """Removes the webhook with its log; what waits is never sent, what is on its way arrives.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
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
