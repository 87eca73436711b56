"""What `bin/bench search` found, as a table for people, JSON for programs and a plot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from bench.database import ROOT, VAR
from bench.measure import Measurement
from bench.report import machine, table
from bench.search_plots import plot_times
from core.interface import utc_now

OURS: Final[Mapping[str, str]] = {
    "database": "Galley, PostgreSQL",
    "elasticsearch": "Galley, Elasticsearch",
}
RAW: Final = "Elasticsearch itself"
_IMAGE: Final = ROOT / "docs" / "images" / "search-speed.svg"
_HEADER: Final = ["", "conn", "req/s", "p50 ms", "p99 ms", "CPU", "DB CPU", "engine CPU"]


@dataclass(frozen=True, slots=True)
class Timed:
    """One kind of answer of one system, over so many documents; engine CPU per 1,000 answers."""

    documents: int
    system: str
    asked: str
    measured: Measurement
    engine_cpu: float


@dataclass(frozen=True, slots=True)
class Fresh:
    """Milliseconds from the commit of a publication to the first search that finds it."""

    documents: int
    system: str
    times_ms: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """The time that so many stay below."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def line(self) -> str:
        """In a sentence."""
        return (
            f"{self.documents:,} documents, {self.system}: searchable after {self.quantile(0.5):.0f} ms"
            f" (p50), {self.quantile(0.99):.0f} ms (p99), of {len(self.times_ms)} publications"
        )


def write_speed(found: Sequence[Timed], fresh: Sequence[Fresh], *, is_whole: bool) -> str:
    """Writes JSON, and of a whole run the plot; gives the report."""
    results = [asdict(item) for item in found]
    waits = [asdict(item) for item in fresh]
    told = {"at": utc_now().isoformat(), "machine": machine(), "results": results, "fresh": waits}
    (VAR / "search-speed.json").write_text(json.dumps(told, indent=1))
    if is_whole:
        plot_times(
            _bars(found), _IMAGE, title="A search with facets, and suggestions: one connection"
        )
    return speed_report(found, fresh)


def speed_report(found: Sequence[Timed], fresh: Sequence[Fresh]) -> str:
    """A table for each size, ratios to the engine's own time, and how soon searches find."""
    parts = [f"{machine()}; 2 workers."]
    for documents in dict.fromkeys(item.documents for item in found):
        some = [item for item in found if item.documents == documents]
        parts.append(speed_table(some))
        parts.append("\n".join(_ratios(some)))
    parts += ["\n".join(f"{item.line()}." for item in fresh)]
    parts.append("CPU in seconds per 1,000 answers: of the web server, PostgreSQL, Elasticsearch.")
    return "\n\n".join(part for part in parts if part)


def speed_table(found: Sequence[Timed]) -> str:
    """What was found of one collection, under its size."""
    rows = table(_HEADER, [_row(item) for item in found])
    return f"## {found[0].documents:,} documents\n\n{rows}"


def _row(item: Timed) -> list[str]:
    measured = item.measured
    return [
        f"{item.asked}: {item.system}",
        str(measured.connections),
        f"{measured.rate:.0f}",
        f"{measured.p50_ms:.1f}",
        f"{measured.p99_ms:.1f}",
        "-" if item.system == RAW else f"{measured.server_cpu:.2f}",
        f"{measured.database_cpu:.2f}",
        f"{item.engine_cpu:.2f}",
    ]


def _ratios(found: Sequence[Timed]) -> list[str]:
    by_name = {(item.asked, item.system, item.measured.connections): item for item in found}
    lines = []
    for (asked, system, connections), item in by_name.items():
        raw = by_name.get((asked, RAW, connections))
        if raw is not None and system == OURS["elasticsearch"]:
            ratio = item.measured.p50_ms / raw.measured.p50_ms
            lines.append(f"{asked}, {connections} connections: {ratio:.2f} x the engine's p50.")
    return lines


def _bars(found: Sequence[Timed]) -> dict[str, dict[str, tuple[float, float]]]:
    bars: dict[str, dict[str, tuple[float, float]]] = {}
    for item in found:
        if item.measured.connections == 1:
            name = item.system if item.asked == "search" else f"{item.system}, suggestions"
            times = (item.measured.p50_ms, item.measured.p99_ms)
            bars.setdefault(f"{item.documents:,} documents", {})[name] = times
    return bars
