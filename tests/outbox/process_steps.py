"""A step and a schedule entry that leave lines in the file that `STEP_LOG` names."""

import os
import time
from pathlib import Path

from core.interface import ScheduleEntry
from outbox.interface import LedgerEvent, Pipeline, Step


def _write_line(line: str) -> None:
    """One write of one short line, so that lines of several processes do not mix."""
    with Path(os.environ["STEP_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def _run_slowly(event: LedgerEvent) -> None:
    _write_line(f"begin {event.sequence}")
    time.sleep(event.data["seconds"])
    _write_line(f"end {event.sequence}")


def _tick() -> None:
    _write_line(f"tick {os.getpid()}")


PIPELINE = Pipeline({"content.published": (Step("slow", _run_slowly, lease_seconds=1),)})
SCHEDULE = (ScheduleEntry("tick", 0.2, _tick),)
