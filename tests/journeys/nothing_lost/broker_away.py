"""What editors notice of a broker that is stopped, hung or full: nothing (F-01 to F-05)."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.journeys.nothing_lost.rig import Rig

# The relay waits ten seconds at most for a broker that does not confirm.
GOES_ON_SECONDS: Final = 20.0
UNREAD_AT: Final = "SELECT min(position) FROM outbox_ledgerreader"
HEAD: Final = "SELECT sequence FROM outbox_ledgerhead"


@dataclass
class BrokerAway:
    """Lets the editors work while the broker is well, stopped, hung and full, each for a while."""

    rig: Rig
    seconds: float
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        broker = self.rig.broker
        with self._span("well"):
            time.sleep(self.seconds)
        with self._span("stopped"):
            broker.stop()
            time.sleep(self.seconds)
        broker.start()
        with self._span("hung"):
            broker.hang()
            time.sleep(self.seconds)
        broker.go_on()
        with self._span("full"):
            broker.block_publishers()
            self._expect_the_relay_to_go_on()
            time.sleep(self.seconds)
        broker.let_publish()

    @contextmanager
    def _span(self, name: str) -> Iterator[None]:
        begun = time.time()
        yield
        self.spans[name] = (begun, time.time())

    def _expect_the_relay_to_go_on(self) -> None:
        """It has read what was committed after the broker began to block, in time."""
        time.sleep(1)
        (head,) = self.rig.ask(HEAD)[0]
        begun = time.monotonic()
        while self.rig.ask(UNREAD_AT)[0][0] < head:
            if time.monotonic() - begun > GOES_ON_SECONDS:
                self.faults.append("the relay waits for a broker that blocks its publishers")
                return
            time.sleep(0.1)

    def figures(self) -> dict[str, Any]:
        """How long an edit took, and how much longer than with a broker that is well."""
        times = {name: self._times(*span) for name, span in self.spans.items()}
        self.faults += [f"no edit while the broker was {name}" for name in times if not times[name]]
        usual = _high(times["well"]) or 1.0
        return {
            f"broker {name}": (
                f"{len(found)} edits, median {statistics.median(found) * 1000:.0f} ms,"
                f" p95 {_high(found) * 1000:.0f} ms, {_high(found) / usual:.2f} times"
            )
            for name, found in times.items()
            if found
        }

    def _times(self, begun: float, ended: float) -> list[float]:
        intended: dict[tuple[int, int], float] = {}
        found = []
        for line in self.rig.journal("editors").lines():
            key = (line["editor"], line["edit"])
            if line["state"] == "intended":
                intended[key] = line["at"]
            elif line["state"] == "acknowledged" and begun <= intended[key] and line["at"] <= ended:
                found.append(line["at"] - intended[key])
        return found


def _high(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if times else 0.0
