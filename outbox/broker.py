"""How much lies in the broker, asked so that a broker that hangs holds up nobody for long.

Loaded by name where a broker is configured: other processes need not know of AMQP.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from outbox.broker_state import BrokerState, QueueDepth

logger = logging.getLogger(__name__)

DEAD_LETTERS: Final = "galley.dead"
"""Messages that no worker could take, or that ended it again and again."""
ASK_SECONDS: Final = 1.0
MEMORY_SECONDS: Final = 5.0
_connect: Final[Any] = Connection
_NOT_FOUND: Final = 404


class Broker:
    """Asks at most once in five seconds, however many ask here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: BrokerState | None = None

    def read(self) -> BrokerState:
        """As it was at most five seconds ago."""
        with self._lock:
            if self._found is None or time.monotonic() >= self._until:
                names = (settings.CELERY_TASK_DEFAULT_QUEUE, DEAD_LETTERS)
                self._found = ask_broker(settings.CELERY_BROKER_URL, names)
                self._until = time.monotonic() + MEMORY_SECONDS
            return self._found

    def peek(self) -> BrokerState | None:
        """As it was when last asked; one that is too old is asked for on a thread of its own."""
        found = self._found
        if (found is None or time.monotonic() >= self._until) and not self._lock.locked():
            threading.Thread(target=self.read, name="broker-depths", daemon=True).start()
        return found


def ask_broker(url: str, names: Sequence[str]) -> BrokerState:
    """The depths of these queues, declared passively: nothing is made by asking."""
    options = {"read_timeout": ASK_SECONDS, "write_timeout": ASK_SECONDS}
    broker = _connect(url, connect_timeout=ASK_SECONDS, transport_options=options)
    try:
        # `broker.connect` would try again after two seconds.
        open_broker = broker.transport.establish_connection()
        try:
            queues = tuple(_depth(broker, open_broker, name) for name in names)
        finally:
            broker.transport.close_connection(open_broker)
    except (OperationalError, OSError, *broker.connection_errors, *broker.channel_errors) as error:
        logger.warning("The broker does not answer: %s", error)
        return BrokerState(is_up=False)
    return BrokerState(is_up=True, queues=queues)


def _depth(broker: Any, open_broker: Any, name: str) -> QueueDepth:
    # A channel ends with an error of the broker's.
    channel = open_broker.channel()
    try:
        found = channel.queue_declare(name, passive=True)
    except broker.channel_errors as error:
        if getattr(error, "code", None) != _NOT_FOUND:
            raise
        return QueueDepth(name, None, None)
    finally:
        channel.close()
    return QueueDepth(name, found.message_count, found.consumer_count)


BROKER: Final = Broker()
"""The process's own."""
