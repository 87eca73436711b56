"""What happens after an event: the types, and the pipeline that the settings name.

The pipeline itself is `site_config.pipeline`, found by `settings.OUTBOX_PIPELINE`, since it
knows every package and this one knows none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

from outbox.models import LedgerEvent

MOST_BATCHES: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do for an event. It may run twice, so doing it again must change nothing.

    `run` raises `RetryableError` or `FinalError`; anything else counts as retryable.
    `needs` names earlier steps of the same event: this one waits until each is done or dead, as
    far as the event's type has them.
    An ordered step runs one event of a subject at a time, in the order of the ledger; a dead
    one lets the next go on.
    `label` says to people what has been done when it is done.
    `delay_seconds` is how long after the event was read it is first due.
    `lease_seconds` bounds how long it may take before it counts as lost and is run again.
    `run_many` does the same for many events in less than their sum, within one lease; it gives
    what became of each, in their order. It raises `RetryableError` for what no event can help,
    such as a service that is away; after any other exception `run` is asked for each.
    `most_batches` is how many batches of it workers get at a time: one, where two would only wait
    for each other.
    """

    name: str
    run: Callable[[LedgerEvent], None]
    needs: tuple[str, ...] = ()
    is_ordered: bool = True
    lease_seconds: int = 60
    delay_seconds: float = 0
    run_many: Callable[[Sequence[LedgerEvent]], Sequence[Exception | None]] | None = None
    label: str = ""
    most_batches: int = MOST_BATCHES


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Event type → its steps, in order.

    A type that is not listed has no steps, which `ledger verify` takes for an oversight; one
    that is to have none stands here with none.
    """

    steps_by_type: Mapping[str, tuple[Step, ...]]
    steps: Mapping[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        known: dict[str, Step] = {}
        for event_type, steps in self.steps_by_type.items():
            earlier: set[str] = set()
            names = {step.name for step in steps}
            for step in steps:
                if not earlier.issuperset(names.intersection(step.needs)):
                    raise ValueError(
                        f"{event_type}: {step.name} needs a step that is not before it."
                    )
                if known.setdefault(step.name, step) is not step:
                    raise ValueError(f"Two steps are named {step.name}.")
                earlier.add(step.name)
        object.__setattr__(self, "steps", known)

    def steps_for(self, event_type: str) -> tuple[Step, ...]:
        """The steps of this type of event, in order."""
        return self.steps_by_type.get(event_type, ())

    def types_with(self, step_name: str) -> list[str]:
        """The event types that have this step."""
        return [
            event_type
            for event_type, steps in self.steps_by_type.items()
            if any(step.name == step_name for step in steps)
        ]


def load_pipeline() -> Pipeline:
    """The pipeline that `settings.OUTBOX_PIPELINE` names."""
    return cast("Pipeline", import_string(settings.OUTBOX_PIPELINE))
