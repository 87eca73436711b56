"""The delivery benchmark: our API beside Wagtail's own and beside the server's limit, in one run."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.accounting import parent_of
from bench.database import BenchError, connect, environment, prepare_database
from bench.measure import Measurement, measure, warm_up
from bench.scenarios import (
    SCENARIOS,
    Paths,
    Posts,
    galley_paths,
    read_posts,
    static_paths,
    version_2_paths,
    version_3_paths,
)
from bench.servers import GALLEY, STATIC, WAGTAIL, Server, answer_of, running

CONNECTIONS: Final = (1, 16)
GALLEY_PROBE: Final = "/api/v1/content/blog-posts?limit=1"
WAGTAIL_PROBE: Final = "/api/v2/pages/?limit=1"

Results = dict[str, dict[str, list[Measurement]]]
"""By scenario and API, one measurement for each number of connections."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is done."""

    posts: int = 5000
    seconds: float = 6.0
    workers: int = 2
    kind: str = "shipped"


@dataclass(frozen=True, slots=True)
class Bench:
    """A loaded database, and what its servers need."""

    url: str
    posts: Posts
    database_pid: int

    def variables(self, **more: str) -> Mapping[str, str]:
        """The environment of a server on this database."""
        return environment(self.url, GALLEY_ROLE="api", **more)


def open_bench(posts: int) -> Bench:
    """Loads the database, or finds it as an earlier run has left it.

    Raises:
        BenchError: there is no PostgreSQL.
    """
    server_url = os.environ.get("DATABASE_URL", "")
    if not server_url.startswith("postgres"):
        raise BenchError("DATABASE_URL names no PostgreSQL; bin/bench starts one")
    url = prepare_database(server_url, posts)
    with connect(url) as database:
        found = read_posts(database)
        row = database.execute("SELECT pg_backend_pid()").fetchone()
        backend = int(str(row[0])) if row else 0
        # Each backend is a child of the server's first process; their clocks add up in its tree.
        return Bench(url, found, parent_of(backend))


@contextmanager
def galley_server(bench: Bench, options: Options) -> Iterator[Server]:
    """Our API as in production, but for the response cache: what each answer costs to make."""
    variables = bench.variables(RESPONSE_CACHE_MB="0")
    with running(
        options.kind, GALLEY, variables, workers=options.workers, probe=GALLEY_PROBE
    ) as server:
        yield server


def run_delivery(options: Options) -> tuple[Bench, Results]:
    """Every scenario on every API.

    The servers stay up throughout, so that each scenario is measured on all of them within the
    same minute.
    """
    bench = open_bench(options.posts)
    with ExitStack() as stack:
        galley = stack.enter_context(galley_server(bench, options))
        own_settings = {"DJANGO_SETTINGS_MODULE": "bench.reference.settings"}
        wagtail = stack.enter_context(
            running(
                options.kind,
                WAGTAIL,
                bench.variables(**own_settings),
                workers=options.workers,
                probe=WAGTAIL_PROBE,
            )
        )
        ours = galley_paths(bench.posts, galley.port)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="galley-bench-")))
        store_answers(folder, galley, ours)
        static = stack.enter_context(
            running(
                options.kind,
                STATIC,
                bench.variables(BENCH_STATIC=str(folder)),
                workers=options.workers,
                probe="/single",
            )
        )
        targets: dict[str, tuple[Server, Paths]] = {
            "galley": (galley, ours),
            "wagtail v2": (wagtail, version_2_paths(bench.posts)),
            "wagtail v3": (wagtail, version_3_paths(bench.posts)),
            "static": (static, static_paths()),
        }
        return bench, _measure_all(targets, bench, options)


def store_answers(folder: Path, server: Server, paths: Paths) -> None:
    """Writes the answer of each scenario to a file of its name, for the static server."""
    for name, asked in paths.items():
        status, body = answer_of(server.port, asked[0])
        if status != 200:
            raise BenchError(f"{asked[0]} answers {status}: {body[:300]!r}")
        (folder / name).write_bytes(body)


def _measure_all(
    targets: Mapping[str, tuple[Server, Paths]], bench: Bench, options: Options
) -> Results:
    results: Results = {}
    for scenario in SCENARIOS:
        results[scenario] = {}
        for name, (server, paths) in targets.items():
            if scenario not in paths:
                continue
            begun = time.monotonic()
            asked = paths[scenario]
            warm_up(server, asked, seconds=options.seconds)
            results[scenario][name] = [
                measure(
                    server,
                    asked,
                    connections=connections,
                    seconds=options.seconds,
                    database_pid=bench.database_pid,
                )
                for connections in CONNECTIONS
            ]
            _report_progress(scenario, name, results[scenario][name], time.monotonic() - begun)
    return results


def _report_progress(scenario: str, name: str, measured: list[Measurement], seconds: float) -> None:
    cpu = " and ".join(f"{item.server_cpu:.2f}" for item in measured)
    failures = sum(item.failures for item in measured)
    failed = f", {failures} FAILED" if failures else ""
    line = f"bench: {scenario:7} {name:10} {cpu} s of CPU per 1,000 ({seconds:.0f} s{failed})"
    print(line, file=sys.stderr, flush=True)
