"""The fidelity report of an import: what became of each thing of the source.

`report.json` is written as the items come, a line for each, so a report of 100,000 items takes no
more memory than one of ten. `report.html` is the same for a person: counts, then what was lost or
guessed, then the items that somebody should look at. It shows the first thousands of them and
says how many more stand in the JSON.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO

from cms.importing.content import Change, Note
from cms.importing.report_page import CHANGE_ORDER, ListedItem, ReportPage, write_page
from core.interface import utc_now

JSON_NAME: Final = "report.json"
HTML_NAME: Final = "report.html"
LISTED_ITEMS: Final = 5_000
LISTED_CHARACTERS: Final = 8_000_000
"""Items beyond either bound stand in the JSON only: a browser has to hold the page."""

LISTED_NOTES: Final = 40
_LISTED_LENGTH: Final = 600
_LISTED_CODES: Final = 500
_FORMAT: Final = 1


class Outcome(StrEnum):
    """What the importer did with an item; of a dry run, what it would have done."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """One thing of the source and its fate.

    `kind` is an `ItemKind`, or the source's own word for what is no content here ("comment").
    `page_id` is a page's, for the link to its editor; `new_path` is where the website shows it.
    """

    kind: str
    key: str
    where: str
    title: str
    outcome: Outcome
    page_id: int | None = None
    old_address: str = ""
    new_path: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class NoteCount:
    """How often a note of one code was made, and where it first was."""

    change: Change
    code: str
    message: str
    count: int = 0
    item: int | None = None
    """Number of the first item of the page that carries it."""


@dataclass(slots=True)
class _Listing:
    """The items of the HTML page, up to its bounds."""

    items: list[ListedItem] = field(default_factory=list)
    characters: int = 0
    left_out: int = 0

    def add(self, item: ReportItem) -> int | None:
        """The item's number on the page; None where the page is full."""
        if len(self.items) >= LISTED_ITEMS or self.characters >= LISTED_CHARACTERS:
            self.left_out += 1
            return None
        notes = tuple(
            Note(note.change, note.code, _cut(note.message), _cut(note.where))
            for note in item.notes[:LISTED_NOTES]
        )
        listed = ListedItem(
            number=len(self.items) + 1,
            kind=item.kind,
            outcome=item.outcome,
            title=_cut(item.title),
            key=_cut(item.key),
            where=_cut(item.where),
            page_id=item.page_id,
            old_address=_cut(item.old_address),
            new_path=_cut(item.new_path),
            notes=notes,
            more_notes=len(item.notes) - len(notes),
        )
        self.items.append(listed)
        self.characters += 400 + sum(200 + len(note.message) for note in notes)
        return listed.number


class ReportWriter:
    """Writes the two files of a report into `folder`, which is made.

    Nothing stands under the final names before `finish`; a report that was under way when the
    process died is left as `report.json.part`. A report that lay there before is replaced.
    `admin_url` is where the admin begins ("https://cms.example.com/admin/"); without it the page
    has no links to the editor.
    """

    def __init__(
        self,
        folder: Path,
        *,
        source_name: str,
        identity: str,
        is_dry_run: bool,
        admin_url: str = "",
    ) -> None:
        self.folder = folder
        self.counts: dict[str, Counter[str]] = {}
        """How many items, by kind and then by outcome."""
        self._about = {
            "source": source_name,
            "identity": identity,
            "is_dry_run": is_dry_run,
            "started_at": utc_now().isoformat(),
        }
        self._admin_url = admin_url
        self._notes: dict[tuple[Change, str], NoteCount] = {}
        self._listing = _Listing()
        self._part = folder / f"{JSON_NAME}.part"
        self._separator = "\n"
        folder.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = self._part.open("w", encoding="utf-8", errors="replace")
        self._file.write(f'{{"format": {_FORMAT}, {_inner(self._about)}, "items": [')

    def add(self, item: ReportItem) -> None:
        """Counts the item and writes it to disk."""
        self.counts.setdefault(item.kind, Counter())[item.outcome.value] += 1
        is_listed = bool(item.notes) or item.outcome in {Outcome.SKIPPED, Outcome.FAILED}
        number = self._listing.add(item) if is_listed else None
        for note in item.notes:
            self._count(note, number)
        self._file.write(f"{self._separator}{_dump(_item_values(item))}")
        self._separator = ",\n"

    def finish(self, error: str | None = None) -> Path:
        """Completes both files and gives the HTML page's path. `error` is why the run ended early.

        To be called once; nothing can be added afterwards.
        """
        tail = {
            "finished_at": utc_now().isoformat(),
            "error": error,
            "counts": {kind: _with_found(counts) for kind, counts in self.counts.items()},
            "notes": [
                {"change": n.change, "code": n.code, "count": n.count, "message": n.message}
                for n in self._sorted_notes()
            ],
        }
        self._file.write(f"\n], {_inner(tail)}}}\n")
        self._file.close()
        page = ReportPage(
            about=self._about | {"finished_at": tail["finished_at"], "error": error},
            counts=self.counts,
            notes=self._sorted_notes()[:_LISTED_CODES],
            items=self._listing.items,
            left_out=self._listing.left_out,
            admin_url=self._admin_url,
            json_name=JSON_NAME,
        )
        html = self.folder / HTML_NAME
        write_page(html, page)
        self._part.replace(self.folder / JSON_NAME)
        return html

    def abandon(self) -> None:
        """Ends without a report; what was written so far stays as `report.json.part`."""
        self._file.close()

    def _count(self, note: Note, number: int | None) -> None:
        counted = self._notes.get((note.change, note.code))
        if counted is None:
            counted = NoteCount(note.change, note.code, _cut(note.message))
            self._notes[note.change, note.code] = counted
        counted.count += 1
        if counted.item is None:
            counted.item = number

    def _sorted_notes(self) -> list[NoteCount]:
        """What is worst first, then what is most frequent."""
        return sorted(
            self._notes.values(), key=lambda n: (CHANGE_ORDER.index(n.change), -n.count, n.code)
        )


def _item_values(item: ReportItem) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "key": item.key,
        "where": item.where,
        "title": item.title,
        "outcome": item.outcome,
        "page_id": item.page_id,
        "old_address": item.old_address,
        "new_path": item.new_path,
        "notes": [
            {"change": n.change, "code": n.code, "message": n.message, "where": n.where}
            for n in item.notes
        ],
    }


def _with_found(counts: Counter[str]) -> dict[str, int]:
    return {"found": counts.total(), **{outcome.value: counts[outcome] for outcome in Outcome}}


def _dump(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _inner(values: Mapping[str, Any]) -> str:
    """The members of an object without its braces."""
    return _dump(values)[1:-1]


def _cut(text: str) -> str:
    return text if len(text) <= _LISTED_LENGTH else f"{text[:_LISTED_LENGTH]}…"
