"""The results as a table for people, in Markdown, and as JSON for programs."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from bench.delivery import Bench, Options, Results
from bench.measure import Measurement
from bench.scenarios import PAGE, SCENARIOS
from core.interface import utc_now


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with even columns; the first column is text, the others are numbers."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = [f"{'-' * widths[0]}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    return "\n".join([line(header), f"| {' | '.join(rule)} |", *map(line, rows)])


def machine() -> str:
    """The size of this machine and how busy it is, in a line."""
    memory = Path("/proc/meminfo").read_text().split()[1]
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {int(memory) / 1024**2:.0f} GiB, load {load:.1f}"


def busiest(measured: Sequence[Measurement]) -> Measurement:
    """The measurement over the most connections: the one that fills the workers."""
    return max(measured, key=lambda item: item.connections)


def ratio_table(results: Results) -> str:
    """How many times our CPU (server and database) each of the others uses."""
    rows = []
    for scenario, by_api in results.items():
        ours = _whole(busiest(by_api["galley"]))
        cells = [SCENARIOS[scenario], f"{ours:.2f} s"]
        for name in ("wagtail v2", "wagtail v3", "static"):
            other = by_api.get(name)
            cells.append(f"{_whole(busiest(other)) / ours:.2f} x" if other and ours else "-")
        rows.append(cells)
    header = ["CPU of server and database per 1,000", "galley", "v2", "v3", "static"]
    return table(header, rows)


def _whole(item: Measurement) -> float:
    return item.server_cpu + item.database_cpu


def full_table(results: Results) -> str:
    """Everything that was measured."""
    header = ["what", "conn", "req/s", "p50 ms", "p99 ms", "CPU", "DB CPU", "MiB", "kB"]
    rows = []
    for scenario, by_api in results.items():
        for name, measured in by_api.items():
            rows += [[f"{scenario}: {name}", *_cells(item)] for item in measured]
    return table(header, rows)


def _cells(item: Measurement) -> list[str]:
    return [
        str(item.connections),
        f"{item.rate:.0f}",
        f"{item.p50_ms:.1f}",
        f"{item.p99_ms:.1f}",
        f"{item.server_cpu:.2f}",
        f"{item.database_cpu:.2f}",
        f"{item.memory_mib:.0f}",
        f"{item.answer_bytes / 1000:.1f}",
    ]


def depth_line(results: Results) -> str:
    """What depth costs us, in a sentence."""
    first, deep = (_whole(busiest(results[name]["galley"])) for name in ("tagged", "deep"))
    return f"A deep page costs {deep / first:.2f} times the first." if first else ""


def text_report(bench: Bench, options: Options, results: Results) -> str:
    """Ratios first, then everything."""
    return "\n\n".join(_parts(bench, options, results))


def _parts(bench: Bench, options: Options, results: Results) -> Iterator[str]:
    yield (
        f"{utc_now().astimezone(UTC):%Y-%m-%d %H:%M} UTC, {machine()}. {len(bench.posts.slugs)} posts;"
        f" server: {options.kind}, {options.workers} workers. The deep page is page"
        f" {bench.posts.deep_page + 1} of {bench.posts.tagged // PAGE}."
    )
    yield ratio_table(results)
    yield depth_line(results)
    yield full_table(results)
    yield (
        "CPU: seconds of all processes of the web server per 1,000 answers; DB CPU: of PostgreSQL."
        " MiB: of the web server. kB: of an answer's body. v3 lists hold titles alone: no body,"
        " author or tag."
    )
    failed = [name for name, by_api in results.items() for m in by_api.values() if m[0].failures]
    if failed:
        yield f"FAILED ANSWERS in: {', '.join(failed)}"


def write_json(file: Path, bench: Bench, options: Options, results: Results) -> None:
    """Everything that was measured, for programs."""
    measured: dict[str, Any] = {
        scenario: {name: [asdict(item) for item in items] for name, items in by_api.items()}
        for scenario, by_api in results.items()
    }
    document = {
        "at": utc_now().isoformat(),
        "machine": machine(),
        "options": asdict(options),
        "posts": len(bench.posts.slugs),
        "deep_page": bench.posts.deep_page + 1,
        "results": measured,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2))
