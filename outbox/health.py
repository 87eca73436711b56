"""What a probe may tell of the ledger beside whether this process can serve: cheap, and at once."""

import threading
import time
from typing import Any, Final

from outbox.advice import advise
from outbox.broker_state import BrokerState, peek_broker
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
                self._found = read_operations(peek_broker())
                self._until = time.monotonic() + MEMORY_SECONDS
            return self._found


def read_operations(broker: BrokerState | None) -> dict[str, Any]:
    """The same, with what the caller knows of the broker."""
    standing, late = read_standing(load_pipeline()), late_schedules()
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
