"""What editors notice of a broker that is stopped, hung or full: nothing (F-01 to F-05)."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.journeys.nothing_lost.rig import Rig

# The relay waits ten seconds at most for a broker that does not confirm.
GOES_ON_SECONDS: Final = 20.0
DRAINED_SECONDS: Final = 60.0
MOST_TIMES: Final = 1.2
# With fewer edits, a hundredth of them is chance.
EDITS_TO_JUDGE_BY: Final = 200
UNREAD_AT: Final = "SELECT min(position) FROM outbox_ledgerreader"
HEAD: Final = "SELECT sequence FROM outbox_ledgerhead"
# Of what was committed up to an event.
LEFT: Final = """
    SELECT (SELECT count(*) FROM outbox_ledgerreader WHERE position < %(head)s)
      + (SELECT count(*) FROM outbox_steprun
         WHERE event_id <= %(head)s AND status IN ('waiting', 'queued', 'running'))
      + (SELECT count(*) FROM webhooks_delivery
         WHERE sequence <= %(head)s AND status IN ('pending', 'sending'))
"""


@dataclass
class BrokerAway:
    """Lets editors make the same edit again and again while the broker is well, and is not."""

    rig: Rig
    seed: int
    seconds: float
    spans: list[tuple[str, float, float]] = field(default_factory=list)
    drained: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        broker = self.rig.broker
        editors = [
            self.rig.add_editor(f"steady{number}", self.seed * 10 + number, 0.02, is_steady=True)
            for number in (1, 2)
        ]
        for editor in editors:
            editor.start()
        for editor in editors:
            editor.wait_until_up()
        self._pass("well")
        broker.stop()
        self._pass("stopped")
        broker.start()
        self._drain("stopped")
        self._pass("well")
        broker.hang()
        self._pass("hung")
        broker.go_on()
        self._drain("hung")
        self._pass("well")
        broker.block_publishers()
        self._expect_the_relay_to_go_on()
        self._pass("full")
        broker.let_publish()
        self._drain("full")
        for editor in editors:
            editor.end()

    def _pass(self, name: str) -> None:
        begun = time.time()
        time.sleep(self.seconds)
        self.spans.append((name, begun, time.time()))

    def _drain(self, name: str) -> None:
        """What had waited for the broker is done with, while the editors go on."""
        (head,) = self.rig.ask(HEAD)[0]
        begun = time.monotonic()
        while self.rig.ask(LEFT, head=head)[0][0]:
            if time.monotonic() - begun > DRAINED_SECONDS:
                self.faults.append(f"what waited for the {name} broker is not drained in time")
                break
            time.sleep(0.1)
        self.drained[name] = time.monotonic() - begun

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
        times: dict[str, list[float]] = {}
        for name, begun, ended in self.spans:
            times.setdefault(name, []).extend(self._times(begun, ended))
        self.faults += [f"no edit while the broker was {name}" for name in times if not times[name]]
        usual = _high(times["well"]) or 1.0
        for name, found in times.items():
            enough = min(len(found), len(times["well"])) >= EDITS_TO_JUDGE_BY
            if enough and _high(found) > usual * MOST_TIMES:
                self.faults.append(f"editors noticed that the broker was {name}")
        return {f"broker {name}": self._told(name, times[name], usual) for name in times}

    def _told(self, name: str, found: list[float], usual: float) -> str:
        if not found:
            return "no edit"
        drained = f", drained in {self.drained[name]:.1f} s" if name in self.drained else ""
        return (
            f"{len(found)} edits, median {statistics.median(found) * 1000:.0f} ms,"
            f" p99 {_high(found) * 1000:.0f} ms, {_high(found) / usual:.2f} times{drained}"
        )

    def _times(self, begun: float, ended: float) -> Iterator[float]:
        intended: dict[tuple[int, int], float] = {}
        for line in self.rig.journal("editors").lines():
            key = (line["editor"], line["edit"])
            if line["state"] == "intended":
                intended[key] = line["at"]
            elif line["state"] == "acknowledged" and begun <= intended[key] and line["at"] <= ended:
                yield line["at"] - intended[key]


def _high(times: list[float]) -> float:
    """The 99th percentile."""
    return sorted(times)[int(len(times) * 0.99)] if times else 0.0
