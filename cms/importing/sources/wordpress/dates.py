"""Dates of an export."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from cms.importing.content import Change, Note
from cms.importing.sources.wordpress.records import RawItem

_EMPTY = ("", "0000-00-00 00:00:00")


def read_dates(item: RawItem) -> tuple[datetime | None, datetime | None, list[Note]]:
    """When it was published and last changed, and what had to be guessed for that."""
    notes: list[Note] = []
    published = _read(item.text("wp:post_date_gmt"), "post_date_gmt", notes)
    local = _read(item.text("wp:post_date"), "post_date", notes)
    if published is None and local is not None:
        published = local
        if item.text("wp:status") in {"publish", "future", "private"}:
            message = "The time has no time zone; it was taken for UTC."
            notes.append(Note(Change.GUESSED, "date-zone", message))
    if published is None:
        published = _read_rss(item.text("pubDate"))
    modified = _read(item.text("wp:post_modified_gmt"), "post_modified_gmt", notes)
    modified = modified or _read(item.text("wp:post_modified"), "post_modified", notes)
    return published or modified, modified, notes


def _read(text: str, name: str, notes: list[Note]) -> datetime | None:
    if text in _EMPTY:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        message = f"{name} is no date: {text[:40]}. Another date of the item stands in its place."
        notes.append(Note(Change.GUESSED, "date-invalid", message))
        return None


def _read_rss(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # WordPress writes the year -0001 for drafts without a date.
    return read.astimezone(UTC) if read.tzinfo is not None and read.year > 1 else None
