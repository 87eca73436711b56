"""A queue of a test's own on the exchange, as another program would have one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kombu.connection import Connection


@dataclass(frozen=True)
class Heard:
    """A message as it came out of the queue."""

    routing_key: str
    properties: dict[str, Any]
    headers: dict[str, Any]
    event: dict[str, Any]


class Listener:
    """Takes what has come to the queue so far."""

    def __init__(self, channel: Any, queue: str) -> None:
        self._channel, self._queue = channel, queue

    def take(self) -> list[Heard]:
        found = []
        while message := self._channel.basic_get(self._queue, no_ack=True):
            found.append(
                Heard(
                    message.delivery_info["routing_key"],
                    dict(message.properties),
                    dict(message.headers),
                    json.loads(message.body),
                )
            )
        return found


@contextmanager
def listening(url: str, binding: str = "#") -> Iterator[Listener]:
    """Hears what is published while the context lasts."""
    with Connection(url) as connection:
        channel = connection.channel()
        channel.exchange_declare("galley.events", "topic", durable=True, auto_delete=False)
        queue = channel.queue_declare(exclusive=True).queue
        channel.queue_bind(queue, "galley.events", binding)
        yield Listener(channel, queue)
