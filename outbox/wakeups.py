"""How a relay learns of new events without asking all the time."""

import logging
import threading
from typing import Final, Protocol

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError, InterfaceError

logger = logging.getLogger(__name__)

LEDGER_CHANNEL: Final = "galley_ledger"
"""Told at the commit of each event."""
RUNS_CHANNEL: Final = "galley_runs"
"""Told when a worker has settled runs: others may have waited for them."""


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

    def __init__(self, stop: threading.Event, *channels: str) -> None:
        self._stop = stop
        self._channels = channels or (LEDGER_CHANNEL,)
        self._database: BaseDatabaseWrapper | None = None

    def wait(self, seconds: float) -> None:
        """Returns early for an event that was committed since the last call, too."""
        try:
            database = self._listening()
            # The driver's own call raises the driver's own errors.
            with database.wrap_database_errors:
                if list(database.connection.notifies(timeout=seconds, stop_after=1)):
                    # Whoever looks now sees what the others tell of, too.
                    list(database.connection.notifies(timeout=0))
        except (DatabaseError, InterfaceError, OSError) as error:
            logger.warning("Not listening for new events: %s", error)
            self.close()
            self._stop.wait(seconds)

    def _listening(self) -> BaseDatabaseWrapper:
        if self._database is None:
            self._database = connection.copy()
            with self._database.cursor() as cursor:
                for channel in self._channels:
                    cursor.execute(f"LISTEN {channel}")
        return self._database

    def close(self) -> None:
        """Ends the connection; the next wait opens another."""
        if self._database is not None:
            self._database.close()
        self._database = None


def make_wakeups(stop: threading.Event, *channels: str) -> Wakeups:
    """What this database offers, for these channels; for the ledger's if none is named."""
    if connection.vendor == "postgresql":
        return NotifyWakeups(stop, *channels)
    return PollWakeups(stop)


def wake_relays() -> None:
    """Has every relay look again, once the transaction has committed. One statement."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {RUNS_CHANNEL}")
