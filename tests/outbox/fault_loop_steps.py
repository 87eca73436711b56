"""Steps that write down each of their effects, in a file that a killed process leaves whole."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from outbox.interface import LedgerEvent, Pipeline, Step


def _act(step: str, event: LedgerEvent) -> None:
    with Path(os.environ["FAULT_LOOP_EFFECTS"]).open("a", encoding="utf-8") as effects:
        effects.write(f"{event.sequence} {step}\n")


def _act_on_all(step: str, events: Sequence[LedgerEvent]) -> list[Exception | None]:
    for event in events:
        _act(step, event)
    return [None] * len(events)


PIPELINE = Pipeline(
    {
        "content.published": (
            # One for many events at once, one by one, and one that waits for the first.
            Step(
                "purge",
                partial(_act, "purge"),
                is_ordered=False,
                run_many=partial(_act_on_all, "purge"),
            ),
            Step("search", partial(_act, "search")),
            Step("tell", partial(_act, "tell"), needs=("purge",)),
        )
    }
)
