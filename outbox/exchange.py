"""Publishing to the topic exchange `galley.events`, and hearing that the broker has it.

Celery's own connection carries hints that may be lost. What goes out here is a promise to other
programs, so each message counts as sent only when the broker confirms it. A batch goes out
whole and its confirmations are read afterwards, which makes fifty cost little more than one.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from amqp import Channel, Message
from amqp.exceptions import AMQPError
from kombu.connection import Connection

from core.interface import fault_point
from outbox.cloud_events import Outcome, Outgoing
from outbox.errors import RetryableError

EXCHANGE: Final = "galley.events"
PUBLISH_SECONDS: Final = 8.0
"""All that one call may take, however the broker fails to answer."""
_CONNECT_SECONDS: Final = 3.0
_REST_SECONDS: Final = 2.0
_TROUBLE: Final = (AMQPError, OSError)


class Exchange:
    """One connection, opened when it is first needed, for one caller at a time."""

    def __init__(self, url: str) -> None:
        self._urls = url.split(";")
        self._lock = threading.Lock()
        self._connection: Any = None
        self._channel: Channel | None = None
        self._last_tag = 0
        self._open_tags: dict[int, int] = {}
        self._outcomes: list[Outcome] = []
        self._rests_until = 0.0

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publishes in order; gives for each message None, or why it must be sent again.

        Within ten seconds. A message that failed may have arrived all the same.
        """
        deadline = time.monotonic() + PUBLISH_SECONDS
        if not self._lock.acquire(timeout=PUBLISH_SECONDS):
            return [RetryableError("Others are still waiting for the broker.") for _ in messages]
        try:
            if time.monotonic() < self._rests_until:
                return [RetryableError("The broker was away a moment ago.") for _ in messages]
            self._outcomes = [RetryableError("The broker did not confirm.") for _ in messages]
            return self._publish(messages, deadline)
        finally:
            self._lock.release()

    def declare(self) -> bool:
        """Sees to it that the exchange is there to be bound; False if the broker did not answer."""
        self.publish([])
        return self._channel is not None

    def close(self) -> None:
        """Ends the connection without asking the broker, which may not answer."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()

    def _publish(self, messages: Sequence[Outgoing], deadline: float) -> list[Outcome]:
        # A connection that lay idle may have ended without our hearing of it: once more, then.
        attempts = 2 if self._connection is not None else 1
        while attempts:
            attempts -= 1
            try:
                self._send(messages, deadline)
                break
            except _TROUBLE as error:
                self.close()
                if attempts == 0 or isinstance(error, TimeoutError):
                    self._rests_until = time.monotonic() + _REST_SECONDS
                    return self._explained(error)
        return self._outcomes

    def _explained(self, error: Exception) -> list[Outcome]:
        detail = f"The broker does not take messages: {type(error).__name__} {error}"
        return [outcome and RetryableError(detail) for outcome in self._outcomes]

    def _send(self, messages: Sequence[Outgoing], deadline: float) -> None:
        channel = self._open(deadline)
        fault_point("outbox.announce.before_publish")
        self._open_tags = {}
        with _corked(self._connection.transport.sock):
            for index, message in enumerate(messages):
                if self._outcomes[index] is None:
                    continue
                self._last_tag += 1
                self._open_tags[self._last_tag] = index
                channel.basic_publish(
                    Message(
                        message.body, application_headers=message.headers, **message.properties
                    ),
                    exchange=EXCHANGE,
                    routing_key=message.routing_key,
                )
        while self._open_tags:
            self._connection.drain_events(timeout=_left(deadline))
        fault_point("outbox.announce.after_publish")

    def _open(self, deadline: float) -> Channel:
        if self._channel is not None and self._connection.connected:
            return self._channel
        self._connection = self._connect(deadline)
        # Every wait for the broker ends, those that the library does not bound too.
        self._connection.transport.sock.settimeout(_CONNECT_SECONDS)
        channel: Channel = self._connection.channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        self._channel, self._last_tag = channel, 0
        return channel

    def _connect(self, deadline: float) -> Any:
        """A connection to the first node that answers."""
        for url in self._urls[:-1]:
            try:
                return _establish(url, deadline)
            except _TROUBLE:
                continue
        return _establish(self._urls[-1], deadline)

    def _on_ack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001
        self._settle(tag, None, multiple=multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001
        self._settle(tag, RetryableError("The broker refused the message."), multiple=multiple)

    def _settle(self, tag: int, outcome: Outcome, *, multiple: bool) -> None:
        tags = [open_tag for open_tag in self._open_tags if open_tag <= tag] if multiple else [tag]
        for settled in tags:
            index = self._open_tags.pop(settled, None)
            if index is not None:
                self._outcomes[index] = outcome


@contextmanager
def _corked(connected: socket.socket) -> Iterator[None]:
    """What is written meanwhile goes out in whole packets: the broker reads a batch in few looks.

    Where the system has no such option, each message goes out by itself.
    """
    option = getattr(socket, "TCP_CORK", None)
    if option is None:
        yield
        return
    connected.setsockopt(socket.IPPROTO_TCP, option, 1)
    try:
        yield
    finally:
        # A connection that failed meanwhile may be closed already.
        with suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, option, 0)


def _establish(url: str, deadline: float) -> Any:
    seconds = min(_CONNECT_SECONDS, _left(deadline))
    client = Connection(url, connect_timeout=seconds)  # type: ignore[no-untyped-call]
    return client.transport.establish_connection()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


_exchanges: Final[dict[tuple[int, str], Exchange]] = {}


def exchange_at(url: str) -> Exchange:
    """This process's exchange on that broker.

    A child that was forked gets its own, and leaves its parent's connection alone.
    """
    return _exchanges.setdefault((os.getpid(), url), Exchange(url))
