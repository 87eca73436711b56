"""Faults that hit the moment which a promise protects: without the promise, something is lost.

Each holds a process at a named fault point, and then something dies. Of its kind each has a
mutation in `mutations`, which takes the promise away.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.journeys.nothing_lost.faults import kill_process
from tests.journeys.nothing_lost.gates import Gates
from tests.journeys.nothing_lost.parts import Part, children_of
from tests.journeys.nothing_lost.rig import Rig

_PATIENCE_SECONDS: Final = 60.0
# Who waits for a confirmation, waits longer; who does not, has gone on long before.
_GOES_ON_SECONDS: Final = 1.5
_GOES_ON_MUTATED_SECONDS: Final = 20.0

# One statement: none of them may have listened again before the last one is cut off.
END_LISTENERS: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE query = 'LISTEN galley_runs' AND datname = current_database()
"""
LISTENERS: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query = 'LISTEN galley_runs' AND datname = current_database()
"""


@dataclass
class Aim:
    """Strikes at moments, one after another, while editors go on."""

    rig: Rig
    gates: Gates

    def strike(self, names: tuple[str, ...]) -> dict[str, str]:
        """Gives what it did, in words, for each."""
        return {name: STRIKES[name](self) for name in names}

    def kill_the_broker_with_a_message_in_its_socket(self) -> str:
        """It hangs when a worker's child publishes, and dies before it has read the message."""
        broker = self.rig.broker
        with self.gates.holding("outbox.announce.before_publish") as child:
            settled = self.gates.close("outbox.step.after_settle", child)
            broker.hang()
        mutated = self.rig.mutation == "confirms"
        took_it_for_sent = settled.wait(_GOES_ON_MUTATED_SECONDS if mutated else _GOES_ON_SECONDS)
        broker.stop()
        settled.open()
        broker.start()
        return f"killed the broker; counted as sent before: {took_it_for_sent is not None}"

    def kill_a_worker_in_a_step(self) -> str:
        """With its children: nobody is left who could tell that the step was begun."""
        with self.gates.holding("outbox.step.after_begin") as child:
            worker = self._worker_of(child)
            worker.kill()
            worker.start()
        return "killed a worker in a step"

    def kill_a_child_with_a_message_in_hand(self) -> str:
        """Before it has begun anything: only the broker, or the claim's lease, knows of it."""
        with self.gates.holding("outbox.step.before_begin") as child:
            self._worker_of(child)
            kill_process(child)
        return "killed a child that held a message"

    def end_the_listeners(self) -> str:
        """All relays at once: whatever is told now, nobody hears."""
        relays = len(self.rig.of("relay"))
        assert self._comes(lambda: self._ask(LISTENERS) == relays, _PATIENCE_SECONDS)
        return f"ended the connections on which {self._ask(END_LISTENERS)} relays listen"

    def _worker_of(self, child: int) -> Part:
        return next(part for part in self.rig.of("worker") if child in children_of(part.pid))

    def _ask(self, query: str) -> Any:
        return self.rig.ask(query)[0][0]

    def _comes(self, is_so: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


STRIKES: Final[dict[str, Callable[[Aim], str]]] = {
    "acks_late": Aim.kill_a_child_with_a_message_in_hand,
    "leases": Aim.kill_a_worker_in_a_step,
    "confirms": Aim.kill_the_broker_with_a_message_in_its_socket,
    "sweep": Aim.end_the_listeners,
}
"""By the promise that each needs."""
AIMED_KILLS: Final = 3
"""The last one only ends connections."""
