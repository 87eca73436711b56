"""What a probe may tell of the ledger beside whether this process can serve: cheap, and at once."""

import threading
import time
from typing import Any, Final

from outbox.advice import advise
from outbox.broker_state import peek_broker
from outbox.pipelines import load_pipeline
from outbox.schedules import late_schedules
from outbox.standing import read_standing

MEMORY_SECONDS: Final = 5.0


class OperationsDetail:
    """Reads at most once in five seconds; never waits for the broker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """Numbers, and the codes of what is wrong. Five selects at most."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = _read()
                self._until = time.monotonic() + MEMORY_SECONDS
            return self._found


def _read() -> dict[str, Any]:
    standing, broker, late = read_standing(load_pipeline()), peek_broker(), late_schedules()
    found: dict[str, Any] = {
        "ledger_lag_seconds": round(standing.lag_seconds, 3),
        "open_steps": standing.open,
        "dead_steps": standing.dead,
        "late_schedules": [entry.name for entry in late],
        "findings": [advice.code for advice in advise(standing, broker, late)],
    }
    if broker is not None:
        found["broker"] = "ok" if broker.is_up else "away"
    return found
