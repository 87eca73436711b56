"""`bin/bench publish`: what a publication costs here, beside stock Wagtail, in one run.

Both sites have the same posts on the same database server, and publish in turn: one here, one
there, so that whatever else the machine does slows both alike.
"""

import json
import random
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import Final

from bench.accounting import cpu_seconds
from bench.database import VAR, BenchError
from bench.publishing_sites import Site, Worker, relay_running, sites, working
from bench.report import machine, table
from core.interface import utc_now

WAYS: Final = {"code": "revision.publish()", "editor": "the editor's request"}
EDITORS: Final = 8


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """How a run is done."""

    posts: int = 5000
    rounds: int = 60
    together: int = 10
    """How many publications each of the editors makes who publish at the same time."""


QUICK: Final = PublishOptions(posts=120, rounds=4, together=2)


@dataclass(frozen=True, slots=True)
class Cost:
    """Times and CPU of a publication in milliseconds, its statements and those that write."""

    site: str
    way: str
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    database_ms: float
    statements: int


def run_publishing(server_url: str, options: PublishOptions) -> str:
    """Measures, writes JSON, and gives the report.

    Raises:
        BenchError: there is no PostgreSQL.
    """
    if not server_url.startswith("postgres"):
        raise BenchError("DATABASE_URL names no PostgreSQL; bin/bench starts one")
    VAR.mkdir(parents=True, exist_ok=True)
    found = sites(server_url, options.posts)
    costs: list[Cost] = []
    with ExitStack() as stack:
        stack.enter_context(relay_running(found[-1]))
        workers = {site.name: stack.enter_context(working(site))[0] for site in found}
        for way in WAYS:
            costs += _compare(workers, way, options.rounds)
    rates = {site.name: _rate_together(site, options.together) for site in found[:2]}
    document = {
        "at": utc_now().isoformat(),
        "machine": machine(),
        "options": asdict(options),
        "costs": [asdict(cost) for cost in costs],
        "publications_per_second_of_8_editors": rates,
    }
    (VAR / "publish.json").write_text(json.dumps(document, indent=2))
    return publishing_report(options, costs, rates)


def _compare(workers: dict[str, Worker], way: str, rounds: int) -> list[Cost]:
    """One publication of each site in turn, the first of a round drawn by lot."""
    backends = {}
    for name, worker in workers.items():
        warm_up = 3
        backends[name] = worker.ask("prepare", way, rounds + warm_up + 1)["backend"]
        for _ in range(warm_up):
            worker.ask("run", way)
    before = {name: cpu_seconds(pid) for name, pid in backends.items()}
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in workers}
    chance = random.Random(rounds)
    for _ in range(rounds):
        for name in chance.sample(list(workers), len(workers)):
            measured[name].append(workers[name].ask("run", way))
    costs = []
    for name, worker in workers.items():
        database = (cpu_seconds(backends[name]) - before[name]) * 1000 / rounds
        statements = worker.ask("count", way)["statements"]
        costs.append(_cost(name, way, measured[name], database, statements))
    return costs


def _cost(
    site: str,
    way: str,
    measured: Sequence[dict[str, float]],
    database_ms: float,
    statements: Sequence[str],
) -> Cost:
    times = sorted(item["ms"] for item in measured)
    (VAR / f"publish-{way}-{site.replace(' ', '-').lower()}.sql").write_text(";\n".join(statements))
    return Cost(
        site=site,
        way=way,
        p50_ms=round(statistics.median(times), 1),
        p99_ms=round(times[min(len(times) - 1, int(len(times) * 0.99))], 1),
        cpu_ms=round(statistics.median(item["cpu_ms"] for item in measured), 1),
        database_ms=round(database_ms, 1),
        statements=len(statements),
    )


def _rate_together(site: Site, each: int) -> float:
    """Publications a second of eight editors who publish at once, each in a process."""
    with working(site, count=EDITORS, seed=100) as workers:
        for worker in workers:
            worker.ask("prepare", "code", each)
        for worker in workers:
            worker.send("together", "code")
        slowest = max(worker.receive()["ms"] for worker in workers)
    return round(EDITORS * each / slowest * 1000, 1)


def publishing_report(
    options: PublishOptions, costs: Sequence[Cost], rates: dict[str, float]
) -> str:
    """The table, ratios first, and the rates of editors who publish together."""
    stock = {cost.way: cost for cost in costs if cost.site == costs[0].site}
    rows = [
        [
            f"{WAYS[cost.way]}: {cost.site}",
            f"{cost.p50_ms / stock[cost.way].p50_ms:.2f} x",
            f"{_cpu(cost) / _cpu(stock[cost.way]):.2f} x",
            f"{cost.p50_ms:.1f}",
            f"{cost.p99_ms:.1f}",
            f"{cost.cpu_ms:.1f}",
            f"{cost.database_ms:.1f}",
            str(cost.statements),
        ]
        for cost in costs
    ]
    header = ["", "p50", "CPU", "p50 ms", "p99 ms", "CPU ms", "DB CPU ms", "statements"]
    at = utc_now().astimezone(UTC)
    together = "; ".join(f"{name} {rate:.1f}" for name, rate in rates.items())
    return (
        f"{at:%Y-%m-%d %H:%M} UTC, {machine()}. {options.posts} posts, {options.rounds} publications"
        f" of each site, in turn.\n\n{table(header, rows)}\n\n"
        f"{EDITORS} editors at once, publications a second: {together}."
    )


def _cpu(cost: Cost) -> float:
    return max(cost.cpu_ms + cost.database_ms, 0.1)
