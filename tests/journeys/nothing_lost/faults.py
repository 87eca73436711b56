"""Which faults come, in which order: the same for the same seed; and how they are brought about."""

import heapq
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Protocol, TypeVar

from tests.journeys.nothing_lost.journal import Journal

# Of a hundred kills, how many hit what. A broker's costs the machine ten seconds, a relay's or
# worker's three, a pool child's nearly nothing.
KILLS: Final = {
    "pool child": 46,
    "database connection": 16,
    "relay": 11,
    "worker": 9,
    "database": 8,
    "editor": 4,
    "cache": 4,
    "broker": 2,
}
# For each hundred kills, beside them.
HANGS: Final = {"relay": 3, "worker": 3, "pool child": 3, "database": 2, "broker": 2, "cache": 1}
CUTS: Final = {"database": 3, "broker": 3, "cache": 1, "receiver": 2}
SECONDS: Final = {"hang": (1.0, 7.0), "cut": (2.0, 7.0)}
PAUSE_SECONDS: Final = (0.1, 1.6)
DIRECTIONS: Final = ("both", "both", "there", "back")


_Found = TypeVar("_Found")


class NobodyThere(Exception):
    """Who was ready a moment ago is gone: another time."""


def one_of(chance: random.Random, found: Sequence[_Found]) -> _Found:
    if not found:
        raise NobodyThere
    return chance.choice(found)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to whom; what is not killed is well again after `seconds`."""

    kind: str
    target: str
    seconds: float = 0.0
    direction: str = ""


class Victim(Protocol):
    """Something that faults happen to."""

    def is_ready(self) -> bool:
        """Whether a fault would hit it at work."""

    def kill(self, chance: random.Random) -> None:
        """Ends it at once, and has it come back."""

    def hang(self, chance: random.Random) -> Callable[[], None]:
        """Stops it; gives what lets it go on."""


def plan(kills: int, seed: int, *, has_receiver: bool) -> list[Fault]:
    """As many kills, and hangs and cuts in proportion, in an order of chance."""
    chance = random.Random(seed)
    faults = [Fault("kill", target) for target in _share(KILLS, kills)]
    faults += [
        Fault("hang", target, chance.uniform(*SECONDS["hang"]))
        for target in _share(HANGS, kills * sum(HANGS.values()) / 100)
    ]
    faults += [
        Fault("cut", target, chance.uniform(*SECONDS["cut"]), chance.choice(DIRECTIONS))
        for target in _share(CUTS, kills * sum(CUTS.values()) / 100)
        if target != "receiver" or has_receiver
    ]
    chance.shuffle(faults)
    return faults


def _share(weights: dict[str, int], number: float) -> Iterator[str]:
    """`number` names, each as often as its weight says, to the nearest whole."""
    total, reached, given = sum(weights.values()), 0, 0
    for name, weight in weights.items():
        reached += weight
        share = round(number * reached / total) - given
        given += share
        yield from [name] * share


@dataclass
class Injector:
    """Brings faults about, one after another; several may last at a time."""

    victims: dict[str, Victim]
    cut: Callable[[str, str], Callable[[], None]]
    tend: Callable[[], None]
    journal: Journal
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    _healing: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _ill: set[str] = field(default_factory=set)

    def run(self, faults: list[Fault], *, deadline: float) -> None:
        """All of them, each when its target is at work, then makes everything well."""
        chance, waiting = random.Random(self.seed), list(faults)
        self._numbers = count()
        while waiting:
            assert time.monotonic() < deadline, f"not in time; left: {waiting}"
            self._heal()
            self.tend()
            ready = next((fault for fault in waiting if self._can_hit(fault)), None)
            if ready is None:
                time.sleep(0.05)
                continue
            try:
                self._strike(ready, chance)
            except NobodyThere:
                continue
            waiting.remove(ready)
            self.done[f"{ready.kind} {ready.target}"] += 1
            time.sleep(chance.uniform(*PAUSE_SECONDS))
        while self._healing:
            self._heal()
            time.sleep(0.05)

    def _can_hit(self, fault: Fault) -> bool:
        if fault.target in self._ill:
            return False
        return fault.kind == "cut" or self.victims[fault.target].is_ready()

    def _strike(self, fault: Fault, chance: random.Random) -> None:
        self.journal.write(fault=fault.kind, target=fault.target, seconds=fault.seconds)
        if fault.kind == "kill":
            self.victims[fault.target].kill(chance)
            return
        if fault.kind == "cut":
            heal = self.cut(fault.target, fault.direction)
        else:
            heal = self.victims[fault.target].hang(chance)
        self._ill.add(fault.target)

        def make_well() -> None:
            heal()
            self._ill.discard(fault.target)
            self.journal.write(healed=fault.target)

        due = time.monotonic() + fault.seconds
        heapq.heappush(self._healing, (due, next(self._numbers), make_well))

    def _heal(self) -> None:
        while self._healing and self._healing[0][0] <= time.monotonic():
            heapq.heappop(self._healing)[2]()


def kill_process(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def hang_process(pid: int) -> Callable[[], None]:
    """Stops it; gives what lets it go on, if it is there still."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)

    def go_on() -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    return go_on
