"""A source that lies in memory: whatever a test puts on the shelf."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from wagtail.models import Site

from cms.importing.content import ItemKind, Skipped, SourceBroken, SourceItem
from cms.importing.options import ImportOptions
from cms.importing.run import run_import
from cms.models import ImportRun

HOST = "old.example.com"


@dataclass
class Shelf:
    """Implements `Source`."""

    things: list[SourceItem | Skipped] = field(default_factory=list)
    name: str = "shelf"
    identity: str = f"https://{HOST}"
    hosts: frozenset[str] = frozenset({HOST})
    base_url: str = f"https://{HOST}"
    broken_after: int | None = None

    def items(self) -> Iterator[SourceItem | Skipped]:
        for number, thing in enumerate(self.things):
            if number == self.broken_after:
                raise SourceBroken(f"thing {number}: the shelf ends here")
            yield thing

    def size(self) -> int | None:
        return len(self.things)


def item(kind: str, key: str, **fields: Any) -> SourceItem:
    """An item with what every one needs."""
    fields.setdefault("title", key.replace("-", " ").capitalize())
    fields.setdefault("where", f"shelf, {key}")
    return SourceItem(key=key, kind=ItemKind(kind), **fields)


def day(number: int, hour: int = 12) -> datetime:
    """A moment in January 2020."""
    return datetime(2020, 1, number, hour, tzinfo=UTC)


def text(html: str) -> tuple[dict[str, Any], ...]:
    """A body of one rich text."""
    return ({"type": "rich_text", "value": html},)


def post(key: str, number: int = 1, **fields: Any) -> SourceItem:
    """A post at `/key/` of the old website."""
    fields.setdefault("addresses", (f"https://{HOST}/{key}/",))
    fields.setdefault("published_at", day(number))
    fields.setdefault("body", text(f"<p>The text of {key}.</p>"))
    return item("post", key, slug=fields.pop("slug", key), **fields)


def picture(folder: Path, name: str = "cat.png", *, colour: int = 90, width: int = 40) -> Path:
    """A small PNG file."""
    path = folder / name
    data = BytesIO()
    Image.new("RGB", (width, 30), (30, colour, 120)).save(data, "PNG")
    path.write_bytes(data.getvalue())
    return path


def image(key: str, path: Path, **fields: Any) -> SourceItem:
    """An image of the library whose bytes lie in `path`."""
    fields.setdefault("addresses", (f"https://{HOST}/files/{path.name}",))
    details = {"path": str(path), "filename": path.name, **fields.pop("details", {})}
    return item("image", key, details=details, **fields)


def bring_in(things: Shelf | list[Any], folder: Path, **options: Any) -> ImportRun:
    """Imports without asking any server; the report goes into `folder`."""
    source = things if isinstance(things, Shelf) else Shelf(list(things))
    options.setdefault("fetches_media", False)
    options.setdefault("site", Site.objects.get(is_default_site=True))
    return run_import(source, ImportOptions(report_dir=folder, **options))


def report(folder: Path) -> dict[str, Any]:
    """The report as JSON, its items by key."""
    data: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    data["items"] = {entry["key"]: entry for entry in data["items"]}
    return data


def codes(folder: Path, key: str) -> list[str]:
    """The codes of what was noted about an item."""
    return [note["code"] for note in report(folder)["items"][key]["notes"]]
