"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def wait_until(is_reached: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_reached():
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.02)
