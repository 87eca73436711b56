"""The state of the ledger as text for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from outbox.advice import Advice, advise
from outbox.broker_state import BrokerState, read_broker
from outbox.models import StepRun, StepStatus
from outbox.pipelines import Pipeline
from outbox.schedules import LateSchedule, late_schedules, load_schedule
from outbox.standing import Standing, read_standing
from outbox.words import in_words

_HEADINGS: Final = (
    "STEP",
    "BEHIND BY",
    "UNREAD",
    "WAITING",
    "QUEUED",
    "RUNNING",
    "DEAD",
    "DISCARDED",
)
_LATEST_DEAD: Final = 5
_LONGEST_ERROR: Final = 200


def status_text(pipeline: Pipeline) -> str:
    """What Operations shows in the admin: numbers, and what to do about what is wrong."""
    standing, broker, late = read_standing(pipeline), read_broker(), late_schedules()
    parts = [
        _head(standing),
        _table(standing),
        f"{_broker(broker)}\n{_schedules(late)}",
        *_dead(),
        _advice(advise(standing, broker, late)),
    ]
    return "\n\n".join(parts)


def _head(standing: Standing) -> str:
    events = f"{standing.head:,} events in the ledger"
    if standing.last_event_at is not None:
        events += f", the last at {standing.last_event_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{events}. Behind by: {in_words(standing.lag_seconds)}."


def _table(standing: Standing) -> str:
    rows: list[Sequence[str]] = [_HEADINGS]
    for step in standing.steps:
        unread = "never read" if step.behind is None else f"{step.behind:,}"
        numbers = (step.waiting, step.queued, step.running, step.dead, step.discarded)
        name = step.name if step.is_known else f"{step.name} (not in the pipeline)"
        row = (name, in_words(step.lag_seconds), unread, *(f"{number:,}" for number in numbers))
        rows.append(row)
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def _broker(broker: BrokerState | None) -> str:
    if broker is None:
        return "Broker: none is configured; the relay runs the steps itself."
    if not broker.is_up:
        return "Broker: does not answer."
    queues = (
        f"{queue.name} not declared yet"
        if queue.messages is None
        else f"{queue.name} {queue.messages:,} messages, {queue.consumers:,} takers"
        for queue in broker.queues
    )
    return f"Broker: {'; '.join(queues)}."


def _schedules(late: Sequence[LateSchedule]) -> str:
    names = ", ".join(entry.name for entry in late)
    return f"Schedules: {len(load_schedule())}, late: {names or 'none'}."


def _dead() -> Iterator[str]:
    dead = StepRun.objects.filter(status=StepStatus.DEAD).order_by("-event_id")[:_LATEST_DEAD]
    lines = [f"  {run.event_id} {run.step}: {_short(run.last_error)}" for run in dead]
    if lines:
        yield "\n".join(["Given up last:", *lines])


def _short(error: str) -> str:
    line = " ".join(error.split())
    return line if len(line) <= _LONGEST_ERROR else f"{line[:_LONGEST_ERROR]}…"


def _advice(found: Sequence[Advice]) -> str:
    if not found:
        return "All is well."
    return "\n".join(["What to do:", *(f"- {item.text} {item.remedy}" for item in found)])
