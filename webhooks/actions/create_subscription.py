"""Adding a webhook."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from core.interface import Conflict
from outbox.interface import last_event
from webhooks.models import EndpointState, Subscription
from webhooks.policy import Actor
from webhooks.secrets import Scheme, make_key
from webhooks.wanting import read_wishes

MAX_PER_OWNER = 100


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A subscription and its new secret, which is shown this once."""

    subscription: Subscription
    secret: str


@transaction.atomic
def create_subscription(
    *,
    actor: Actor,
    name: str,
    url: str,
    event_types: Sequence[str],
    content_types: Sequence[str] = (),
    locales: Sequence[str] = (),
    site: int | None = None,
    fields: str = "",
    is_active: bool = True,
    scheme: Scheme = "v1",
) -> WithSecret:
    """Makes the actor the owner of a new webhook, which hears of what happens from now on.

    Raises:
        Invalid: with an issue for each field that cannot be; also for a URL that no request of
            ours may go to.
        Conflict: the owner has as many as one may have.
    """
    wishes = read_wishes(
        {
            "name": name,
            "url": url,
            "event_types": event_types,
            "content_types": content_types,
            "locales": locales,
            "site": site,
            "fields": fields,
            "is_active": is_active,
        },
        current={},
    )
    if Subscription.objects.filter(owner_id=actor.user_id).count() >= MAX_PER_OWNER:
        raise Conflict(f"Nobody may have more than {MAX_PER_OWNER} webhooks.")
    newest = last_event()
    key = make_key(scheme)
    subscription = Subscription.objects.create(
        **wishes,
        owner_id=actor.user_id,
        secret=key.sealed(),
        public_key=key.public_text,
        since_sequence=0 if newest is None else newest.sequence,
    )
    EndpointState.objects.create(subscription=subscription)
    return WithSecret(subscription, key.text)
