"""A step for real workers: it writes a line, and ends its process when the event says so."""

import os
import signal
from pathlib import Path

from outbox.interface import LedgerEvent, Pipeline, Step


def _mark(event: LedgerEvent) -> None:
    with Path(os.environ["STEP_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{event.subject} {event.sequence}\n")
    if event.data.get("kills"):
        os.kill(os.getpid(), signal.SIGKILL)


MARK = Step("mark", _mark, lease_seconds=60)
PIPELINE = Pipeline({"content.published": (MARK,)})
