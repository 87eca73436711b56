"""One run: everything starts, faults come, all is made well, what is left is drained and checked."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from tests.journeys.nothing_lost import checking, faults, promises, victims
from tests.journeys.nothing_lost.aimed import AIMED_KILLS, STRIKES, Aim
from tests.journeys.nothing_lost.broker_away import BrokerAway
from tests.journeys.nothing_lost.gates import Gates
from tests.journeys.nothing_lost.mirrors import Standstill, SyncMirror, wait_for_none
from tests.journeys.nothing_lost.queue_mirror import QUEUE, QueueMirror
from tests.journeys.nothing_lost.rig import Rig
from tests.journeys.nothing_lost.webhook_mirror import WebhookMirror

# A worker that found no broker asks again after half a minute at the latest.
PATIENCE_SECONDS: Final = 120.0
# Twice what the longest lease and the longest wait for another try take together.
PATIENCE_WITH_A_MUTATION_SECONDS: Final = 30.0
# For a machine that is busy: a victim must have begun to work before it is hit.
SECONDS_A_KILL: Final = 10.0
EDITS_AFTERWARDS: Final = 6


@dataclass
class Outcome:
    """What is wrong, and what went on meanwhile."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def told(self) -> str:
        return "\n".join(f"{name:>22}: {value}" for name, value in self.figures.items())


def victims_of(rig: Rig) -> dict[str, faults.Victim]:
    return {
        "pool child": victims.ChildOfOne(rig.of("worker"), rig.has_begun),
        "worker": victims.WorkerAtWork(rig.of("worker"), rig.has_begun),
        "relay": victims.OneOf(rig.of("relay")),
        "editor": victims.OneOf(rig.of("editor")),
        "database": victims.Database(rig.database),
        "database connection": victims.DatabaseConnection(rig.database),
        "broker": victims.Broker(rig.broker),
        "cache": victims.Cache(rig.cache),
    }


def cutter(rig: Rig) -> Callable[[str, str], Callable[[], None]]:
    def cut(target: str, direction: str) -> Callable[[], None]:
        way = rig.network.ways[target]
        way.cut(direction)
        return way.heal

    return cut


class Run:
    """On a rig whose servers run, with a website in its database."""

    def __init__(self, rig: Rig, webhooks: WebhookMirror, *, seed: int) -> None:
        self.rig, self.seed = rig, seed
        self.webhooks = webhooks
        self.queue = QueueMirror(rig.broker.url)
        self.sync = SyncMirror(rig.api)
        self.before: set[str] = set()
        self.outcome = Outcome(figures={"seed": seed, "cut by": rig.network.kind})

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.outcome.figures[name] = f"{time.monotonic() - begun:.1f} s"

    def whole(self, *, kills: int, broker_away: float) -> Outcome:
        """As many kills, the aimed ones among them; before, the broker is away for so many seconds
        in each way that there is, if any.
        """
        with self._timed("started in"):
            self.start()
        if broker_away:
            self.do_without_broker(broker_away)
        self.start_editors()
        with self._timed("aimed for"):
            self.aim(tuple(STRIKES))
        with self._timed("under fire for"):
            self.fire(kills - AIMED_KILLS)
        return self.end()

    def broken(self, promise: str) -> Outcome:
        """What comes of it when the one fault strikes that a promise, which is broken, is for."""
        self.start()
        self.start_editors()
        self.aim((promise,))
        self._wait_for_edits(EDITS_AFTERWARDS)
        return self.end()

    def end(self) -> Outcome:
        self.end_edits()
        with self._timed("drained in"):
            self.drain()
        with self._timed("checked in"):
            self.check()
        return self.outcome

    def start(self) -> None:
        """All but the editors."""
        # It is the database's, and the broker is slower to start.
        self.webhooks.trust(self.rig.prepare())
        self.before = set(checking.events_of(self.rig))
        self.rig.broker.wait_until_it_answers()
        self.queue.declare()
        self.queue.start()
        self.rig.add_all(seed=self.seed)
        self._start_parts("relay", "worker", "api")
        self.sync.start()

    def start_editors(self) -> None:
        self._start_parts("editor")

    def _start_parts(self, *kinds: str) -> None:
        for part in self.rig.of(*kinds):
            part.start()
        for part in self.rig.of(*kinds):
            part.wait_until_up()

    def do_without_broker(self, seconds: float) -> None:
        phase = BrokerAway(self.rig, self.seed, seconds)
        # How long it takes afterwards is to tell of the broker, not of a receiver's moods.
        self.webhooks.be_polite()
        phase.run()
        self.webhooks.be_rude()
        self.outcome.figures |= phase.figures()
        self.outcome.faults += phase.faults

    def aim(self, names: tuple[str, ...]) -> None:
        struck = Aim(self.rig, Gates(self.rig.folder / "gates")).strike(names)
        self.outcome.figures |= {f"aimed, {name}": did for name, did in struck.items()}

    def _wait_for_edits(self, number: int) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        wanted = self._edits()["acknowledged"] + number
        while self._edits()["acknowledged"] < wanted:
            assert time.monotonic() < end, "the editors do nothing"
            time.sleep(0.1)

    def _edits(self) -> Counter[str]:
        return promises.states_of(promises.edits_of(self.rig.journal("editors").lines()))

    def fire(self, kills: int) -> None:
        injector = faults.Injector(
            victims_of(self.rig),
            cutter(self.rig),
            self.rig.tend,
            self.rig.journal("faults"),
            self.seed,
        )
        deadline = time.monotonic() + 60 + kills * SECONDS_A_KILL
        planned = faults.plan(kills, self.seed, has_receiver="receiver" in self.rig.network.ways)
        injector.run(planned, deadline=deadline)
        self.outcome.figures |= dict(sorted(injector.done.items()))

    def end_edits(self) -> None:
        """Each editor makes one more edit after the last fault: the way is free again."""
        self.rig.tend()
        for editor in self.rig.of("editor"):
            editor.wait_until_up()
            editor.end()

    def drain(self) -> None:
        self.rig.broker.wait_until_it_answers()
        self.webhooks.be_polite()
        patience = PATIENCE_WITH_A_MUTATION_SECONDS if self.rig.mutation else PATIENCE_SECONDS
        why = partial(checking.standstill, self.rig)
        waiting = self.rig.messages_for(QUEUE.name)
        try:
            wait_for_none(self._left_to_do, patience=patience, why=why)
            wait_for_none(waiting, patience=patience, why=self.queue.inbox.told)
        except Standstill as error:
            self.outcome.faults.append(str(error))

    def _left_to_do(self) -> int:
        self.rig.tend()
        return checking.left_to_do(self.rig)

    def check(self) -> None:
        self.sync.finish()
        self.queue.finish()
        rig, shown = self.rig, checking.shown(self.rig)
        expected = checking.expected(rig, shown)
        edits = promises.edits_of(rig.journal("editors").lines())
        self.outcome.faults += [
            *checking.dead_letters(rig),
            *checking.ledger_faults(rig),
            *promises.promise_faults(checking.events_of(rig), self.before, edits),
            *checking.differences("sync", self.sync.mirror.documents, shown),
            *checking.inbox_faults("queue", self.queue.inbox, expected),
            *checking.inbox_faults("webhooks", self.webhooks.inbox, expected),
        ]
        if visitors := rig.trap.visitors():
            self.outcome.faults.append(f"an editor or the API spoke to the broker: {visitors}")
        self.outcome.figures |= {
            "edits": dict(promises.states_of(edits)),
            "events": len(checking.events_of(rig)),
            "documents": len(shown),
            "ended by themselves": dict(rig.ended_by_themselves),
            "queue": f"{self.queue.inbox.told()}, {self.queue.reconnects} connections lost",
            "webhooks": f"{self.webhooks.inbox.told()}, {dict(self.webhooks.refused)} by us",
            "sync": f"{self.sync.mirror.pages} pages, {self.sync.failures} failures",
        }
