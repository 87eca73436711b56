"""A dry run: what a webhook would be sent, without sending it."""

from dataclasses import dataclass
from typing import Final, Unpack
from uuid import UUID

from core.interface import Invalid, Issue
from outbox.interface import announce, last_event, read_events
from webhooks.actions.update_subscription import SubscriptionChanges
from webhooks.matching import wants
from webhooks.models import Subscription
from webhooks.payload import Wanted, make_bodies
from webhooks.policy import Actor
from webhooks.selectors import get_subscription
from webhooks.wanting import read_wishes

MOST_EVENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """An event with the body that would be sent."""

    sequence: int
    event_id: UUID
    event_type: str
    body: str


def preview_subscription(
    *, actor: Actor, subscription_id: UUID, events: int = 20, **changes: Unpack[SubscriptionChanges]
) -> list[Preview]:
    """What of the newest `events` of the ledger the webhook would get; nothing is sent or stored.

    With `changes`, as if it had been changed so. Oldest first.

    Raises:
        NoSuchSubscription: none, or none of the actor's.
        Invalid: a change that cannot be, or not 1 to 200 events.
    """
    return _preview(get_subscription(actor, subscription_id), events, changes)


def preview_new(*, events: int = 20, **wishes: Unpack[SubscriptionChanges]) -> list[Preview]:
    """The same for a webhook that is only thought of: it needs no name and no URL.

    Raises:
        Invalid: a wish that cannot be, or not 1 to 200 events.
    """
    return _preview(Subscription(event_types=["*"]), events, wishes)


def _preview(
    subscription: Subscription, events: int, changes: SubscriptionChanges
) -> list[Preview]:
    if not 1 <= events <= MOST_EVENTS:
        detail = f"Give a number of events from 1 to {MOST_EVENTS}."
        raise Invalid(detail, (Issue("events", "out_of_range", detail),))
    current = {"fields": subscription.fields, "content_types": subscription.content_types}
    for name, value in read_wishes(changes, current=current).items():
        setattr(subscription, name, value)
    newest = last_event()
    if newest is None:
        return []
    announcements = map(announce, read_events(max(1, newest.sequence - events + 1), events))
    wanted = [
        Wanted(item, subscription)
        for item in announcements
        if item is not None and wants(subscription, item)
    ]
    return [
        Preview(item.announcement.sequence, item.announcement.id, item.announcement.type, body)
        for item, body in zip(wanted, make_bodies(wanted), strict=True)
    ]
