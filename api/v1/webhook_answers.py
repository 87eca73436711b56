"""Webhooks and their deliveries as the API shows them. No secret is among it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from core.interface import zulu
from webhooks.interface import Attempt, Delivery, Preview, Replay, Subscription


def webhook_json(subscription: Subscription) -> dict[str, Any]:
    """A webhook. Nothing in it changes without its version, which the ETag is made of."""
    return {
        "id": str(subscription.pk),
        "name": subscription.name,
        "url": subscription.url,
        "event_types": subscription.event_types,
        "content_types": subscription.content_types,
        "locales": subscription.locales,
        "site": subscription.site,
        "fields": subscription.fields,
        "is_active": subscription.is_active,
        "paused_at": _zulu(subscription.paused_at),
        "paused_reason": subscription.paused_reason or None,
        "scheme": "v1a" if subscription.public_key else "v1",
        "public_key": subscription.public_key or None,
        "previous_secret_until": _zulu(subscription.previous_secret_until),
        "owner": None if subscription.owner_id is None else str(subscription.owner_id),
        "created_at": _zulu(subscription.created_at),
        "updated_at": _zulu(subscription.updated_at),
        "version": subscription.version,
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as lists show it."""
    is_open = delivery.settled_at is None
    return {
        "id": delivery.pk,
        "event_id": str(delivery.event_id),
        "event_type": delivery.event_type,
        "sequence": delivery.sequence,
        "subject": delivery.subject,
        "status": delivery.status,
        "tries": delivery.tries,
        "next_try_at": _zulu(delivery.next_try_at) if is_open else None,
        "created_at": _zulu(delivery.created_at),
        "settled_at": _zulu(delivery.settled_at),
    }


def whole_delivery_json(delivery: Delivery, attempts: Iterable[Attempt]) -> dict[str, Any]:
    """A delivery with the body that is sent, and each attempt with what came back."""
    return {
        **delivery_json(delivery),
        "body": orjson.Fragment(delivery.body),
        "attempts": [_attempt_json(item) for item in attempts],
    }


def preview_json(preview: Preview) -> dict[str, Any]:
    """What would be sent."""
    return {
        "sequence": preview.sequence,
        "event_id": str(preview.event_id),
        "event_type": preview.event_type,
        "body": orjson.Fragment(preview.body),
    }


def replay_json(replay: Replay) -> dict[str, Any]:
    """How much is sent again, and from which events on to which."""
    return {"count": replay.count, "first": replay.first, "last": replay.last}


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "started_at": _zulu(attempt.started_at),
        "duration_ms": attempt.duration_ms,
        "status_code": attempt.status_code,
        "error": attempt.error or None,
        "response_excerpt": attempt.response_excerpt or None,
    }


def _zulu(moment: datetime | None) -> str | None:
    return None if moment is None else zulu(moment, "milliseconds")
