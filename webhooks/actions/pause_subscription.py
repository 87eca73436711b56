"""Holding a webhook back, and letting it go on."""

from uuid import UUID

from django.db import transaction

from core.interface import utc_now
from webhooks.actions.update_subscription import require_version, save_next_version
from webhooks.models import (
    Delivery,
    DeliveryStatus,
    EndpointState,
    PausedReason,
    Subscription,
)
from webhooks.policy import Actor, require_subscription


def pause_subscription(
    *, actor: Actor, subscription_id: UUID, expected_version: int | None = None
) -> Subscription:
    """Sends nothing more until it is resumed; what happens meanwhile waits. Again: no change.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        require_version(subscription, expected_version)
        if subscription.paused_at is None:
            subscription.paused_at = utc_now()
            subscription.paused_reason = PausedReason.OWNER
            save_next_version(subscription, "paused_at", "paused_reason")
    return subscription


def resume_subscription(
    *,
    actor: Actor,
    subscription_id: UUID,
    discard_waiting: bool = False,
    expected_version: int | None = None,
) -> Subscription:
    """Lets a paused webhook go on, with its tries counted anew. Again: no change.

    What waited is sent at once, in order; with `discard_waiting` it is thrown away instead, and
    the webhook hears only of what happens from now on.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        require_version(subscription, expected_version)
        if subscription.paused_at is None:
            return subscription
        subscription.paused_at = None
        subscription.paused_reason = ""
        save_next_version(subscription, "paused_at", "paused_reason")
        now = utc_now()
        waiting = Delivery.objects.filter(subscription=subscription, status=DeliveryStatus.PENDING)
        if discard_waiting:
            waiting.update(status=DeliveryStatus.DISCARDED, settled_at=now)
        else:
            waiting.update(tries=0, next_try_at=now)
        EndpointState.objects.filter(pk=subscription.pk).update(
            held_until=None,
            failures_in_row=0,
            failing_since=None,
            notice_due_at=None,
            notice_tries=0,
        )
    return subscription
