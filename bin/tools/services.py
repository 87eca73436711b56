"""Real services for tests and local work.

PostgreSQL, Redis, RabbitMQ, an S3 server, Elasticsearch, Chromium and Varnish.

Everything listens on loopback, keeps its data under var/services and is thrown away by `stop`.
Ports move up when another program holds them.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

import local_elasticsearch
import local_postgresql
import local_rabbitmq
import local_s3
from processes import (
    HOST,
    Started,
    ToolError,
    accepts_connections,
    birth_mark,
    end_process,
    free_port,
    spawn,
    wait_until,
)
from programs import FINDERS, install_missing, say

HOME = Path(__file__).resolve().parents[2] / "var" / "services"
STATE = HOME / "state.json"


@dataclass
class Running:
    """One started service: its process, its ports, and where its data lies."""

    pid: int
    born: str
    ports: dict[str, int]
    data: str
    companions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, started: Started) -> Running:
        """With the marks that tell its processes from later ones of the same id."""
        companions = {str(pid): born for pid, born in started.companions.items()}
        born = birth_mark(started.pid)
        return cls(started.pid, born, started.ports, started.data, companions)


@dataclass
class State:
    """What this checkout has started; kept in var/services/state.json."""

    services: dict[str, Running] = field(default_factory=dict)

    @classmethod
    def load(cls) -> State:
        if not STATE.exists():
            return cls()
        stored = json.loads(STATE.read_text())
        return cls({name: Running(**entry) for name, entry in stored.items()})

    def save(self) -> None:
        entries = {name: asdict(entry) for name, entry in self.services.items()}
        STATE.write_text(json.dumps(entries, indent=2))

    def port(self, name: str) -> int | None:
        """Where the service listens; None when it does not run."""
        entry = self.services.get(name)
        if entry is None or birth_mark(entry.pid) != entry.born:
            return None
        return entry.ports[name]


def start_redis(home: Path) -> Started:
    port, log = free_port(23379), home / "redis.log"
    command = ["redis-server", "--port", str(port), "--bind", HOST, "--dir", str(home)]
    process = spawn([*command, "--save", "", "--appendonly", "no"], log)
    wait_until(lambda: accepts_connections(port), "Redis", log, process)
    return Started(process.pid, {"redis": port})


@dataclass(frozen=True)
class Service:
    """How to start a service, and how to end it."""

    start: Callable[[Path], Started]
    first_signal: signal.Signals
    grace_seconds: float


SERVICES = {
    # SIGINT is PostgreSQL's fast shutdown.
    "postgresql": Service(local_postgresql.start_postgresql, signal.SIGINT, 10),
    "redis": Service(start_redis, signal.SIGTERM, 3),
    # It takes six seconds to leave in good order, for data that is deleted right after.
    "rabbitmq": Service(local_rabbitmq.start_rabbitmq, signal.SIGKILL, 1),
    # SeaweedFS takes 16 s to leave in good order, for data that is deleted right after.
    "s3": Service(local_s3.start_s3, signal.SIGKILL, 1),
    # As quick to end as the last two, and its data goes the same way.
    "elasticsearch": Service(local_elasticsearch.start_elasticsearch, signal.SIGKILL, 1),
}


def start() -> None:
    """Starts what is not running, all at once: the slowest takes seven seconds."""
    install_missing()
    HOME.mkdir(parents=True, exist_ok=True)
    state = State.load()
    begun = time.monotonic()
    with ThreadPoolExecutor() as pool:
        starting: dict[Future[Started], str] = {}
        for name, service in SERVICES.items():
            port = state.port(name)
            if port is None:
                starting[pool.submit(service.start, HOME)] = name
            else:
                say(f"{name} runs already, on port {port}")
        failures = []
        for ended in as_completed(starting):
            name = starting[ended]
            if error := ended.exception():
                failures.append(error)
                continue
            state.services[name] = Running.of(ended.result())
            state.save()
            port = state.services[name].ports[name]
            say(f"{name} on port {port} ({time.monotonic() - begun:.1f} s)")
    if failures:
        raise failures[0]


def stop() -> None:
    """Ends what this checkout started and deletes its data."""
    for name, entry in State.load().services.items():
        service = SERVICES[name]
        end_process(
            entry.pid,
            entry.born,
            first_signal=service.first_signal,
            grace_seconds=service.grace_seconds,
        )
        for pid, born in entry.companions.items():
            end_process(int(pid), born, first_signal=signal.SIGKILL, grace_seconds=1)
        if entry.data:
            shutil.rmtree(entry.data, ignore_errors=True)
        say(f"{name} stopped")
    shutil.rmtree(HOME, ignore_errors=True)


def environment() -> dict[str, str]:
    """The variables that point the product at the services that run."""
    state = State.load()
    variables: dict[str, str] = {}
    if port := state.port("postgresql"):
        user, password = local_postgresql.USER, local_postgresql.PASSWORD
        address = f"{user}:{password}@{HOST}:{port}/{local_postgresql.DATABASE}"
        variables["DATABASE_URL"] = f"postgres://{address}"
    if port := state.port("redis"):
        variables["REDIS_URL"] = f"redis://{HOST}:{port}/0"
    if port := state.port("rabbitmq"):
        account = f"{local_rabbitmq.USER}:{local_rabbitmq.PASSWORD}"
        variables["CELERY_BROKER_URL"] = f"amqp://{account}@{HOST}:{port}//"
    if port := state.port("s3"):
        variables |= {
            "S3_ENDPOINT_URL": f"http://{HOST}:{port}",
            "S3_REGION": local_s3.REGION,
            "S3_ACCESS_KEY_ID": local_s3.ACCESS_KEY,
            "S3_SECRET_ACCESS_KEY": local_s3.SECRET_KEY,
            "S3_BUCKET": local_s3.PRIVATE_BUCKET,
            "S3_RENDITIONS_BUCKET": local_s3.PUBLIC_BUCKET,
        }
    if port := state.port("elasticsearch"):
        variables["ELASTICSEARCH_URL"] = f"http://{HOST}:{port}"
    return variables


def print_environment(prefix: str = "") -> None:
    for name, value in environment().items():
        print(f"export {prefix}{name}={shlex.quote(value)}")


def print_status() -> int:
    """3, as init scripts answer, when something does not run."""
    state = State.load()
    ports = {name: state.port(name) for name in SERVICES}
    for name, port in ports.items():
        print(f"{name:<14}{f'on port {port}' if port else 'stopped'}")
    for name, find in FINDERS.items():
        print(f"{name:<14}{find() or 'not installed'}")
    return 0 if all(ports.values()) else 3


def ask_rabbitmq(arguments: list[str]) -> None:
    """Runs RabbitMQ's own command on the node of this checkout."""
    state = State.load()
    if state.port("rabbitmq") is None:
        raise ToolError("RabbitMQ does not run; bin/services start")
    folder = Path(state.services["rabbitmq"].data)
    print(local_rabbitmq.run_rabbitmqctl(folder, *arguments), end="")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("start", help="start what is not running; print the variables to export")
    commands.add_parser("stop", help="stop everything and delete its data")
    commands.add_parser("status", help="say what runs; exit status 3 when something does not")
    env_command = commands.add_parser("env", help="print the variables to export")
    env_command.add_argument("--prefix", default="", help="goes before each name")
    ask = commands.add_parser("rabbitmqctl", help="RabbitMQ's command, such as: list_queues")
    ask.add_argument("arguments", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "start":
                start()
                print_environment()
            case "stop":
                stop()
            case "status":
                return print_status()
            case "rabbitmqctl":
                ask_rabbitmq(arguments.arguments)
            case _:
                print_environment(arguments.prefix)
    except ToolError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
