"""Kills the relay and its worker at the first fault point that they pass, at the second, and so on.

python -m tests.outbox.fault_loop FOLDER [POINT [MUTATION...]]

Each time a child of this process begins with the same few events, and dies at its n-th point as
by kill -9. Then time passes: leases run out. A second child does what is left, and this
process looks at what there is. It ends when a child has passed all its points alive. With a
broker, the child is a relay and a Celery worker; without, the relay runs the steps itself.

POINT: count only those whose names begin so. MUTATION: `leases` lets no lease run out, `early` has
the worker acknowledge its messages before their tasks; then the first fault is enough.
"""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import django
from celery.signals import worker_ready
from django.apps import apps

POINTS_AT_MOST = 400
CHILD_SECONDS = 60
STANDSTILL_SECONDS = 8


OF_THE_WORKER = ("outbox.step", "outbox.worker", "outbox.announce")


class DeathAt:
    """A plan of faults: dies at the n-th point, having written down its name.

    A worker's death waits for the relay beside it to have sent what it claimed: else the relay
    would now and then die of it between the two, which is a point of its own.
    """

    def __init__(
        self, number: int, only: str, names: Path, relaying: Any, *, pause_seconds: float
    ) -> None:
        self._number, self._only, self._names, self._passed = number, only, names, 0
        self._relaying, self._pause_seconds = relaying, pause_seconds
        self._lock = threading.Lock()

    def pass_point(self, name: str) -> None:
        with self._lock:
            if not name.startswith(self._only):
                return
            self._passed += 1
            is_here = self._passed == self._number
        if is_here:
            with self._relaying if name.startswith(OF_THE_WORKER) else nullcontext():
                with self._names.open("a") as names:
                    names.write(f"{name}\n")
                time.sleep(self._pause_seconds)
                os.kill(os.getpid(), signal.SIGKILL)


class Loop:
    """Built once Django stands."""

    effects_of_each: tuple[str, ...] = ("purge", "search", "tell")
    """The steps of `fault_loop_steps`."""
    in_order: tuple[str, ...] = ("search", "tell")
    """Those that keep the order of a subject."""
    data: ClassVar[dict[str, Any]] = {}

    def __init__(self, folder: Path, only: str = "", *mutations: str) -> None:
        self.only, self.mutations = only, mutations
        self.effects = Path(os.environ["FAULT_LOOP_EFFECTS"])
        self.names = folder / "points.log"
        self.names.write_text("")
        self.db: Any = import_module("django.db")
        self.faults: Any = import_module("core.faults")
        self.relay: Any = import_module("outbox.relay")
        self.recover_lost_runs: Any = import_module("outbox.settling").recover_lost_runs
        self.recording: Any = import_module("outbox.recording")
        self.pipeline = import_module("outbox.pipelines").load_pipeline()
        self.verify: Any = import_module("outbox.verifying").verify_ledger
        self.runs: Any = apps.get_model("outbox", "StepRun").objects
        self.broker = import_module("django.conf").settings.CELERY_BROKER_URL
        self.subjects = ("a", "a") if self.broker else ("a", "b", "a")

    def run(self) -> list[str]:
        """What was wrong, over all points."""
        found: list[str] = []
        for number in range(1, POINTS_AT_MOST):
            self.begin_anew()
            was_killed = self.in_child(partial(self.work, number))
            self.time_passes()
            assert not self.in_child(partial(self.work, 0)), "the second child was killed too"
            self.listen()
            point = self.names.read_text().split()[-1] if was_killed else "the end"
            found += [f"killed at {number}, {point}: {fault}" for fault in self.faults_now()]
            if not was_killed or (found and self.mutations):
                return found
        raise AssertionError("there is no end of points")

    def begin_anew(self) -> None:
        self.effects.write_text("")
        for model in ("StepRun", "LedgerReader", "LedgerEvent", "LedgerHead"):
            apps.get_model("outbox", model).objects.all().delete()
        for version, subject in enumerate(self.subjects, 1):
            data = self.data and self.data | {"version": version}
            with self.db.transaction.atomic():
                record = self.recording.EventRecord("content.published", subject, data)
                self.recording.record_events([record])
        if self.broker:
            with import_module("site_config.celery").app.connection() as connection:
                connection.default_channel.queue_delete("galley.steps")

    def in_child(self, work: Callable[[], None]) -> bool:
        """Whether it died; a child that fails otherwise, or hangs, ends all of this."""
        self.db.connections.close_all()
        child = os.fork()
        if child == 0:
            try:
                work()
            finally:
                os._exit(1)
        end = time.monotonic() + CHILD_SECONDS
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                raise AssertionError("a child did not end")
            time.sleep(0.005)
        code = os.waitstatus_to_exitcode(ended[1])
        assert code in {0, -signal.SIGKILL}, f"a child ended with {code}"
        return code != 0

    def work(self, number: int) -> None:
        """Until nothing is left, or nothing goes on; ends the process."""
        # Without a broker, the relay's own thread runs the steps.
        self.relaying = threading.RLock()
        # An acknowledgement of this very moment would be lost with the connection.
        pause = 0.3 if "early" in self.mutations else 0.0
        self.faults._plan = DeathAt(
            number, self.only, self.names, self.relaying, pause_seconds=pause
        )
        if not self.broker:
            self.relay.Relay().drain()
            self.after_steps()
            os._exit(0)
        app: Any = import_module("site_config.celery").app
        if "early" in self.mutations:
            # A task takes over the settings when it is bound, which may have happened before.
            tasks: Any = import_module("outbox.tasks")
            app.finalize()
            task = app.tasks[tasks.RUN_STEPS_TASK]
            task.acks_late = task.reject_on_worker_lost = False
            # In a pool of one, it would else be sent after the task all the same.
            consumer: Any = import_module("outbox.celery_worker").StepConsumer
            consumer.call_soon_ack = lambda _, act, *args: act(*args)
        relaying = threading.Thread(target=self.relay_until_done, daemon=True)
        worker_ready.connect(lambda **_: relaying.start(), weak=False)
        app.Worker(
            pool="solo",
            loglevel="ERROR",
            quiet=True,
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        ).start()

    def after_steps(self) -> None:
        """What else is done in a child, where there is no broker."""

    def listen(self) -> None:
        """Writes down effects that happened elsewhere."""

    def that_count(self, effects: list[str]) -> list[str]:
        """Those of a subject's effects that must be in order."""
        return effects

    def relay_until_done(self) -> None:
        """The same points each time: it drains, lets the worker do all that was sent, and again."""
        try:
            relay = self.relay.Relay()
            end = time.monotonic() + STANDSTILL_SECONDS
            while (time.monotonic() < end and self.runs.count() == 0) or self.open_runs():
                with self.relaying:
                    relay.drain()
                before = self.open_runs()
                while self.runs.filter(status__in=["queued", "running"]).exists():
                    if self.open_runs() != before:
                        before, end = self.open_runs(), time.monotonic() + STANDSTILL_SECONDS
                    if time.monotonic() > end:
                        os._exit(0)
                    time.sleep(0.01)
            os._exit(0)
        finally:
            os._exit(2)

    def open_runs(self) -> int:
        return int(self.runs.exclude(status="done").count())

    def time_passes(self) -> None:
        """More than any lease and any wait for another try."""
        past = "2026-01-01T00:00Z"
        if "leases" not in self.mutations:
            self.runs.filter(lease_until__isnull=False).update(lease_until=past)
            self.recover_lost_runs()
        self.runs.filter(status="waiting").update(next_try_at=past)

    def faults_now(self) -> list[str]:
        found = [f"{finding.code} {finding.detail}" for finding in self.verify(self.pipeline)]
        effects = self.effects.read_text().split("\n")[:-1]
        last = len(self.subjects)
        numbers = range(1, last + 1)
        expected = {f"{event} {effect}" for event in numbers for effect in self.effects_of_each}
        if set(effects) != expected:
            found.append(f"effects {sorted(set(effects) ^ expected)}")
        found += [f"{effect}: {n} times" for effect, n in Counter(effects).items() if n > 2]
        for name in self.in_order:
            of_one_subject = {f"1 {name}", f"{last} {name}"}
            order = self.that_count([effect for effect in effects if effect in of_one_subject])
            if order != sorted(order):
                found.append(f"out of order: {order}")
        return found


def main(make_loop: Callable[..., Loop], folder: str, *options: str) -> None:
    django.setup()
    loop = make_loop(Path(folder), *options)
    found = loop.run()
    points = Counter(loop.names.read_text().split())
    sys.stdout.write(json.dumps({"points": points, "faults": found}))


if __name__ == "__main__":
    main(Loop, *sys.argv[1:])
