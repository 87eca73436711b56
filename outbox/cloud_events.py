"""Announcements as CloudEvents 1.0: one JSON object with everything about a change.

The attributes beyond the specification's own are two of its documented extensions: `sequence`,
as text that sorts as its number does, and `partitionkey`, which is the same for all that
happens to one document.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from core.interface import zulu
from outbox.announcements import Announcement
from outbox.errors import RetryableError

_CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
SCHEMA_PATH: Final = "/api/v1/schemas/events"
"""Where the API serves the schemas that `dataschema` names."""
# Loaded by name: a process without a broker need not know how to speak to one.
_EXCHANGE: Final = "outbox.exchange.exchange_at"
_OWN_EXCHANGE: Final = "outbox.exchange.Exchange"
_DECLARE_SECONDS: Final = 5.0
_SEQUENCE_DIGITS: Final = 20
_ON_DISK: Final = 2


Outcome = RetryableError | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message and where it goes."""

    routing_key: str
    body: bytes
    properties: dict[str, Any]
    headers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who says it: `source` names the installation, `schemas` is where its API begins."""

    source: str
    schemas: str


def cloud_event(told: Announcement, sender: Sender) -> dict[str, Any]:
    """The event with all its attributes. The same for the same announcement and sender."""
    return {
        "specversion": "1.0",
        "id": str(told.id),
        "source": sender.source,
        "type": told.type,
        "subject": told.subject,
        "time": zulu(told.time),
        "datacontenttype": "application/json",
        "dataschema": f"{sender.schemas}{SCHEMA_PATH}/{told.type}.schema.json",
        "sequence": f"{told.sequence:0{_SEQUENCE_DIGITS}d}",
        "partitionkey": told.subject,
        "data": dict(told.data),
    }


def outgoing(told: Announcement, sender: Sender, *, routing_key: str) -> Outgoing:
    """The message for the exchange, in CloudEvents' structured mode.

    What brokers and queues choose by stands beside the body too, so that they need not read it.
    """
    return Outgoing(
        routing_key=routing_key,
        body=orjson.dumps(cloud_event(told, sender)),
        properties={
            "content_type": _CONTENT_TYPE,
            "delivery_mode": _ON_DISK,
            "message_id": str(told.id),
            "type": told.type,
            "timestamp": int(told.time.timestamp()),
            "app_id": "galley",
        },
        headers={"sequence": told.sequence, "partitionkey": told.subject},
    )


def publish_outgoing(messages: Sequence[Outgoing]) -> list[Outcome]:
    """Publishes in order; gives for each message None, or why it must be sent again.

    Within ten seconds, whatever the broker does. A message that failed may have arrived all
    the same.
    """
    exchange = import_string(_EXCHANGE)(settings.CELERY_BROKER_URL)
    return cast("list[Outcome]", exchange.publish(messages))


def declare_exchange(stop: threading.Event) -> None:
    """Companion of a relay: others can bind their queues before there is anything to tell.

    Asks every few seconds until the broker answers; where none is set, does nothing.
    """
    if settings.CELERY_BROKER_URL:
        # A connection of its own: what this process has open may be from before it was deleted.
        exchange = import_string(_OWN_EXCHANGE)(settings.CELERY_BROKER_URL)
        while not exchange.declare() and not stop.wait(_DECLARE_SECONDS):
            pass
        exchange.close()
    stop.wait()
