"""How far what follows a change has got, in words for those who made it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from outbox.models import LedgerEvent, LedgerReader, StepRun, StepStatus
from outbox.pipelines import Pipeline, Step, load_pipeline


class ProgressState(StrEnum):
    """Where one thing that follows a change stands."""

    DONE = "done"
    UNDER_WAY = "under_way"
    RETRYING = "retrying"
    """Tried in vain; the next try comes by itself."""
    FAILED = "failed"
    """Given up, until a person has it done again."""
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One thing that follows a change; `done` of `total` where it is done in parts.

    Nothing in it tells of addresses or errors: it is shown to all who may edit the page.
    """

    name: str
    label: str
    state: ProgressState
    at: datetime | None = None
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """A change as it stands in the ledger, and how far each step after it has got, in order."""

    sequence: int
    type: str
    occurred_at: datetime
    steps: tuple[StepProgress, ...]


ProgressReader = Callable[[Sequence[LedgerEvent]], Mapping[int, StepProgress]]
"""Given events, tells by sequence number what became of them; says nothing of those that did not
concern it. A constant number of queries."""

_readers: Final[dict[str, ProgressReader]] = {}

_UNDER_WAY: Final = ProgressState.UNDER_WAY
_STATES: Final = {
    StepStatus.DONE: ProgressState.DONE,
    StepStatus.DEAD: ProgressState.FAILED,
    StepStatus.DISCARDED: ProgressState.DISCARDED,
}


def register_progress(name: str, reader: ProgressReader) -> None:
    """Has `reader` tell of the step `name` from the moment on that the step is done.

    For a step that only hands work on, such as one that fans out to many receivers. Call it when
    the application starts; the later registration of a name wins.
    """
    _readers[name] = reader


def publication_progress(
    subject: str, *, types: Collection[str] | None = None
) -> Publication | None:
    """What became of the latest change of `subject`; None when the ledger holds none.

    `types` leaves out events of other types. Three queries, and those of each reader that is
    registered.
    """
    events = LedgerEvent.objects.filter(subject=subject).order_by("-sequence")
    if types is not None:
        events = events.filter(type__in=types)
    event = events.first()
    if event is None:
        return None
    pipeline = load_pipeline()
    runs = {run.step: run for run in StepRun.objects.filter(event=event)}
    unread = set(pipeline.steps) - set(
        LedgerReader.objects.filter(position__gte=event.sequence).values_list("step", flat=True)
    )
    found = (
        _progress(step, event, runs.get(step.name), is_unread=step.name in unread)
        for step in pipeline.steps_for(event.type)
    )
    steps = tuple(progress for progress in found if progress is not None)
    return Publication(event.sequence, event.type, event.occurred_at, steps)


def _progress(
    step: Step, event: LedgerEvent, run: StepRun | None, *, is_unread: bool
) -> StepProgress | None:
    if run is None:
        # A step that joined the pipeline later leaves what happened before it alone.
        return StepProgress(step.name, step_label(step), _UNDER_WAY) if is_unread else None
    if run.status == StepStatus.DONE and step.name in _readers:
        return _readers[step.name]([event]).get(event.sequence)
    state = _STATES.get(StepStatus(run.status))
    if state is None:
        state = ProgressState.RETRYING if run.last_error and run.tries else _UNDER_WAY
    return StepProgress(step.name, step_label(step), state, run.settled_at)


def step_label(step: Step) -> str:
    """What the step does, for people: its label, or what its name says."""
    return str(step.label or step.name.replace("_", " ").capitalize())


def labels_of(pipeline: Pipeline) -> dict[str, str]:
    """The label of each step, by name."""
    return {name: step_label(step) for name, step in pipeline.steps.items()}
