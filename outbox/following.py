"""Reading along in the ledger, within a process that must know of each change at once."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.db import connection
from django.db.utils import DatabaseError, InterfaceError

from outbox.models import LedgerEvent
from outbox.planning import ledger_position
from outbox.wakeups import LEDGER_CHANNEL

logger = logging.getLogger(__name__)

MOST_EVENTS: Final = 1000
POLL_SECONDS: Final = 0.1
"""SQLite is asked so often: a read of one row, some 0.05 ms."""
LISTEN_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 0.5
_STOP_SECONDS: Final = 5.0

Heard = Callable[[Sequence[LedgerEvent] | None, float], None]
"""Told of each look: the new events in order, and when the look began.

They are None where more happened than is worth telling one by one. The time is of
`time.monotonic`; every event that was committed before it has been told.
"""


class LedgerFollower:
    """Tells of events from the moment on that it is started.

    On PostgreSQL a commit wakes it; on SQLite, and behind a pooler that loses the `LISTEN`, it
    looks again and again. It keeps one connection. A database that goes away is waited for,
    and nothing is missed then, since the ledger keeps what happened.
    """

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._stop = threading.Event()
        self._position: int | None = None
        self._listens = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins, in a thread of its own."""
        self._thread = threading.Thread(
            target=self.run_forever, name="ledger-follower", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends after the look in hand, which is waited for unless the database hangs."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def run_forever(self) -> None:
        """Looks and waits in turn, until `stop`."""
        while not self._stop.is_set():
            try:
                self._listen()
                self.look()
                self._wait()
            except (DatabaseError, InterfaceError, OSError) as error:
                logger.warning("The ledger cannot be read: %s", error)
                self._begin_anew()
            except Exception:  # whoever follows depends on this thread's going on
                logger.exception("Following the ledger failed in a way that is not known.")
                self._begin_anew()
        connection.close()

    def _begin_anew(self) -> None:
        self._listens = False
        connection.close()
        self._stop.wait(_AWAY_SECONDS)

    def look(self) -> None:
        """Tells of what is new. One select, two when there is something."""
        begun = time.monotonic()
        head = ledger_position()
        if self._position is None or head < self._position or head - self._position > MOST_EVENTS:
            # At the start; a database put back to an earlier state; too much at once.
            self._heard(None, begun)
        elif head > self._position:
            events = LedgerEvent.objects.filter(sequence__gt=self._position, sequence__lte=head)
            self._heard(list(events.order_by("sequence").only("id", "data")), begun)
        else:
            self._heard((), begun)
        self._position = head

    def _listen(self) -> None:
        if connection.vendor == "postgresql" and not self._listens:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {LEDGER_CHANNEL}")
            self._listens = True

    def _wait(self) -> None:
        if not self._listens:
            self._stop.wait(POLL_SECONDS)
            return
        for _ in connection.connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
            return
