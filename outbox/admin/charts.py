"""Small pictures of the last hours, drawn here so that no script is needed to see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.activity import BUCKETS, Activity, Durations

WIDTH: Final = 360
HEIGHT: Final = 72
_GAP: Final = 2.0
_SLOT: Final = WIDTH / BUCKETS


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, and above it a mark at the highest value; all in the units of the picture."""

    x: str
    y: str
    width: str
    height: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one kind, with what a person who cannot see them is told."""

    title: str
    summary: str
    top: str
    bars: tuple[Bar, ...]


def events_chart(activity: Activity) -> Chart:
    """Events by ten minutes."""
    summary = ngettext("%(n)d event", "%(n)d events", activity.total) % {"n": activity.total}
    most = max(activity.events, default=0)
    busiest = _("%(n)d in the busiest ten minutes") % {"n": most}
    return Chart(
        _("Events"),
        f"{summary}, {busiest}" if most else _("nothing happened"),
        str(most) if most else "",
        _bars([float(value) for value in activity.events]),
    )


def duration_chart(label: str, durations: Sequence[Durations]) -> Chart:
    """How long a step took: its mean as bars, its slowest run as marks."""
    runs = sum(span.runs for span in durations)
    if not runs:
        return Chart(label, _("nothing was done"), "", ())
    mean = sum(span.mean_ms * span.runs for span in durations) / runs
    slowest = max(span.slowest_ms for span in durations)
    counted = ngettext("%(n)d run", "%(n)d runs", runs) % {"n": runs}
    took = _("%(mean)s on average, %(slowest)s at most") % {
        "mean": milliseconds(mean),
        "slowest": milliseconds(slowest),
    }
    means = [span.mean_ms for span in durations]
    marks = [float(span.slowest_ms) for span in durations]
    return Chart(label, f"{counted}, {took}", milliseconds(slowest), _bars(means, marks))


def milliseconds(value: float) -> str:
    """As a person says it."""
    if value >= 1000:  # noqa: PLR2004  # a second
        return _("%(n).1f s") % {"n": value / 1000}
    return _("%(n).0f ms") % {"n": value}


def _bars(values: Sequence[float], marks: Sequence[float] = ()) -> tuple[Bar, ...]:
    top = max([*values, *marks], default=0.0)
    if not top:
        return ()
    found = []
    for place, value in enumerate(values):
        mark = marks[place] if marks else 0.0
        if not value and not mark:
            continue
        height = max(1.0, value / top * HEIGHT)
        found.append(
            Bar(
                x=f"{place * _SLOT:.1f}",
                y=f"{HEIGHT - height:.1f}",
                width=f"{_SLOT - _GAP:.1f}",
                height=f"{height:.1f}",
                mark=f"{HEIGHT - mark / top * (HEIGHT - 1):.1f}" if mark else "",
            )
        )
    return tuple(found)
