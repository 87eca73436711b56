"""The whole product on servers of its own: what is started, in which order, and where it is."""

import os
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.database_template import server_address, template_name
from tests.journeys.nothing_lost.journal import Journal
from tests.journeys.nothing_lost.network import Network, allowed_networks, network_to
from tests.journeys.nothing_lost.parts import Part, children_of
from tests.journeys.running_product import ROOT, Product
from tests.own_process import HOST
from tests.postgresql_process import PASSWORD, USER, PostgreSqlProcess, own_postgresql, program
from tests.rabbitmq_process import RabbitMqProcess, starting_rabbitmq
from tests.redis_process import RedisProcess, own_redis

DATABASE: Final = "galley"
POOL: Final = 2
PORTS: Final = range(24000, 29900, 10)


class Trap:
    """Listens where the broker of those is said to be who must never speak to one."""

    def __init__(self) -> None:
        self._socket = socket.create_server((HOST, 0))
        self._socket.settimeout(0)
        self.port: int = self._socket.getsockname()[1]

    def visitors(self) -> int:
        count = 0
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return count
            count += 1

    def close(self) -> None:
        self._socket.close()


@dataclass
class Rig:
    """What runs, and how to reach it."""

    folder: Path
    database: PostgreSqlProcess
    broker: RabbitMqProcess
    cache: RedisProcess
    network: Network
    trap: Trap
    api_port: int
    mutation: str = ""
    parts: dict[str, Part] = field(default_factory=dict)
    ended_by_themselves: Counter[str] = field(default_factory=Counter)

    @property
    def api(self) -> Product:
        return Product(self.api_port)

    def journal(self, name: str) -> Journal:
        return Journal(self.folder / f"{name}.jsonl")

    def of(self, *kinds: str) -> list[Part]:
        """The parts whose names begin so."""
        return [part for name, part in self.parts.items() if name.startswith(kinds)]

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.url(DATABASE), connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    def messages_for(self, queue: str) -> Callable[[], int]:
        """How many lie in it now, those in a consumer's hand included."""
        return lambda: self.broker.queue_depths().get(queue, 0)

    def environment(self, *, in_network: bool) -> dict[str, str]:
        """Relays and workers reach the servers over ways that are cut; editors and readers do not,
        and are told of a broker that nobody may speak to.
        """
        ways = self.network.ways
        cache, broker = (HOST, self.cache.port), (HOST, self.trap.port)
        database = self.database.url(DATABASE)
        if in_network:
            cache, broker = _place(ways["cache"]), _place(ways["broker"])
            database = self.database.url(DATABASE, *_place(ways["database"]))
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "DJANGO_SETTINGS_MODULE": "tests.journeys.nothing_lost.settings",
            "DATABASE_URL": database,
            "REDIS_URL": f"redis://{cache[0]}:{cache[1]}/0",
            "CELERY_BROKER_URL": f"amqp://{USER}:{PASSWORD}@{broker[0]}:{broker[1]}//",
            "OUTBOUND_ALLOWED_NETWORKS": allowed_networks(self.network),
            "GALLEY_VAR": str(self.folder / "var"),
            "LOG_LEVEL": "INFO" if in_network else "WARNING",
            "NOTHING_LOST_READY": str(self.folder / "ready.jsonl"),
            "NOTHING_LOST_GATES": str(self.folder / "gates"),
            "NOTHING_LOST_MUTATION": self.mutation,
        }

    def add(self, name: str, *command: str, role: str, workers: int = 0) -> Part:
        """A part of the product that lives where the ways can be cut. It is up when it has read
        the pipeline, or has so many children.
        """
        environment = self.environment(in_network=True) | {"GALLEY_ROLE": role}

        def is_up(pid: int) -> bool:
            return len(children_of(pid)) >= workers if workers else self.has_begun(pid)

        inside = [*self.network.entering, sys.executable, *command]
        part = Part(name, inside, environment, self.folder, is_up)
        self.parts[name] = part
        return part

    def has_begun(self, pid: int) -> bool:
        """Whether this process has read the pipeline: a worker's child does so at its first batch."""
        ready = self.folder / "ready.jsonl"
        return ready.exists() and f'"ready": {pid}}}' in ready.read_text()

    def add_editor(
        self, name: str, seed: int, seconds_between: float, *, is_steady: bool = False
    ) -> Part:
        journal = self.folder / "editors.jsonl"
        command = [sys.executable, "-m", "tests.journeys.nothing_lost", "editors", str(journal)]
        command += [str(seed), str(seconds_between), "steady" if is_steady else "random"]
        environment = self.environment(in_network=False) | {"GALLEY_ROLE": "admin"}

        def is_up(pid: int) -> bool:
            return journal.exists() and f'"editor": {pid},' in journal.read_text()

        part = Part(name, command, environment, self.folder, is_up)
        self.parts[part.name] = part
        return part

    def add_api(self) -> Part:
        environment = self.environment(in_network=False)
        environment |= {"GALLEY_ROLE": "api", "GALLEY_WORKERS": "1", "GALLEY_THREADS": "4"}
        command = [str(ROOT / "bin" / "serve"), HOST, str(self.api_port)]
        part = Part("api", command, environment, self.folder, lambda _: self._api_lives())
        self.parts[part.name] = part
        return part

    def _api_lives(self) -> bool:
        try:
            return self.api.get("/health/live").status == 200
        except OSError:
            return False

    def add_all(self, *, seed: int) -> None:
        """Two relays of which one schedules too, two workers, two editors and an API."""
        self.add("relay", "manage.py", "run_relay", role="relay")
        self.add("relay-scheduler", "manage.py", "run_scheduler", "--with-relay", role="scheduler")
        for number in (1, 2):
            worker = ["-m", "celery", "-A", "site_config", "worker", "-c", str(POOL)]
            worker += ["-n", f"worker{number}@localhost", "-l", "WARNING", "--without-mingle"]
            self.add(f"worker{number}", *worker, role="worker", workers=POOL)
            self.add_editor(f"editor{number}", seed * 10 + number, 0.25)
        self.add_api()

    def tend(self) -> None:
        """Starts again what has ended by itself, as an operator's supervisor does."""
        for part in self.parts.values():
            if part.is_wanted and not part.lives():
                self.journal("faults").write(ended_by_itself=part.name, said=part.said()[-300:])
                self.ended_by_themselves[part.name] += 1
                part.start()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment(in_network=False)
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def prepare(self) -> str:
        """Makes the website, and a webhook if there is a receiver; gives its secret."""
        command = [sys.executable, "-m", "tests.journeys.nothing_lost", "preparing"]
        receiver = self.network.ways.get("receiver")
        if receiver is not None:
            command.append(f"http://{receiver.host}:{receiver.port}/hooks")
        environment = self.environment(in_network=False)
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self) -> None:
        for part in self.parts.values():
            if part.was_started():
                part.kill()


def _place(way: Any) -> tuple[str, int]:
    return way.host, way.port


def fill_database(server: PostgreSqlProcess) -> None:
    """With what the migrations have made, from the template of the tests' own server."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    source = [program("pg_dump"), "--no-owner", f"{server_address()}/{template_name()}"]
    dump = subprocess.run(source, check=True, capture_output=True).stdout
    target = [program("psql"), "-q", "-X", "-v", "ON_ERROR_STOP=1", server.url(DATABASE)]
    subprocess.run(target, input=dump, check=True, capture_output=True)


def free_ports(number: int) -> int:
    """The first of `number` free ports in a row."""
    while True:
        first = random.SystemRandom().choice(PORTS)
        if all(_is_free(port) for port in range(first, first + number)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


@contextmanager
def running_rig(
    folder: Path, *, receiver_port: int | None = None, mutation: str = ""
) -> Iterator[Rig]:
    """The servers and the ways to them; the product's parts are the caller's to start."""
    first = free_ports(10)
    (folder / "var").mkdir()
    with ExitStack() as stack:
        # Slow to start: the others come up beside it.
        broker = stack.enter_context(starting_rabbitmq(first + 2))
        database = stack.enter_context(own_postgresql(first))
        cache = stack.enter_context(own_redis(folder))
        fill_database(database)
        targets = {"database": database.port, "broker": broker.port, "cache": cache.port}
        if receiver_port is not None:
            targets["receiver"] = receiver_port
        network = stack.enter_context(network_to(targets))
        trap = Trap()
        stack.callback(trap.close)
        rig = Rig(folder, database, broker, cache, network, trap, first + 1, mutation)
        stack.callback(rig.end)
        yield rig
