"""Trying a webhook: one delivery of no event.

A button that makes this server post to an address of one's choice is a cannon unless it is
limited: by person, and by receiving host, whoever aims at it and through however many webhooks.
What counts is kept apart from the webhooks, so that deleting one forgets nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.db import transaction

from core.interface import Conflict, TooManyRequests, new_uuid7, utc_now
from webhooks.claiming import lift_hold
from webhooks.models import Delivery, Subscription, TestCount
from webhooks.policy import Actor, require_subscription
from webhooks.waking import wake_senders

TEST_EVENT: Final = "webhook.test"
_WINDOW: Final = timedelta(minutes=10)
_PER_PERSON: Final = 10
_PER_HOST: Final = 20
_LONGEST_HOST: Final = 253


def send_test(*, actor: Actor, subscription_id: UUID) -> Delivery:
    """Has a test sent at once, tried once; the log tells what came back.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        Conflict: the webhook is paused or not active, so that nothing would be sent.
        TooManyRequests: the actor, or everybody to that host, has tested enough for now.
    """
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        if subscription.paused_at is not None or not subscription.is_active:
            raise Conflict("Nothing is sent while the webhook is paused or not active.")
        _count(actor, subscription)
        delivery = _make_delivery(subscription)
        lift_hold(subscription)
        wake_senders()
    return delivery


def forget_test_counts() -> int:
    """Removes what no limit looks at any more; says how many rows."""
    removed, _ = TestCount.objects.filter(last_sent_at__lt=utc_now() - _WINDOW).delete()
    return removed


def _make_delivery(subscription: Subscription) -> Delivery:
    event_id, now = new_uuid7(), utc_now()
    data = {
        "message": "This is a test. Nothing has happened.",
        "webhook": {"id": subscription.pk, "name": subscription.name},
    }
    body = orjson.dumps(
        {"type": TEST_EVENT, "timestamp": now, "data": data}, option=orjson.OPT_UTC_Z
    )
    return Delivery.objects.create(
        subscription=subscription,
        sequence=None,
        event_id=event_id,
        event_type=TEST_EVENT,
        subject=f"test:{event_id}",
        body=body.decode(),
        next_try_at=now,
    )


def _count(actor: Actor, subscription: Subscription) -> None:
    """Counts the test for the person and the host, in an order that all keep."""
    host = (urlsplit(subscription.url).hostname or "")[:_LONGEST_HOST]
    now = utc_now()
    for subject, most in ((f"person:{actor.user_id}", _PER_PERSON), (f"host:{host}", _PER_HOST)):
        TestCount.objects.get_or_create(subject=subject)
        row = TestCount.objects.select_for_update().get(subject=subject)
        recent = [moment for moment in row.sent_at if moment > (now - _WINDOW).timestamp()]
        if len(recent) >= most:
            free = datetime.fromtimestamp(recent[-most], tz=UTC) + _WINDOW
            raise TooManyRequests(
                f"At most {most} tests in {_WINDOW.seconds // 60} minutes.",
                retry_after_seconds=max(1, round((free - now).total_seconds())),
            )
        row.sent_at = [*recent, now.timestamp()]
        row.last_sent_at = now
        row.save(update_fields=["sent_at", "last_sent_at"])
