"""A consumer of the exchange `galley.events`, with a durable queue of its own."""

import json
import socket
import threading
from contextlib import suppress
from typing import Any, Final

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.message import Message
from kombu.transport.pyamqp import Transport

from tests.journeys.nothing_lost.mirrors import Inbox

EXCHANGE: Final = Exchange("galley.events", type="topic", durable=True)
QUEUE: Final = Queue(
    "nothing-lost.mirror",
    EXCHANGE,
    routing_key="#",
    durable=True,
    queue_arguments={"x-queue-type": "quorum"},
)
AWAY: Final = (*Transport.connection_errors, *Transport.channel_errors, OSError)


class QueueMirror:
    """Takes a message, applies it, then acknowledges; after whatever went wrong it comes again."""

    def __init__(self, url: str) -> None:
        self.inbox = Inbox()
        self.reconnects = 0
        self._url = url
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def declare(self) -> None:
        """Before anything is published: what no queue is bound for is gone."""
        with Connection(self._url) as connection:
            QUEUE(connection.default_channel).declare()

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._done.set()
        self._thread.join(60)

    def _follow(self) -> None:
        while not self._done.is_set():
            try:
                self._consume()
            except AWAY:
                self.reconnects += 1
                self._done.wait(0.3)

    def _consume(self) -> None:
        with Connection(self._url, connect_timeout=3, heartbeat=4) as connection:
            channel = connection.channel()
            channel.basic_qos(0, 50, a_global=False)
            with connection.Consumer(QUEUE, channel=channel, callbacks=[self._take]):
                while not self._done.is_set():
                    with suppress(socket.timeout):
                        connection.drain_events(timeout=0.5)
                    connection.heartbeat_check()

    def _take(self, body: Any, message: Message) -> None:
        event = body if isinstance(body, dict) else json.loads(body)
        self.inbox.take(event["id"], event["type"], int(event["sequence"]), event["data"])
        message.ack()
