"""The step that tells other programs of each change, over the exchange `galley.events`."""

from collections.abc import Sequence

from django.conf import settings

from delivery.interface import get_type
from outbox.interface import (
    Announcement,
    LedgerEvent,
    Outgoing,
    Sender,
    announce,
    outgoing,
    publish_outgoing,
)


def announce_to_exchange(event: LedgerEvent) -> None:
    """Publishes what others are told of `event`; nothing where that is nothing.

    Raises:
        RetryableError: the broker did not confirm the message in time.
    """
    for error in announce_all_to_exchange([event]):
        if error is not None:
            raise error


def announce_all_to_exchange(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """The same for many, in their order; gives what became of each."""
    messages = [message_of(event) for event in events]
    sent = [message for message in messages if message is not None]
    if not sent:
        return [None] * len(events)
    outcomes = iter(publish_outgoing(sent))
    return [None if message is None else next(outcomes) for message in messages]


def message_of(event: LedgerEvent) -> Outgoing | None:
    """The message about `event`; None for one that is not announced."""
    told = announce(event)
    if told is None:
        return None
    sender = Sender(settings.EVENT_SOURCE, settings.EVENT_SCHEMAS_URL)
    return outgoing(told, sender, routing_key=routing_key(told))


def routing_key(told: Announcement) -> str:
    """What queues choose by: `content.published.blog-post`, or `site.changed`."""
    name = told.data.get("type")
    if name is None:
        return told.type
    document_type = get_type(name)
    return f"{told.type}.{name if document_type is None else document_type.singular}"
