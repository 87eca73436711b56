"""The relay: finds out what is to be done after each event, and sees to it that it is done."""

import logging
import threading
import time
from typing import Final

from django.db import close_old_connections, connection
from django.db.utils import DatabaseError, InterfaceError

from core.interface import fault_point
from outbox.batches import gather_batches
from outbox.claiming import claim_due_runs, claim_left_lying
from outbox.dispatching import Dispatcher, make_dispatcher
from outbox.pipelines import Pipeline, load_pipeline
from outbox.planning import plan_runs
from outbox.settling import recover_lost_runs
from outbox.wakeups import LEDGER_CHANNEL, RUNS_CHANNEL, make_wakeups

logger = logging.getLogger(__name__)

# New events wake the relay at once on PostgreSQL; this is for due retries, and for SQLite.
_IDLE_SECONDS: Final = 1.0
_DATABASE_AWAY_SECONDS: Final = 5.0
_SWEEP_SECONDS: Final = 0.9


class Relay:
    """Several may run at once, in one process or many; each run goes to one of them."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._pipeline: Pipeline = load_pipeline()
        self._dispatcher: Dispatcher = make_dispatcher(self._pipeline, self._stop)
        self._sweep_at = 0.0

    def run_pass(self) -> int:
        """One round: read on, take back what was lost, claim what is due, dispatch it.

        Gives how much there was to do; 0 means that nothing is left for now.
        """
        # What others have lost is minutes or seconds old: not worth asking at each of many rounds.
        is_sweep = time.monotonic() >= self._sweep_at
        work = plan_runs(self._pipeline) + (recover_lost_runs() if is_sweep else 0)
        fault_point("outbox.relay.before_claim")
        claims = claim_due_runs(self._pipeline, self._dispatcher.rooms())
        if is_sweep:
            claims += claim_left_lying(self._pipeline)
            self._sweep_at = time.monotonic() + _SWEEP_SECONDS
        fault_point("outbox.relay.after_claim")
        self._dispatcher.dispatch(gather_batches(claims))
        return work + len(claims)

    def drain(self) -> None:
        """Rounds until nothing is left for now, or a stop is asked for."""
        while not self._stop.is_set() and self.run_pass():
            pass

    def run_forever(self) -> None:
        """Drains, waits, and drains again until `stop` is set; ends the item in hand first.

        A database that goes away is waited for.
        """
        wakeups = make_wakeups(self._stop, LEDGER_CHANNEL, RUNS_CHANNEL)
        while not self._stop.is_set():
            close_old_connections()
            try:
                self.drain()
            except (DatabaseError, InterfaceError):
                logger.exception("The database is away.")
                connection.close()
                self._stop.wait(_DATABASE_AWAY_SECONDS)
            else:
                wakeups.wait(_IDLE_SECONDS)
        wakeups.close()
        connection.close()


def sweep() -> None:
    """One round by whoever calls, beside the relays: nothing waits for ever if they all died."""
    Relay().run_pass()
