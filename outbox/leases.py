"""Keeping what is being run: a lease is short, and is renewed for as long as its holder lives.

So a process that is gone, with all its threads, is missed within seconds, however long its
steps may take.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.db import Error as DatabaseFailed
from django.db import connection

from core.interface import utc_now
from outbox.batches import Batch
from outbox.claiming import held_runs
from outbox.models import StepStatus

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 15.0
RENEW_SECONDS: Final = 4.0


def first_lease(most_seconds: float) -> float:
    """For how long a batch is its holder's at first, of `most_seconds` that it may take in all."""
    # On SQLite a renewal would wait for whatever the step itself writes.
    return min(LEASE_SECONDS, most_seconds) if _renews() else most_seconds


@contextmanager
def kept_leases(batch: Batch, most_seconds: float) -> Iterator[None]:
    """Renews the leases of the batch while the block runs, for `most_seconds` at most.

    Costs a thread, and nothing of the database unless the block takes seconds.
    """
    if not _renews() or most_seconds <= LEASE_SECONDS:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(
        target=_renew, args=(batch, time.monotonic() + most_seconds, ended), name="leases"
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renews() -> bool:
    return connection.vendor == "postgresql"


def _renew(batch: Batch, ends: float, ended: threading.Event) -> None:
    while not ended.wait(RENEW_SECONDS) and (left := ends - time.monotonic()) > 0:
        until = utc_now() + timedelta(seconds=min(LEASE_SECONDS, left))
        try:
            held_runs(batch, StepStatus.RUNNING).update(lease_until=until)
        except (DatabaseFailed, OSError):
            # The lease bears one failure or two: the next time asks by a new connection.
            logger.warning("Leases could not be renewed.", exc_info=True)
            connection.close()
    connection.close()
