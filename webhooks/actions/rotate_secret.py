"""Changing the key that signs."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from core.interface import Invalid, Issue, utc_now
from webhooks.actions.create_subscription import WithSecret
from webhooks.actions.update_subscription import require_version, save_next_version
from webhooks.policy import Actor, require_subscription
from webhooks.secrets import Scheme, make_key

DEFAULT_OVERLAP: Final = timedelta(hours=24)
LONGEST_OVERLAP: Final = timedelta(days=30)


def rotate_secret(
    *,
    actor: Actor,
    subscription_id: UUID,
    scheme: Scheme | None = None,
    overlap: timedelta = DEFAULT_OVERLAP,
    expected_version: int | None = None,
) -> WithSecret:
    """Signs with a new key at once, and with the old one too until `overlap` has passed.

    Without a `scheme` the new key is of the old one's kind. A second rotation within the
    overlap drops the oldest of the three keys.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        VersionMismatch: it is not at `expected_version` any more.
        Invalid: the overlap is negative or longer than 30 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        detail = "The old secret may go on for 0 seconds to 30 days."
        raise Invalid(detail, (Issue("overlap", "out_of_range", detail),))
    with transaction.atomic():
        subscription = require_subscription(actor, subscription_id)
        require_version(subscription, expected_version)
        key = make_key(scheme or ("v1a" if subscription.public_key else "v1"))
        subscription.previous_secret = subscription.secret if overlap else ""
        subscription.previous_secret_until = utc_now() + overlap if overlap else None
        subscription.secret = key.sealed()
        subscription.public_key = key.public_text
        save_next_version(
            subscription, "secret", "previous_secret", "previous_secret_until", "public_key"
        )
    return WithSecret(subscription, key.text)
