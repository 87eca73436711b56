"""`bin/bench events`: how fast the ledger drains through all steps, and how soon webhooks come.

Real PostgreSQL, Redis and RabbitMQ, a relay, a worker with two processes, and one subscription to
everything, whose receiver is on loopback. First the ledger is filled at one go and drained; then
posts are published at a fixed pace, and the time from each commit to the first byte of its webhook
is taken.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import psycopg
from psycopg import sql

from bench.accounting import cpu_seconds, parent_of
from bench.database import ROOT, VAR, BenchError, connect, environment, prepare_database
from bench.report import machine, table

EVENTS: Final = 5000
POSTS: Final = 200
RATE: Final = 20.0
_NAME: Final = "galley_drain"
_PORT: Final = 23991
_SETTLED: Final = """
    SELECT (SELECT min(position) FROM outbox_ledgerreader) >= %(last)s AND NOT EXISTS
             (SELECT 1 FROM outbox_steprun WHERE status IN ('waiting', 'queued', 'running')),
           EXISTS (SELECT 1 FROM webhooks_delivery WHERE status IN ('pending', 'sending'))
"""
_DELIVERED: Final = """
    SELECT count(*) FROM webhooks_delivery
    WHERE status = 'delivered' AND sequence BETWEEN %(first)s AND %(last)s
"""
# More than there are documents: each is in the search index then, as it is on any website.
_WARM_UP: Final = 1000
_LOOK_SECONDS: Final = 0.2
"""Looking costs the database something too."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What came of the filled ledger. CPU in milliseconds per event, by who used it."""

    events: int
    steps: list[str]
    seconds: float
    steps_seconds: float
    cpu_ms: dict[str, float]

    @property
    def rate(self) -> float:
        """Events a second, to the last delivery."""
        return self.events / self.seconds

    @property
    def product_ms(self) -> float:
        """CPU an event of all but the receiver, which is no part of the product."""
        return sum(used for name, used in self.cpu_ms.items() if name != "receiver")

    def told(self) -> str:
        """The rate, for people."""
        return (
            f"{self.rate:.0f} events/s ({self.seconds:.1f} s; the steps alone"
            f" {self.events / self.steps_seconds:.0f} events/s)"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """From commit to the webhook's first byte, in milliseconds."""

    publications: int
    rate: float
    missing: int
    times_ms: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """The time that so many stay below."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Rig:
    """The parts of the product, each a process of its own, on a database of their own."""

    def __init__(self, url: str) -> None:
        self.variables = environment(
            url,
            REDIS_URL=_required("REDIS_URL"),
            REDIS_PREFIX="bench-drain",
            CELERY_BROKER_URL=_required("CELERY_BROKER_URL"),
            OUTBOUND_ALLOWED_NETWORKS="127.0.0.0/8",
        )
        self.url = url
        self.seen = VAR / "webhooks.json"
        self.pids: dict[str, int] = {}
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Relay and worker as the image starts them; the receiver before them."""
        self._start("receiver", "-m", "bench.webhook_receiver", str(_PORT), str(self.seen))
        self._start("relay", "manage.py", "run_relay")
        self._start(
            *("worker", "-m", "celery", "-A", "site_config", "worker", "-c", "2"),
            *("-l", "WARNING", "--without-mingle", "--without-gossip"),
        )
        with connect(self.url) as database:
            row = database.execute("SELECT pg_backend_pid()").fetchone()
        self.pids["PostgreSQL"] = parent_of(int(str(row[0]))) if row else 0
        self.pids |= _services()

    def _start(self, name: str, *command: str) -> None:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.variables)
        self._running.append(process)
        self.pids[name] = process.pid

    def write(self, *arguments: str) -> dict[str, Any]:
        """Has a process of its own write to the ledger."""
        command = [sys.executable, "-m", "bench.ledger_writer", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BenchError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def received(self) -> dict[str, float]:
        """When each webhook came first."""
        self.seen.unlink(missing_ok=True)
        os.kill(self.pids["receiver"], signal.SIGUSR2)
        while not self.seen.exists():
            time.sleep(0.02)
        found: dict[str, float] = json.loads(self.seen.read_text())
        return found

    def stop(self) -> None:
        """Ends all that was started."""
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise BenchError(f"{name} is not set; start this by bin/bench")
    return value


def _services() -> dict[str, int]:
    """The processes of what `bin/services` has started, by the names of this report."""
    state = json.loads((ROOT / "var" / "services" / "state.json").read_text())
    return {"RabbitMQ": state["rabbitmq"]["pid"], "Redis": state["redis"]["pid"]}


@contextmanager
def running_rig(server_url: str) -> Iterator[Rig]:
    """A fresh copy of the loaded database with one subscription, and the product on it."""
    source = prepare_database(server_url, POSTS).rpartition("/")[2]
    base = server_url.rpartition("/")[0]
    target = sql.Identifier(_NAME)
    with psycopg.connect(server_url.replace("postgres:", "postgresql:"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(target))
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copy.format(target, sql.Identifier(source)))
    rig = Rig(f"{base}/{_NAME}")
    try:
        rig.write("subscribe", f"http://127.0.0.1:{_PORT}/hooks")
        rig.start()
        yield rig
    finally:
        rig.stop()


def drain(rig: Rig, count: int, *, is_changed: bool = False) -> Drained:
    """Fills the ledger and waits until every step is done and every webhook delivered.

    With `is_changed`, each document has a new version that the search has to index.
    """
    with connect(rig.url) as database:
        before = {name: cpu_seconds(pid) for name, pid in rig.pids.items()}
        loaded = rig.write("load", str(count), *(["changed"] if is_changed else []))
        stepped, ended = _wait_until_settled(database, loaded, count)
        names = database.execute("SELECT DISTINCT step FROM outbox_steprun ORDER BY step")
        steps = [str(step) for (step,) in names.fetchall()]
    used = {
        name: round((cpu_seconds(pid) - before[name]) * 1000 / count, 3)
        for name, pid in rig.pids.items()
    }
    committed = loaded["committed"]
    return Drained(count, steps, ended - committed, stepped - committed, used)


def _wait_until_settled(
    database: "psycopg.Connection[tuple[object, ...]]", loaded: dict[str, Any], count: int
) -> tuple[float, float]:
    """When the last step was done, and when the last webhook was delivered."""
    stepped = 0.0
    deadline = time.time() + 600
    while time.time() < deadline:
        is_read, is_sending = database.execute(_SETTLED, loaded).fetchone() or (False, True)
        if not stepped and is_read:
            stepped = time.time()
        if stepped and not is_sending:
            ended = time.time()
            (delivered,) = database.execute(_DELIVERED, loaded).fetchone() or (0,)
            if delivered != count:
                raise BenchError(f"{delivered} webhooks of {count} were delivered")
            return stepped, ended
        time.sleep(_LOOK_SECONDS)
    raise BenchError("relay and worker did not come to an end")


def tell(rig: Rig, rate: float, seconds: float) -> Told:
    """Publishes at a fixed pace; takes the time to the first byte of each webhook."""
    os.kill(rig.pids["receiver"], signal.SIGUSR1)
    done = rig.write("publish", str(rate), str(seconds))
    committed: Mapping[str, float] = done["committed"]
    deadline = time.time() + 60
    seen = rig.received()
    while not set(committed) <= set(seen) and time.time() < deadline:
        time.sleep(0.2)
        seen = rig.received()
    times = [(seen[key] - at) * 1000 for key, at in committed.items() if key in seen]
    return Told(
        len(committed), len(committed) / done["seconds"], len(committed) - len(times), times
    )


def run_drain(*, events: int, rate: float, seconds: float) -> int:
    """Measures, prints the results, and keeps them as JSON."""
    with running_rig(_required("DATABASE_URL")) as rig:
        drain(rig, _WARM_UP)
        drained = drain(rig, events)
        changed = drain(rig, events, is_changed=True)
        told = tell(rig, rate, seconds)
    print(report(drained, changed, told))
    file = VAR / "events.json"
    found = {"drained": asdict(drained), "changed": asdict(changed), "told": asdict(told)}
    file.write_text(json.dumps(found, indent=2))
    print(f"bench: as JSON in {file}", file=sys.stderr)
    return 0


def report(drained: Drained, changed: Drained, told: Told) -> str:
    """All results, for people."""
    names = sorted(drained.cpu_ms)
    rows = [[name, _ms(drained.cpu_ms[name]), _ms(changed.cpu_ms[name])] for name in names]
    rows.append(["all but the receiver", _ms(drained.product_ms), _ms(changed.product_ms)])
    return "\n\n".join(
        [
            (
                f"{machine()}. {drained.events} events through {', '.join(drained.steps)}, and a webhook"
                f" for each: {drained.told()}. As many after which the search indexes each document anew:"
                f" {changed.told()}."
            ),
            table(["CPU per event, ms", "as they are", "indexed anew"], rows),
            (
                f"{told.publications} publications at {told.rate:.1f} a second; from commit to the"
                f" webhook's first byte p50 {told.quantile(0.5):.0f} ms,"
                f" p99 {told.quantile(0.99):.0f} ms; {told.missing} missing."
            ),
        ]
    )


def _ms(value: float) -> str:
    return f"{value:.2f}"
