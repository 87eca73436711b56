"""Plots of the quality and the speed of search, as SVG images that change with their numbers alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

_WIDTH: Final = 8.0
_ROW: Final = 0.42
_OURS: Final = "#0b6e4f"
_OTHERS: Final = "#8d99a6"


def plot_quality(bars: Mapping[str, tuple[float, float]], file: Path, *, title: str) -> None:
    """A bar for each system; a mark where misspelt queries come out."""
    figure = Figure(figsize=(_WIDTH, 1.2 + _ROW * len(bars)), layout="constrained")
    axes = figure.subplots()
    names = list(bars)[::-1]
    clean, misspelt = ([bars[name][place] for name in names] for place in (0, 1))
    colours = [_OURS if name.startswith("Galley") else _OTHERS for name in names]
    drawn = axes.barh(names, clean, color=colours)
    axes.bar_label(drawn, fmt="%.3f", padding=4)
    axes.plot(misspelt, names, "|", color="black", markersize=14, label="misspelt queries")
    axes.set(title=title, xlim=(0, max(*clean, *misspelt) * 1.15))
    axes.grid(visible=True, axis="x", alpha=0.25)
    # The first system finds next to nothing, so its row has room.
    axes.legend(loc="upper right")
    _save(figure, file)


def plot_times(
    bars: Mapping[str, Mapping[str, tuple[float, float]]], file: Path, *, title: str
) -> None:
    """For each number of documents, the median of each system as a bar and its p99 as a mark."""
    sizes = list(bars)
    figure = Figure(figsize=(_WIDTH, 1.4 + _ROW * sum(map(len, bars.values()))))
    figure.set_layout_engine("constrained")
    for place, size in enumerate(sizes, start=1):
        axes = figure.add_subplot(len(sizes), 1, place)
        names = list(bars[size])[::-1]
        middle, slow = ([bars[size][name][item] for name in names] for item in (0, 1))
        colours = [_OURS if name.startswith("Galley") else _OTHERS for name in names]
        drawn = axes.barh(names, middle, color=colours)
        axes.bar_label(drawn, fmt="%.1f", padding=4)
        axes.plot(slow, names, "|", color="black", markersize=12, label="p99")
        axes.set(xscale="log", title=size, xlabel="milliseconds: median, and p99 as a mark")
        axes.set_xlim(left=1, right=2 * max(slow))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(visible=True, axis="x", alpha=0.25)
        axes.legend(loc="lower right")
    figure.suptitle(title)
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # The file changes with its numbers alone: no random ids, no date.
    with rc_context({"svg.hashsalt": "galley"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
