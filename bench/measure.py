"""One measurement: a load on a server, with what the server's and the database's processes used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.accounting import cpu_seconds, memory_mib
from bench.load_generator import Load, Outcome, Post, run_load
from bench.servers import Server

MAX_REQUESTS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came of a load. Times are in milliseconds; CPU in seconds per 1,000 answers."""

    connections: int
    answers: int
    failures: int
    rate: float
    p50_ms: float
    p99_ms: float
    server_cpu: float
    database_cpu: float
    memory_mib: float
    answer_bytes: int


def measure(
    server: Server,
    paths: Sequence[str | Post],
    *,
    connections: int,
    seconds: float,
    database_pid: int,
    headers: tuple[str, ...] = (),
    status: int = 200,
    most_requests: int = MAX_REQUESTS,
    rate: float | None = None,
) -> Measurement:
    """Loads the server for some seconds and reads the clocks of the processes before and after."""
    load = Load(connections, most_requests, seconds, headers=headers, status=status, rate=rate)
    server_before, database_before = cpu_seconds(server.pid), cpu_seconds(database_pid)
    outcome = run_load(server.port, paths, load)
    server_used = cpu_seconds(server.pid) - server_before
    database_used = cpu_seconds(database_pid) - database_before
    return _summary(outcome, server_used, database_used, memory_mib(server.pid))


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked of one server when its turn comes."""

    server: Server
    paths: Sequence[str]
    headers: tuple[str, ...] = ()
    status: int = 200


def measure_in_turn(
    turns: Mapping[str, Turn], *, connections: int, seconds: float, rounds: int, database_pid: int
) -> dict[str, Measurement]:
    """Asks all servers one after the other, `rounds` times, and takes the middle of each number.

    A minute in which the machine is busy with something else then hits all of them alike, so
    that the ratios between them hold. `seconds` is for all rounds of a turn together.
    """
    found: dict[str, list[Measurement]] = {name: [] for name in turns}
    for turn in turns.values():
        warm_up(turn.server, turn.paths, seconds=1.0)
    for _ in range(rounds):
        for name, turn in turns.items():
            found[name].append(
                measure(
                    turn.server,
                    turn.paths,
                    connections=connections,
                    seconds=seconds / rounds,
                    database_pid=database_pid,
                    headers=turn.headers,
                    status=turn.status,
                    most_requests=10 * MAX_REQUESTS,
                )
            )
    return {name: middle(measured) for name, measured in found.items()}


def middle(measured: Sequence[Measurement]) -> Measurement:
    """The middle of each number."""
    return Measurement(
        connections=measured[0].connections,
        answers=sum(item.answers for item in measured),
        failures=sum(item.failures for item in measured),
        rate=median(item.rate for item in measured),
        p50_ms=median(item.p50_ms for item in measured),
        p99_ms=median(item.p99_ms for item in measured),
        server_cpu=median(item.server_cpu for item in measured),
        database_cpu=median(item.database_cpu for item in measured),
        memory_mib=max(item.memory_mib for item in measured),
        answer_bytes=measured[0].answer_bytes,
    )


def warm_up(server: Server, paths: Sequence[str | Post], *, seconds: float) -> None:
    """Fills the caches of each process and the statements of each connection."""
    run_load(server.port, paths, Load(connections=4, requests=1500, seconds=min(seconds, 2.0)))


def _summary(outcome: Outcome, server: float, database: float, memory: float) -> Measurement:
    count = len(outcome.times)
    thousands = max(count, 1) / 1000
    return Measurement(
        connections=outcome.connections,
        answers=count,
        failures=outcome.failures,
        rate=round(outcome.rate, 1),
        p50_ms=round(outcome.quantile(0.5) * 1000, 2),
        p99_ms=round(outcome.quantile(0.99) * 1000, 2),
        server_cpu=round(server / thousands, 3),
        database_cpu=round(database / thousands, 3),
        memory_mib=round(memory, 1),
        answer_bytes=outcome.size_bytes // max(count, 1),
    )
