"""How a relay learns of new events without asking all the time."""

import logging
import threading
from typing import Final, Protocol

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError, InterfaceError

logger = logging.getLogger(__name__)

LEDGER_CHANNEL: Final = "galley_ledger"


class Wakeups(Protocol):
    """Something to wait on."""

    def wait(self, seconds: float) -> None:
        """Returns after an event was committed, or after `seconds` at the latest."""

    def close(self) -> None:
        """Ends what it holds open; it may be waited on again."""


class PollWakeups:
    """Only time passes: for databases that tell nothing."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def wait(self, seconds: float) -> None:
        """Returns at once when the relay is to stop."""
        self._stop.wait(seconds)

    def close(self) -> None:
        """Nothing is held open."""


class NotifyWakeups:
    """PostgreSQL's LISTEN, on a connection of its own, which must reach the server directly.

    A pooler in transaction mode loses the LISTEN; then, and while the connection is away, time
    alone wakes the relay.
    """

    def __init__(self, stop: threading.Event, channel: str) -> None:
        self._stop = stop
        self._channel = channel
        self._database: BaseDatabaseWrapper | None = None

    def wait(self, seconds: float) -> None:
        """Returns early for an event that was committed since the last call, too."""
        try:
            database = self._listening()
            for _ in database.connection.notifies(timeout=seconds, stop_after=1):
                return
        except (DatabaseError, InterfaceError, OSError) as error:
            logger.warning("Not listening for new events: %s", error)
            self.close()
            self._stop.wait(seconds)

    def _listening(self) -> BaseDatabaseWrapper:
        if self._database is None:
            self._database = connection.copy()
            with self._database.cursor() as cursor:
                cursor.execute(f"LISTEN {self._channel}")
        return self._database

    def close(self) -> None:
        """Ends the connection; the next wait opens another."""
        if self._database is not None:
            self._database.close()
        self._database = None


def make_wakeups(stop: threading.Event, channel: str = LEDGER_CHANNEL) -> Wakeups:
    """What this database offers."""
    if connection.vendor == "postgresql":
        return NotifyWakeups(stop, channel)
    return PollWakeups(stop)
