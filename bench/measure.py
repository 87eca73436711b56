"""One measurement: a load on a server, with what the server's and the database's processes used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.accounting import cpu_seconds, memory_mib
from bench.load_generator import Load, Outcome, run_load
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
    paths: Sequence[str],
    *,
    connections: int,
    seconds: float,
    database_pid: int,
    headers: tuple[str, ...] = (),
    status: int = 200,
    most_requests: int = MAX_REQUESTS,
) -> Measurement:
    """Loads the server for some seconds and reads the clocks of the processes before and after."""
    load = Load(connections, most_requests, seconds, headers=headers, status=status)
    server_before, database_before = cpu_seconds(server.pid), cpu_seconds(database_pid)
    outcome = run_load(server.port, paths, load)
    server_used = cpu_seconds(server.pid) - server_before
    database_used = cpu_seconds(database_pid) - database_before
    return _summary(outcome, server_used, database_used, memory_mib(server.pid))


def warm_up(server: Server, paths: Sequence[str], *, seconds: float) -> None:
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
