"""The ledger's numbers for monitoring."""

from collections.abc import Iterable

from core.interface import Family
from outbox.broker_state import read_broker
from outbox.models import ScheduleState
from outbox.pipelines import load_pipeline
from outbox.schedules import late_schedules, load_schedule
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


def schedule_families() -> Iterable[Family]:
    """How the schedule fares. Two selects."""
    entries = load_schedule()
    states = {state.name: state for state in ScheduleState.objects.all()}
    late = {entry.name for entry in late_schedules()}
    known = [(entry.name, states[entry.name]) for entry in entries if entry.name in states]
    yield Family(
        "galley_schedule_last_success_timestamp_seconds",
        "When an entry of the schedule last came to a good end; absent if it never has.",
        ("schedule",),
        [((name,), state.last_ok_at.timestamp()) for name, state in known if state.last_ok_at],
    )
    yield Family(
        "galley_schedule_interval_seconds",
        "How often an entry of the schedule is to run.",
        ("schedule",),
        [((entry.name,), float(entry.every_seconds)) for entry in entries],
    )
    yield Family(
        "galley_schedule_consecutive_failures",
        "How often in a row an entry of the schedule has failed.",
        ("schedule",),
        [((name,), float(state.failures_in_row)) for name, state in known],
    )
    yield Family(
        "galley_schedule_late",
        "Whether an entry of the schedule has not come to a good end in its time.",
        ("schedule",),
        [((entry.name,), float(entry.name in late)) for entry in entries],
    )
