"""`bin/bench search`: how fast searches and suggestions are answered, ours beside others.

The same made-up texts in each, behind a web server with two workers, without a response cache.
Beside ours, in turn with it: the requests that ours sends, sent to Elasticsearch itself (the
limit). Then a page that calls Wagtail's `.search()`, on PostgreSQL and on Elasticsearch.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from bench.accounting import cpu_seconds, parent_of
from bench.database import VAR, BenchError, connect, environment
from bench.load_generator import Post
from bench.measure import Measurement, measure, middle, warm_up
from bench.publishing_sites import Site, relay_running
from bench.search_content import beginnings, searches
from bench.search_node import Node, node_running
from bench.search_ours import empty_database
from bench.search_process import run_worker
from bench.search_speed_report import OURS, RAW, Fresh, Timed, speed_table, write_speed
from bench.search_wagtail import stock_database
from bench.servers import GALLEY, Application, Server, running

CONNECTIONS: Final = (1, 16)
_ASKED: Final = 2_000
_TAKEN: Final = 500
"""Of which the engine's own request is asked, too."""
_ROUNDS: Final = 3
_FACETS: Final = "facets=type,tags,category,author,price,published_at"
_STOCK: Final = Application("stock", "bench.stock.wsgi:application", "", "")
_ENGINE: Final = Application(RAW, "", "", "")

Asked = Sequence[str | Post]


@dataclass(frozen=True, slots=True)
class SpeedOptions:
    """How much is measured."""

    sizes: tuple[int, ...] = (5_000, 50_000)
    seconds: float = 6.0
    publications: int = 100
    workers: int = 2
    ours_only: bool = False
    most_of_wagtail: int = 5_000
    """Larger collections are not loaded into a stock site: that alone takes longer than all else."""


QUICK: Final = SpeedOptions(sizes=(300,), seconds=0.9, publications=5)


@dataclass(slots=True)
class SpeedBench:
    """Measures systems on one size of collection, and counts whose CPU it takes."""

    documents: int
    options: SpeedOptions
    server_url: str
    node: Node
    found: list[Timed] = field(default_factory=list)
    fresh: list[Fresh] = field(default_factory=list)

    def ask(self, asked: str, targets: Mapping[str, tuple[Server, Asked]]) -> None:
        """Each system in turn, several times over, on one connection and on sixteen."""
        for server, paths in targets.values():
            warm_up(server, paths, seconds=2.0)
        for connections in CONNECTIONS:
            rounds: dict[str, list[tuple[Measurement, float]]] = {name: [] for name in targets}
            for _ in range(_ROUNDS):
                for name, (server, paths) in targets.items():
                    rounds[name].append(self._measure(name, server, paths, connections))
            for name, measured in rounds.items():
                engine_cpu = sorted(cpu for _, cpu in measured)[len(measured) // 2]
                both = middle([item for item, _ in measured])
                self.found.append(Timed(self.documents, name, asked, both, engine_cpu))
        # Told as it goes: who waits sees it, and what breaks off later loses nothing.
        print(f"\n{speed_table(self.found[-len(targets) * len(CONNECTIONS) :])}\n", flush=True)

    def _measure(
        self, name: str, server: Server, paths: Asked, connections: int
    ) -> tuple[Measurement, float]:
        before = cpu_seconds(self.node.pid)
        measured = measure(
            server,
            paths,
            connections=connections,
            seconds=self.options.seconds / _ROUNDS,
            database_pid=_database_pid(self.server_url),
        )
        used = (cpu_seconds(self.node.pid) - before) / max(measured.answers, 1) * 1000
        if measured.failures:
            raise BenchError(f"{name} failed {measured.failures} times; see {VAR}/*.log")
        return measured, round(used, 3)


def search_queries() -> list[str]:
    """Whole result pages: hits with what is marked in them, and the counts of all facets."""
    return [f"q={quote(text)}&{_FACETS}" for text in searches(_ASKED)]


def suggestion_queries() -> list[str]:
    """What a search box asks at each letter."""
    return [f"q={quote(text)}" for text in beginnings(_ASKED)]


def run_speed(bench: SpeedBench) -> None:
    """Every system on one size."""
    with empty_database(bench.server_url, f"galley_bench_speed_{bench.documents}") as url:
        begun = time.monotonic()
        run_worker(["bench.search_load_worker", str(bench.documents)], environment(url))
        _say(f"{bench.documents} documents are published in {time.monotonic() - begun:.0f} s")
        _measure_ours(bench, url, "database")
        _measure_ours(bench, url, "elasticsearch")
    if not bench.options.ours_only and bench.documents <= bench.options.most_of_wagtail:
        for search_url in ("", bench.node.url):
            try:
                _measure_wagtail(bench, search_url)
            except BenchError as error:
                # It needs n-grams, which not every node has: ours is measured all the same.
                _say(f"Wagtail's search is left out on {search_url or 'PostgreSQL'}: {error}")


def _measure_ours(bench: SpeedBench, url: str, engine: str) -> None:
    variables = environment(
        url,
        RESPONSE_CACHE_MB="0",
        SEARCH_ENGINE=engine,
        ELASTICSEARCH_URL=bench.node.url,
        # What is slow is measured, not answered by another engine.
        SEARCH_ENGINE_TIMEOUT_MS="20000",
        CELERY_BROKER_URL="",
    )
    queries = {"searches": search_queries(), "suggestions": suggestion_queries()}
    some = {kind: texts[:_TAKEN] for kind, texts in queries.items()}
    told = run_worker(["bench.search_index_worker"], variables, json.dumps(some))
    indexed = json.loads(told.splitlines()[-1])
    _say(f"indexed for {engine} in {indexed['seconds']:.0f} s")
    paths = {
        "search": [f"/api/v1/search?{text}" for text in queries["searches"]],
        "suggest": [f"/api/v1/search/suggest?{text}" for text in queries["suggestions"]],
    }
    with _galley(bench, variables, paths["search"][0]) as server:
        for asked, kind in (("search", "searches"), ("suggest", "suggestions")):
            targets: dict[str, tuple[Server, Asked]] = {OURS[engine]: (server, paths[asked])}
            if engine != "database":
                targets[RAW] = _raw(bench.node, indexed["index"], indexed[kind])
            bench.ask(asked, targets)
        with relay_running(Site("Galley", "", variables)):
            # Numbers that no earlier publication had.
            first = bench.documents + (0 if engine == "database" else bench.options.publications)
            counted = [server.port, first, bench.options.publications]
            done = run_worker(["bench.search_fresh_worker", *map(str, counted)], variables)
        bench.fresh.append(Fresh(bench.documents, OURS[engine], tuple(json.loads(done))))
        _say(bench.fresh[-1].line())


@contextmanager
def _galley(bench: SpeedBench, variables: Mapping[str, str], probe: str) -> Iterator[Server]:
    workers = bench.options.workers
    with running("shipped", GALLEY, variables, workers=workers, probe=probe) as server:
        yield server


def _raw(node: Node, index: str, bodies: Sequence[str]) -> tuple[Server, Asked]:
    """The engine itself, as a server that is asked what ours asks it."""
    path = f"/{index}/_search?allow_partial_search_results=false"
    server = Server(_ENGINE, node.pid, node.port)
    return server, [Post(path, body.encode()) for body in bodies]


def _measure_wagtail(bench: SpeedBench, search_url: str) -> None:
    with stock_database(bench.server_url) as url:
        variables = environment(
            url, DJANGO_SETTINGS_MODULE="bench.stock.settings", BENCH_SEARCH_URL=search_url
        )
        begun = time.monotonic()
        run_worker(["bench.stock.search_loading", str(bench.documents)], variables)
        _say(f"loaded into a stock site in {time.monotonic() - begun:.0f} s")
        paths = [f"/search/?q={quote(text)}&operator=or" for text in searches(_ASKED)]
        system = f"Wagtail's .search(), {'Elasticsearch' if search_url else 'PostgreSQL'}"
        with running(
            "granian-wsgi-1", _STOCK, variables, workers=bench.options.workers, probe=paths[0]
        ) as server:
            bench.ask("search", {system: (server, paths)})


def _database_pid(server_url: str) -> int:
    with connect(server_url) as database:
        row = database.execute("SELECT pg_backend_pid()").fetchone()
        return parent_of(int(str(row[0]))) if row else 0


def bench_search(options: SpeedOptions) -> int:
    """Measures, prints, writes JSON and a plot."""
    VAR.mkdir(parents=True, exist_ok=True)
    server_url = os.environ.get("DATABASE_URL", "")
    benches: list[SpeedBench] = []
    failed = False
    try:
        if not server_url.startswith("postgres"):
            raise BenchError("DATABASE_URL names no PostgreSQL; bin/bench starts one")
        for size in options.sizes:
            # A node of its own for each size: what others have left in it costs memory.
            with node_running() as node:
                benches.append(SpeedBench(size, options, server_url, node))
                run_speed(benches[-1])
    except BenchError as error:
        _say(str(error))
        failed = True
    found = [item for bench in benches for item in bench.found]
    fresh = [item for bench in benches for item in bench.fresh]
    is_whole = not failed and options.sizes == SpeedOptions().sizes
    print(write_speed(found, fresh, is_whole=is_whole))
    return int(failed)


def _say(message: str) -> None:
    print(f"bench: {message}", file=sys.stderr, flush=True)
