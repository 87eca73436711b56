"""Steps that do as a test tells them, and remember what they were asked."""

import threading
from collections.abc import Callable
from functools import partial

from core.interface import ScheduleEntry
from outbox.interface import LedgerEvent, Pipeline, Step


class OnCall:
    """What the steps below did, and what they shall do: `answers[step]` is called with the event."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.answers: dict[str, Callable[[LedgerEvent], None]] = {}
        self.schedules: dict[str, Callable[[], None]] = {}
        self._lock = threading.Lock()

    def reset(self) -> None:
        self.calls.clear()
        self.answers.clear()
        self.schedules.clear()

    def act(self, step: str, event: LedgerEvent) -> None:
        with self._lock:
            self.calls.append((step, event.sequence))
        answer = self.answers.get(step)
        if answer is not None:
            answer(event)

    def run(self, schedule: str) -> None:
        """As an entry of the schedule: notes the run, and fails where an answer says so."""
        with self._lock:
            self.calls.append((schedule, 0))
        answer = self.schedules.get(schedule)
        if answer is not None:
            answer()

    def sequences(self, step: str) -> list[int]:
        return [sequence for name, sequence in self.calls if name == step]


ON_CALL = OnCall()


def _step(name: str, *, needs: tuple[str, ...] = (), is_ordered: bool = True) -> Step:
    return Step(name, partial(ON_CALL.act, name), needs=needs, is_ordered=is_ordered)


PURGE = _step("purge", is_ordered=False)
SEARCH = _step("search")
TELL = _step("tell", needs=("purge",))

ONE_STEP = Pipeline({"content.published": (SEARCH,)})
ONLY_PURGE = Pipeline({"content.published": (PURGE,)})
THREE_STEPS = Pipeline({"content.published": (PURGE, SEARCH, TELL), "content.updated": (PURGE,)})

NO_SCHEDULE: tuple[ScheduleEntry, ...] = ()
TWO_SCHEDULES = (
    ScheduleEntry("fails", 5, partial(ON_CALL.run, "fails")),
    ScheduleEntry("waits", 60, partial(ON_CALL.run, "waits")),
)
