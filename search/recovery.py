"""The index catches up as soon as its engine is back, however rarely the steps were tried last."""

import logging
import time
from collections.abc import Callable
from typing import Final

from outbox.interface import hurry_runs
from search.engine_indexing import STEP
from search.engines.registry import elasticsearch_engine

logger = logging.getLogger(__name__)

AFTERWARDS_SECONDS: Final = 60.0
"""For so long after the return: what was tried while it was away may fail only then."""


class Recovery:
    """Knows whether the engine has just come back. One that has just begun takes it for back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + AFTERWARDS_SECONDS

    def look(self) -> int:
        """Makes the steps that wait due now, if the engine is back; gives how many."""
        engine = elasticsearch_engine()
        if engine is None:
            return 0
        if not engine.is_ready():
            self._until = self._clock() + AFTERWARDS_SECONDS
            return 0
        if self._clock() > self._until:
            return 0
        hurried = hurry_runs(STEP)
        if hurried:
            logger.info("The search engine is back: %s steps go on now.", hurried)
        return hurried


_recovery: Final = Recovery()


def catch_up() -> None:
    """What the schedule calls every few seconds."""
    _recovery.look()
