"""How long answers take under more and more load, and a plot of it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matplotlib import rc_context
from matplotlib.figure import Figure

from bench.load_generator import Load, run_load
from bench.measure import Measurement, Turn, measure, warm_up

CONNECTIONS: Final = 64
SHARES: Final = (0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0)
"""Of the requests a second that a server answers when each connection asks again at once."""
_INCHES: Final = (8.0, 4.8)


@dataclass(frozen=True, slots=True)
class Curve:
    """What one server does under one load after the other."""

    name: str
    points: list[Measurement]


def measure_curves(turns: Mapping[str, Turn], *, seconds: float, database_pid: int) -> list[Curve]:
    """Requests come at a fixed rate, whether or not they are answered: a queue shows as time."""
    curves = []
    for name, turn in turns.items():
        warm_up(turn.server, turn.paths, seconds=2.0)
        most = run_load(turn.server.port, turn.paths, Load(CONNECTIONS, 10**6, seconds / 2)).rate
        points = [
            measure(
                turn.server,
                turn.paths,
                connections=CONNECTIONS,
                seconds=seconds / 2,
                database_pid=database_pid,
                most_requests=10**6,
                rate=most * share,
            )
            for share in SHARES
        ]
        curves.append(Curve(name, points))
        print(f"bench: under load, {name}: up to {most:.0f} a second", file=sys.stderr, flush=True)
    return curves


def plot_curves(curves: Sequence[Curve], file: Path, *, title: str) -> None:
    """Draws them as an SVG image: the median as a line, the slowest of a hundred dashed."""
    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.subplots()
    for curve in curves:
        rates = [point.rate for point in curve.points]
        (line,) = axes.plot(rates, [p.p50_ms for p in curve.points], marker="o", label=curve.name)
        slow = [p.p99_ms for p in curve.points]
        axes.plot(rates, slow, marker=".", linestyle="--", color=line.get_color(), alpha=0.7)
    axes.set(xscale="log", yscale="log", title=title)
    axes.set(xlabel="answers a second", ylabel="milliseconds: median, and p99 dashed")
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend()
    # The file changes with its numbers alone: no random ids, no date.
    with rc_context({"svg.hashsalt": "galley"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
