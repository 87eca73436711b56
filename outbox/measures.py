"""The ledger's numbers for monitoring."""

from collections.abc import Iterable

from core.interface import Family
from outbox.broker_state import read_broker
from outbox.pipelines import load_pipeline
from outbox.standing import StepStanding, read_standing

_STATUSES = ("waiting", "queued", "running", "dead", "discarded")


def ledger_families() -> Iterable[Family]:
    """Where the ledger and its steps stand. Four selects."""
    standing = read_standing(load_pipeline())
    steps = standing.steps
    yield Family(
        "galley_ledger_events",
        "Events that the ledger has recorded since its beginning.",
        (),
        [((), float(standing.head))],
        kind="counter",
    )
    yield Family(
        "galley_ledger_lag_seconds",
        "How long ago the oldest event happened that this step is not done with; 0 if none.",
        ("step",),
        [((step.name,), step.lag_seconds) for step in steps],
    )
    yield Family(
        "galley_ledger_unread_events",
        "Events that no relay has planned for this step yet.",
        ("step",),
        [((step.name,), float(step.behind or 0)) for step in steps],
    )
    yield Family(
        "galley_step_runs",
        "Runs of a step that are not done, by status; dead ones wait for a person.",
        ("step", "status"),
        [((step.name, status), _number(step, status)) for step in steps for status in _STATUSES],
    )


def _number(step: StepStanding, status: str) -> float:
    return float(getattr(step, status))


def broker_families() -> Iterable[Family]:
    """The broker's queues; nothing where there is none."""
    state = read_broker()
    if state is None:
        return
    yield Family("galley_broker_up", "Whether the broker answers.", (), [((), float(state.is_up))])
    yield Family(
        "galley_broker_queue_messages",
        "Messages that are ready in a queue of the broker.",
        ("queue",),
        [((queue.name,), float(queue.messages or 0)) for queue in state.queues],
    )
    yield Family(
        "galley_broker_queue_consumers",
        "Workers that take messages from a queue of the broker.",
        ("queue",),
        [((queue.name,), float(queue.consumers or 0)) for queue in state.queues],
    )
