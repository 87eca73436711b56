"""What the response cache costs: hits, misses and 304 beside the same bytes from memory alone."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.content import SEED
from bench.database import ROOT, BenchError
from bench.delivery import GALLEY_PROBE, Bench, Options, open_bench, store_answers
from bench.latency import Curve, measure_curves
from bench.load_generator import Load, run_load
from bench.measure import Measurement, Turn, measure, measure_in_turn
from bench.nginx import nginx_server
from bench.report import machine, table
from bench.scenarios import Paths, galley_paths, pages_of
from bench.servers import GALLEY, STATIC, Server, head_of, running

CONNECTIONS: Final = (1, 16, 256)
MISS_CONNECTIONS: Final = (1, 16)
ROUNDS: Final = 5
SITE: Final = "/api/v1/content/site"
SCENARIOS: Final = ("single", "cards", "deep", "site")
ZIPF_EXPONENT: Final = 1.0
ZIPF_REQUESTS: Final = 20_000
OF_THE_SERVER: Final = {"connection", "date", "server", "transfer-encoding"}
"""Headers that each server writes by itself."""
WHOLE: Final = "limit, with our headers"
PACED_SHARE: Final = 0.5
"""Of what the server can do at most: where a server should run."""


@dataclass(frozen=True, slots=True)
class FastPath:
    """Everything that was measured."""

    hits: dict[str, dict[str, list[Measurement]]]
    mix: list[tuple[str, Measurement, Mapping[str, Any]]]
    curves: list[Curve]


@contextmanager
def _cached(bench: Bench, options: Options, **variables: str) -> Iterator[Server]:
    settings = bench.variables(**variables)
    with running(
        "shipped", GALLEY, settings, workers=options.workers, probe=GALLEY_PROBE
    ) as server:
        yield server


@dataclass(frozen=True, slots=True)
class _Servers:
    cached: Server
    uncached: Server
    limit: Server
    nginx: Server | None


@contextmanager
def _servers(bench: Bench, options: Options, paths: Paths) -> Iterator[_Servers]:
    """Ours with and without its cache, and those that only have the same bytes."""
    with ExitStack() as stack:
        cached = stack.enter_context(_cached(bench, options))
        uncached = stack.enter_context(_cached(bench, options, RESPONSE_CACHE_MB="0"))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="galley-bench-")))
        store_answers(folder, cached, {name: paths[name][:1] for name in SCENARIOS})
        for name in SCENARIOS:
            headers = head_of(cached.port, paths[name][0])
            pairs = [pair for pair in headers.items() if pair[0] not in OF_THE_SERVER]
            (folder / f"{name}.headers").write_text(json.dumps(pairs))
        variables = bench.variables(BENCH_STATIC=str(folder))
        limit = stack.enter_context(
            running("shipped", STATIC, variables, workers=options.workers, probe="/single")
        )
        nginx = stack.enter_context(nginx_server(folder, workers=options.workers))
        if nginx is None:
            _say("nginx is not installed and is left out")
        yield _Servers(cached, uncached, limit, nginx)


def run_fast_path(options: Options) -> FastPath:
    """Hits beside the limits, misses, latency under load, and a mix while an editor publishes."""
    bench = open_bench(options.posts)
    with _cached(bench, options) as server:
        paths = _paths(bench, server.port)
    with _servers(bench, options, paths) as servers:
        hits = {name: _measure_scenario(name, paths, servers, bench, options) for name in SCENARIOS}
        curves = measure_curves(
            {
                "from memory": Turn(servers.cached, paths["single"][:200]),
                "made anew": Turn(servers.uncached, paths["single"]),
                "the same bytes, a minimal application": Turn(servers.limit, ["/single"]),
            },
            seconds=options.seconds,
            database_pid=bench.database_pid,
        )
    mix = _measure_mix(bench, options, "the ledger alone")
    if redis_url := os.environ.get("REDIS_URL"):
        variables = {"REDIS_URL": redis_url, "REDIS_PREFIX": f"bench-{os.getpid()}"}
        mix += _measure_mix(bench, options, "Redis", **variables)
    return FastPath(hits, mix, curves)


def _paths(bench: Bench, port: int) -> Paths:
    """Many addresses for each kind of answer: misses that ask for one would wait for each other."""
    paths = {**galley_paths(bench.posts, port), "site": [SITE]}
    pages = pages_of(port, paths["tagged"][0], bench.posts.deep_page)
    half = len(pages) // 2
    paths["cards"] = pages_of(port, paths["cards"][0], bench.posts.deep_page)
    paths["deep"] = [*paths["deep"], *pages[half:]]
    return paths


def _measure_scenario(
    name: str, paths: Paths, servers: _Servers, bench: Bench, options: Options
) -> dict[str, list[Measurement]]:
    hit = paths[name][0]
    etag = head_of(servers.cached.port, hit)["etag"]
    results: dict[str, list[Measurement]] = {}
    for connections in CONNECTIONS:
        turns = {
            "hit": Turn(servers.cached, [hit]),
            "limit": Turn(servers.limit, [f"/{name}"]),
            WHOLE: Turn(servers.limit, [f"/{name}.whole"]),
        }
        if servers.nginx is not None:
            turns["nginx"] = Turn(servers.nginx, [f"/{name}"])
        if connections == 16:
            known = (f"If-None-Match: {etag}",)
            turns["304"] = Turn(servers.cached, [hit], known, status=304)
        if connections in MISS_CONNECTIONS:
            turns["miss"] = Turn(servers.uncached, paths[name])
        measured = measure_in_turn(
            turns,
            connections=connections,
            seconds=options.seconds,
            rounds=ROUNDS,
            database_pid=bench.database_pid,
        )
        for turn, item in measured.items():
            results.setdefault(turn, []).append(item)
    cpu = {turn: items[-1].server_cpu for turn, items in results.items()}
    _say(f"{name}: " + ", ".join(f"{turn} {used:.3f}" for turn, used in cpu.items()))
    return results


def zipf_paths(bench: Bench) -> list[str]:
    """Addresses of posts, the first far more often than the last (Zipf's law)."""
    slugs = bench.posts.slugs
    weights = [1 / (rank**ZIPF_EXPONENT) for rank in range(1, len(slugs) + 1)]
    chosen = random.Random(SEED).choices(slugs, weights, k=ZIPF_REQUESTS)
    return [f"/api/v1/content/blog-posts/{slug}?include=author,tags" for slug in chosen]


def _measure_mix(
    bench: Bench, options: Options, name: str, **variables: str
) -> list[tuple[str, Measurement, Mapping[str, Any]]]:
    """The Zipf mix while another process publishes once a second: as fast as can be, and paced."""
    paths = zipf_paths(bench)
    with _cached(bench, options, **variables) as server:
        # All posts once, then the mix: what is left to miss is what the editor changes.
        run_load(server.port, sorted(set(paths)), Load(16, len(set(paths)), seconds=60.0))
        run_load(server.port, paths, Load(connections=16, requests=len(paths), seconds=4.0))
        with _editor(bench, options, server, variables) as ending:
            full = _ask_mix(bench, options, server, paths)
            numbers = ending()
        with _editor(bench, options, server, variables) as ending:
            paced = _ask_mix(bench, options, server, paths, rate=full.rate * PACED_SHARE)
            paced_numbers = ending()
    _say(f"mix with {name}: {numbers}, paced: {paced_numbers}")
    return [(f"{name}, full", full, numbers), (f"{name}, half of that", paced, paced_numbers)]


def _ask_mix(
    bench: Bench, options: Options, server: Server, paths: list[str], rate: float | None = None
) -> Measurement:
    return measure(
        server,
        paths,
        connections=16,
        seconds=_publishing_seconds(options),
        database_pid=bench.database_pid,
        most_requests=1_000_000,
        rate=rate,
    )


def _publishing_seconds(options: Options) -> float:
    return max(options.seconds * 2, 4.0)


@contextmanager
def _editor(
    bench: Bench, options: Options, server: Server, variables: Mapping[str, str]
) -> Iterator[Callable[[], Mapping[str, Any]]]:
    """Publishes once a second, beside the block; gives what waits for it and tells its numbers."""
    editor = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "publish_bench", str(server.port)),
            *("--processes", str(options.workers)),
            *("--count", str(int(_publishing_seconds(options)) + 1)),
        ],
        cwd=ROOT,
        env={
            **bench.variables(DJANGO_SETTINGS_MODULE="bench.reference.settings", **variables),
            "GALLEY_ROLE": "scheduler",
        },
        stdout=subprocess.PIPE,
    )

    def ending() -> Mapping[str, Any]:
        output, _ = editor.communicate(timeout=120)
        if editor.returncode != 0:
            raise BenchError("publish_bench failed; see its message above")
        numbers: Mapping[str, Any] = json.loads(output.splitlines()[-1])
        return numbers

    try:
        yield ending
    finally:
        editor.kill()


def report(options: Options, found: FastPath) -> str:
    """Tables for people, in Markdown."""
    header = ["what", "conn", "req/s", "p50 ms", "p99 ms", "CPU", "DB CPU", "of the limit"]
    rows = []
    for scenario, by_turn in found.hits.items():
        limits = {item.connections: item for item in by_turn["limit"]}
        for turn, measured in by_turn.items():
            for item in measured:
                share = limits[item.connections].server_cpu / max(item.server_cpu, 1e-9)
                rows.append([f"{scenario}: {turn}", *_cells(item), f"{share:.2f}"])
    mix_rows = [
        [
            f"mix, {name}",
            *_cells(item),
            f"{item.p99_ms / max(item.p50_ms, 1e-9):.1f} x",
            f"{numbers['publish_ms_p50']:.0f}",
            f"{numbers['visible_ms_p50']:.0f} / {numbers['visible_ms_max']:.0f}",
        ]
        for name, item, numbers in found.mix
    ]
    mix_header = [*header[:7], "p99 / p50", "publish ms", "visible ms p50 / max"]
    failures = sum(m.failures for by in found.hits.values() for ms in by.values() for m in ms)
    failures += sum(item.failures for _, item, _ in found.mix)
    return "\n\n".join(
        [
            f"{machine()}; {options.workers} workers.",
            table(header, rows),
            (
                "CPU: seconds of the server's processes per 1,000 answers; DB CPU: of PostgreSQL. Of the"
                " limit: the CPU of the same bytes from a minimal application on the same server,"
                f" divided by it. Each number is the middle one of {ROUNDS} turns."
            ),
            table(mix_header, mix_rows),
            *([f"FAILED ANSWERS: {failures}"] if failures else []),
        ]
    )


def as_json(found: FastPath) -> dict[str, Any]:
    """The same for programs."""
    return {
        "hits": {
            scenario: {turn: [asdict(item) for item in items] for turn, items in by_turn.items()}
            for scenario, by_turn in found.hits.items()
        },
        "mix": [{"heard by": name, **asdict(item), **numbers} for name, item, numbers in found.mix],
        "curves": [asdict(curve) for curve in found.curves],
    }


def shorter(options: Options) -> Options:
    """Shorter: each of many measurements needs no more than this."""
    return replace(options, seconds=min(options.seconds, 5.0))


def _cells(item: Measurement) -> list[str]:
    return [
        str(item.connections),
        f"{item.rate:.0f}",
        f"{item.p50_ms:.1f}",
        f"{item.p99_ms:.1f}",
        f"{item.server_cpu:.3f}",
        f"{item.database_cpu:.3f}",
    ]


def _say(message: str) -> None:
    print(f"bench: {message}", file=sys.stderr, flush=True)
