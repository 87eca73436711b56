"""What most tests of webhooks do."""

from typing import Any

from outbox.relay import Relay
from tests.factories.documents import Library
from webhooks.interface import Actor, Delivery, WithSecret, create_subscription
from webhooks.sender import Sender


def subscribe(actor: Actor, url: str, **values: Any) -> WithSecret:
    """A webhook for every change of posts."""
    wishes = {"name": "Mirror", "event_types": ["content.*"], "content_types": ["blog-posts"]}
    return create_subscription(actor=actor, url=url, **(wishes | values))


def publish(library: Library, *keys: str, **columns: Any) -> None:
    """A post for each key, each in a transaction of its own."""
    for key in keys:
        library.post(key, **columns)
        library.save()


def send_all() -> None:
    """Runs the pipeline and the sender until nothing is due."""
    Relay().drain()
    Sender().drain()


def statuses() -> list[str]:
    """Of all deliveries, in the order of the ledger."""
    return list(Delivery.objects.order_by("sequence").values_list("status", flat=True))
