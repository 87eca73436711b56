"""The report as a page for a person: one file without scripts, to be read, printed and kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime

from cms.importing.content import Change, ItemKind, Note

_BAR_WIDTH: Final = 160
_WEB: Final = ("https://", "http://")

# In the order of the columns and the parts of a bar.
_OUTCOMES: Final = ("imported", "updated", "unchanged", "skipped", "failed")
_KINDS: Final = {
    ItemKind.POST: "Posts",
    ItemKind.PAGE: "Pages",
    ItemKind.SECTION: "Sections",
    ItemKind.PROFILE: "Authors",
    ItemKind.CATEGORY: "Categories",
    ItemKind.IMAGE: "Images",
    ItemKind.FILE: "Files",
    ItemKind.MENU: "Menus",
}
_FORMATS: Final = {"wordpress": "WordPress"}
_CHANGES: Final = {
    Change.FAILED: ("Failed", "could not be imported"),
    Change.MISSING: ("Missing", "could not be found or fetched; it may come later"),
    Change.DROPPED: ("Dropped", "is not in Galley"),
    Change.GUESSED: ("Guessed", "was not said; something likely stands in its place"),
    Change.CHANGED: ("Changed", "is there in another form"),
}
CHANGE_ORDER: Final = tuple(_CHANGES)
"""What is worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """An item that somebody should look at, its texts cut to a length that a page can bear."""

    number: int
    kind: str
    outcome: str
    title: str
    key: str
    where: str
    page_id: int | None
    old_address: str
    new_path: str
    notes: tuple[Note, ...]
    more_notes: int

    @property
    def old_link(self) -> str:
        """The old address where a browser may follow it: what else it says is only shown."""
        return self.old_address if self.old_address.lower().startswith(_WEB) else ""


class CountedNote(Protocol):
    """A code with the number of its notes."""

    change: Change
    code: str
    message: str
    count: int
    item: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """What the page shows."""

    about: Mapping[str, Any]
    counts: Mapping[str, Counter[str]]
    notes: Sequence[CountedNote]
    items: Sequence[ListedItem]
    left_out: int
    admin_url: str
    json_name: str


def write_page(path: Path, page: ReportPage) -> None:
    """Writes the page under `path`, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    html = render_to_string("cms/importing/report.html", _context(page))
    part.write_text(html, encoding="utf-8", errors="replace")
    part.replace(path)


def _context(page: ReportPage) -> dict[str, Any]:
    changes = _change_rows(page.notes)
    return {
        "source": source_label(page.about["source"]),
        "identity": page.about["identity"],
        "is_dry_run": page.about["is_dry_run"],
        "error": page.about["error"],
        "started_at": parse_datetime(page.about["started_at"]),
        "finished_at": parse_datetime(page.about["finished_at"]),
        "outcomes": _OUTCOMES,
        "counts": _count_rows(page.counts),
        "totals": _totals(page.counts),
        "changes": changes,
        "groups": _groups(page, _filters(changes)),
        "listed": len(page.items),
        "left_out": page.left_out,
        "admin_url": page.admin_url,
        "json_name": page.json_name,
    }


def _count_rows(counts: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
    most = max((counted.total() for counted in counts.values()), default=0)
    return [
        {
            "label": _kind_label(kind),
            "is_content": kind in set(ItemKind),
            "found": counts[kind].total(),
            "numbers": [counts[kind][outcome] for outcome in _OUTCOMES],
            "bars": _bars(counts[kind], most),
        }
        for kind in _sorted_kinds(counts)
    ]


def _totals(counts: Mapping[str, Counter[str]]) -> dict[str, Any]:
    total: Counter[str] = sum(counts.values(), Counter())
    return {"found": total.total(), "numbers": [total[outcome] for outcome in _OUTCOMES]}


def _bars(counted: Counter[str], most: int) -> list[dict[str, Any]]:
    """The parts of a bar, each at least a pixel wide, so that one failure in 10,000 shows."""
    bars, begin = [], 0.0
    for outcome in _OUTCOMES:
        if counted[outcome]:
            width = max(1.5, counted[outcome] / most * _BAR_WIDTH)
            bars.append({"x": f"{begin:.1f}", "width": f"{width:.1f}", "outcome": outcome})
            begin += width
    return bars


def _change_rows(notes: Iterable[CountedNote]) -> list[dict[str, Any]]:
    """What the tables and the filter show: each kind of change with its codes."""
    counted = list(notes)
    rows = []
    for change, (label, meaning) in _CHANGES.items():
        codes = [
            {"note": note, "filter": f"code-{number}"}
            for number, note in enumerate(counted, 1)
            if note.change == change
        ]
        if codes:
            count = sum(note.count for note in counted if note.change == change)
            rows.append(
                {
                    "filter": f"all-{change.value}",
                    "name": change.value,
                    "label": label,
                    "meaning": meaning,
                    "count": count,
                    "codes": codes,
                }
            )
    return rows


_Filters: TypeAlias = Mapping[tuple[Change, str], tuple[str, str]]


def _filters(changes: Iterable[Mapping[str, Any]]) -> _Filters:
    """By change and code: the classes that an item with such a note bears."""
    return {
        (code["note"].change, code["note"].code): (row["filter"], code["filter"])
        for row in changes
        for code in row["codes"]
    }


def _groups(page: ReportPage, filters: _Filters) -> list[dict[str, Any]]:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for item in page.items:
        classes = {
            name for note in item.notes for name in filters.get((note.change, note.code), ())
        }
        by_kind.setdefault(item.kind, []).append(
            {"item": item, "classes": " ".join(sorted(classes))}
        )
    return [
        {"label": _kind_label(kind), "rows": by_kind[kind]}
        for kind in _sorted_kinds(page.counts)
        if kind in by_kind
    ]


def _sorted_kinds(counts: Mapping[str, Counter[str]]) -> list[str]:
    """Galley's kinds in the order of their weight, then the source's own by name."""
    own = [kind.value for kind in _KINDS]
    return sorted(counts, key=lambda kind: (own.index(kind) if kind in own else len(own), kind))


def source_label(name: str) -> str:
    """The format as its makers write it."""
    return _FORMATS.get(name, name.capitalize())


def _kind_label(kind: str) -> str:
    return _KINDS[ItemKind(kind)] if kind in set(ItemKind) else kind.replace("_", " ").capitalize()
