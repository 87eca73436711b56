"""Doing things again and again, by one process among many."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import close_old_connections, connection

from core.leader import LeaderLock
from core.logging import log_context

logger = logging.getLogger(__name__)

# A leader that died has an heir within this time, so what runs every few seconds is never late.
_CANDIDATE_SECONDS: Final = 1.0
_CHECK_SECONDS: Final = 2.0
# Who could not ask for so long begins nothing: another may lead by now. Less than the time after
# which a leader that hangs loses its lock (`core.leader`).
_TRUST_SECONDS: Final = 8.0
_DOUBT_SECONDS: Final = 0.1


def _at_once() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """What runs, and how often; never beside itself.

    `first_wait` tells a new leader in how many seconds to begin: at once, if it does not know
    better.
    """

    name: str
    every_seconds: float
    run: Callable[[], None]
    first_wait: Callable[[], float] = _at_once


def run_entry(entry: ScheduleEntry) -> bool:
    """Runs `entry` once; a failure is logged and the next time comes all the same."""
    started = time.monotonic()
    with log_context(schedule=entry.name):
        try:
            entry.run()
        except Exception:  # one entry's fault must not end the schedule
            logger.exception("%s failed.", entry.name)
            return False
        logger.debug("%s took %.3f s.", entry.name, time.monotonic() - started)
        return True


def _first_wait(entry: ScheduleEntry) -> float:
    close_old_connections()
    try:
        return entry.first_wait()
    except Exception:  # not knowing when it ran last, we run it
        logger.exception("Nobody knows when %s is due.", entry.name)
        return 0.0


class Scheduler:
    """Runs the entries, each on a thread of its own, while it holds the leader's lock."""

    def __init__(
        self, entries: Sequence[ScheduleEntry], lock: LeaderLock, stop: threading.Event
    ) -> None:
        self._entries = entries
        self._lock = lock
        self._stop = stop
        self._held_at = 0.0

    def run_forever(self) -> None:
        """Leads, or waits to lead, until `stop` is set; then lets each entry end what it does."""
        while not self._stop.is_set():
            if self._lock.acquire():
                logger.info("Leading: %s entries.", len(self._entries))
                self._lead()
                self._lock.release()
            else:
                self._stop.wait(_CANDIDATE_SECONDS)

    def _lead(self) -> None:
        self._held_at = time.monotonic()
        rest = threading.Event()
        threads = [
            threading.Thread(target=self._repeat, args=(entry, rest), name=entry.name)
            for entry in self._entries
        ]
        for thread in threads:
            thread.start()
        while not self._stop.wait(_CHECK_SECONDS) and self._lock.is_held():
            self._held_at = time.monotonic()
        rest.set()
        for thread in threads:
            thread.join()

    def _repeat(self, entry: ScheduleEntry, rest: threading.Event) -> None:
        rest.wait(_first_wait(entry))
        while not (rest.is_set() or self._stop.is_set()):
            started = time.monotonic()
            if started - self._held_at > _TRUST_SECONDS:
                rest.wait(_DOUBT_SECONDS)
                continue
            close_old_connections()
            run_entry(entry)
            rest.wait(max(0.0, entry.every_seconds - (time.monotonic() - started)))
        connection.close()
