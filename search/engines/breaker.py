"""Leaves a service alone that does not answer, so that it costs each caller nothing."""

import threading
import time
from collections.abc import Callable
from typing import Final

THRESHOLD: Final = 3
"""Failures in a row after which nobody asks for a while."""

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 15.0


class Breaker:
    """Open after some failures in a row; then lets one caller at a time try, ever more rarely.

    Threads may share it. A failure that is certain (a refused connection) opens it at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = 0.0
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the service counts as away now."""
        with self._lock:
            return self._pause > 0

    def may_try(self) -> bool:
        """Whether to ask the service. After a pause, the first who asks is the one who tries."""
        with self._lock:
            if not self._pause:
                return True
            now = self._clock()
            if now < self._until:
                return False
            # Whoever tries may never come back: the next one gets a turn after another pause.
            self._until = now + self._pause
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._pause = 0, 0.0

    def failed(self, *, is_certain: bool = False) -> None:
        with self._lock:
            self._failures += 1
            if self._failures < THRESHOLD and not is_certain:
                return
            self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 2 or FIRST_PAUSE_SECONDS)
            self._until = self._clock() + self._pause
