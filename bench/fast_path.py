"""What the response cache costs: hits, misses and 304 beside the same bytes from memory alone."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.content import SEED
from bench.database import ROOT, BenchError
from bench.delivery import GALLEY_PROBE, Bench, Options, open_bench, store_answers
from bench.load_generator import Load, run_load
from bench.measure import Measurement, measure, warm_up
from bench.report import machine, table
from bench.scenarios import Paths, galley_paths
from bench.servers import GALLEY, STATIC, Server, head_of, running

CONNECTIONS: Final = (1, 16, 256)
SITE: Final = "/api/v1/content/site"
SCENARIOS: Final = ("single", "cards", "deep", "site")
ZIPF_EXPONENT: Final = 1.0
ZIPF_REQUESTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class FastPath:
    """Everything that was measured."""

    hits: dict[str, dict[str, list[Measurement]]]
    mix: list[tuple[str, Measurement, Mapping[str, Any]]]


@contextmanager
def _cached(bench: Bench, options: Options, **variables: str) -> Iterator[Server]:
    settings = bench.variables(**variables)
    with running(
        "shipped", GALLEY, settings, workers=options.workers, probe=GALLEY_PROBE
    ) as server:
        yield server


def run_fast_path(options: Options) -> FastPath:
    """Hits beside the limit, then a mix while an editor publishes, with and without Redis."""
    bench = open_bench(options.posts)
    with ExitStack() as stack:
        cached = stack.enter_context(_cached(bench, options))
        uncached = stack.enter_context(_cached(bench, options, RESPONSE_CACHE_MB="0"))
        paths = {**galley_paths(bench.posts, cached.port), "site": [SITE]}
        paths["single"] = paths["single"][:1]
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="galley-bench-")))
        store_answers(folder, cached, {name: paths[name] for name in SCENARIOS})
        limit = stack.enter_context(
            running(
                "shipped",
                STATIC,
                bench.variables(BENCH_STATIC=str(folder)),
                workers=options.workers,
                probe="/single",
            )
        )
        hits = _measure_hits(bench, options, (cached, uncached, limit), paths)
    mix = [_measure_mix(bench, options, "the ledger alone")]
    if redis_url := os.environ.get("REDIS_URL"):
        variables = {"REDIS_URL": redis_url, "REDIS_PREFIX": f"bench-{os.getpid()}"}
        mix.append(_measure_mix(bench, options, "Redis", **variables))
    return FastPath(hits, mix)


def _measure_hits(
    bench: Bench, options: Options, servers: tuple[Server, Server, Server], paths: Paths
) -> dict[str, dict[str, list[Measurement]]]:
    cached, uncached, limit = servers
    results: dict[str, dict[str, list[Measurement]]] = {}
    for name in SCENARIOS:
        path = paths[name][0]
        etag = head_of(cached.port, path)["etag"]
        turns: dict[str, tuple[Server, str, tuple[str, ...], tuple[int, ...]]] = {
            "hit": (cached, path, (), CONNECTIONS),
            "304": (cached, path, (f"If-None-Match: {etag}",), (16,)),
            "miss": (uncached, path, (), (1, 16)),
            "limit": (limit, f"/{name}", (), CONNECTIONS),
        }
        results[name] = {}
        for turn, (server, asked, headers, connections) in turns.items():
            warm_up(server, [asked], seconds=min(options.seconds, 1.0))
            results[name][turn] = [
                measure(
                    server,
                    [asked],
                    connections=count,
                    seconds=options.seconds,
                    database_pid=bench.database_pid,
                    headers=headers,
                    status=304 if turn == "304" else 200,
                )
                for count in connections
            ]
        _say(
            f"{name}: " + ", ".join(f"{t} {m[-1].server_cpu:.3f}" for t, m in results[name].items())
        )
    return results


def zipf_paths(bench: Bench) -> list[str]:
    """Addresses of posts, the first far more often than the last (Zipf's law)."""
    slugs = bench.posts.slugs
    weights = [1 / (rank**ZIPF_EXPONENT) for rank in range(1, len(slugs) + 1)]
    chosen = random.Random(SEED).choices(slugs, weights, k=ZIPF_REQUESTS)
    return [f"/api/v1/content/blog-posts/{slug}?include=author,tags" for slug in chosen]


def _measure_mix(
    bench: Bench, options: Options, name: str, **variables: str
) -> tuple[str, Measurement, Mapping[str, Any]]:
    """The Zipf mix over 16 connections, while another process publishes once a second."""
    paths = zipf_paths(bench)
    with _cached(bench, options, **variables) as server:
        run_load(server.port, paths, Load(connections=16, requests=len(paths), seconds=4.0))
        seconds = max(options.seconds * 2, 4.0)
        publications = int(seconds) + 1
        editor = subprocess.Popen(
            [
                *(sys.executable, "manage.py", "publish_bench", str(server.port)),
                *("--processes", str(options.workers), "--count", str(publications)),
            ],
            cwd=ROOT,
            env={
                **bench.variables(DJANGO_SETTINGS_MODULE="bench.reference.settings", **variables),
                "GALLEY_ROLE": "scheduler",
            },
            stdout=subprocess.PIPE,
        )
        try:
            measured = measure(
                server,
                paths,
                connections=16,
                seconds=seconds + 3,
                database_pid=bench.database_pid,
                most_requests=1_000_000,
            )
            output, _ = editor.communicate(timeout=120)
        finally:
            editor.kill()
        if editor.returncode != 0:
            raise BenchError("publish_bench failed; see its message above")
        numbers = json.loads(output.splitlines()[-1])
    _say(f"mix with {name}: {numbers}")
    return name, measured, numbers


def report(options: Options, found: FastPath) -> str:
    """Tables for people, in Markdown."""
    header = ["what", "conn", "req/s", "p50 ms", "p99 ms", "CPU", "of the limit"]
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
    mix_header = [*header[:6], "p99 / p50", "publish ms", "visible ms p50 / max"]
    failures = sum(m.failures for by in found.hits.values() for ms in by.values() for m in ms)
    failures += sum(item.failures for _, item, _ in found.mix)
    return "\n\n".join(
        [
            f"{machine()}; {options.workers} workers.",
            table(header, rows),
            (
                "CPU: seconds of the server's processes per 1,000 answers. Of the limit: the CPU of the"
                " same bytes from a minimal application on the same server, divided by it."
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
    }


def shorter(options: Options) -> Options:
    """Shorter: each of many measurements needs no more than this."""
    return replace(options, seconds=min(options.seconds, 3.0))


def _cells(item: Measurement) -> list[str]:
    return [
        str(item.connections),
        f"{item.rate:.0f}",
        f"{item.p50_ms:.1f}",
        f"{item.p99_ms:.1f}",
        f"{item.server_cpu:.3f}",
    ]


def _say(message: str) -> None:
    print(f"bench: {message}", file=sys.stderr, flush=True)
