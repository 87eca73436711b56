"""The three headers of Standard Webhooks."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from core.interface import decrypt
from webhooks.models import Subscription
from webhooks.secrets import PURPOSE, SigningKey, read_key


def keys_of(subscription: Subscription, now: datetime) -> tuple[SigningKey, ...]:
    """The keys that sign now, the newest first: two while a rotation lasts.

    Raises:
        Undecipherable: the operator's keys do not fit what is stored.
    """
    stored = [subscription.secret]
    until = subscription.previous_secret_until
    if subscription.previous_secret and until is not None and now < until:
        stored.append(subscription.previous_secret)
    return tuple(_key(text) for text in stored)


@lru_cache(maxsize=512)
def _key(stored: str) -> SigningKey:
    return read_key(decrypt(stored, purpose=PURPOSE).decode())


def signed_headers(
    event_id: UUID, body: bytes, keys: Sequence[SigningKey], now: datetime
) -> dict[str, str]:
    """What the receiver verifies: over the id, the time of this attempt, and the raw body.

    The id is the same for every attempt, so a receiver that has seen it has seen the event.
    """
    timestamp = int(now.timestamp())
    signed = b"%s.%d.%s" % (str(event_id).encode(), timestamp, body)
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(key.sign(signed) for key in keys),
    }
