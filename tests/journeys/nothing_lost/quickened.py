"""The product's own pipeline, in which what waits minutes waits seconds.

A holder that was lost is found out by its lease alone, so a test that kills a hundred of them
would otherwise wait most of its time.
"""

import faulthandler
import os
import signal
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from core.interface import OutboundLimits, ScheduleEntry
from outbox.interface import Pipeline, sweep
from site_config import pipeline
from tests.journeys.nothing_lost.gates import GatePlan
from tests.journeys.nothing_lost.journal import Journal
from tests.journeys.nothing_lost.mutations import MUTATED

MUTATION: Final = os.environ.get("NOTHING_LOST_MUTATION", "")
LEASE_SECONDS: Final = 8
_LIMITS: Final = OutboundLimits(connect_seconds=2.0, deadline_seconds=5.0, max_body_bytes=4096)
# Module and name → value.
QUICKER: Final[dict[tuple[str, str], Any]] = {
    ("core.faults", "_plan"): GatePlan(Path(os.environ["NOTHING_LOST_GATES"])),
    ("outbox.claiming", "_QUEUE_LEASE_SECONDS"): LEASE_SECONDS,
    ("outbox.relay", "_DATABASE_AWAY_SECONDS"): 1.0,
    ("outbox.celery_dispatching", "_BROKER_AWAY_SECONDS"): 1.0,
    ("outbox.retries", "RETRY_WAITS_SECONDS"): (0.2, 0.5, 1, 2, 3, 3, 3, 3, 3),
    ("webhooks.claiming", "LEASE_SECONDS"): float(LEASE_SECONDS),
    ("webhooks.sender", "RENEW_SECONDS"): 2.0,
    ("webhooks.sending", "LIMITS"): _LIMITS,
    ("webhooks.retries", "WAITS_SECONDS"): (0.2, 0.5, 1, 2, 3, 3, 3, 3, 3),
    ("webhooks.retries", "_FIRST_HOLD_SECONDS"): 0.2,
    ("webhooks.retries", "_LONGEST_HOLD_SECONDS"): 2.0,
}


def _put_in_place(values: dict[tuple[str, str], Any]) -> None:
    for (module_name, name), value in values.items():
        owner: Any = import_module(module_name)
        *path, last = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        assert hasattr(owner, last), f"{module_name} has no {name} any more"
        setattr(owner, last, value)


def _quickened() -> Pipeline:
    _put_in_place(QUICKER | MUTATED.get(MUTATION, {}))
    steps = {
        name: replace(step, lease_seconds=min(step.lease_seconds, LEASE_SECONDS))
        for name, step in pipeline.PIPELINE.steps.items()
    }
    return Pipeline(
        {
            event_type: tuple(steps[step.name] for step in listed)
            for event_type, listed in pipeline.PIPELINE.steps_by_type.items()
        }
    )


PIPELINE: Final = _quickened()
SCHEDULE: Final = (
    ScheduleEntry("sweep_ledger", 5, (lambda: None) if MUTATION == "sweep" else sweep),
)

if "NOTHING_LOST_READY" in os.environ:
    # Who asks why nothing goes on, hears where each thread is.
    faulthandler.register(signal.SIGUSR1, file=2, all_threads=True)
    Journal(Path(os.environ["NOTHING_LOST_READY"])).write(ready=os.getpid())
