"""The columns of a row of the reading side's one statement, in order."""

from collections.abc import Mapping
from typing import Any, Final

Row = tuple[Any, ...]

POSITION, ID, TYPE, LOCALE, SLUG, PATH, TITLE, PUBLISHED, UPDATED, VERSION, HEAD, CONTENT = range(
    12
)
FIRST_KEY: Final = 12
"""The keys by which a list is sorted follow."""

COLUMNS: Final[Mapping[str, int]] = {
    "id": ID,
    "type": TYPE,
    "locale": LOCALE,
    "slug": SLUG,
    "path": PATH,
    "title": TITLE,
    "published_at": PUBLISHED,
    "updated_at": UPDATED,
    "version": VERSION,
}
"""The common fields that are columns."""

INSTANTS: Final = frozenset({"published_at", "updated_at"})


def zulu(text: str | None) -> str | None:
    """An instant as JSON has it, from the text that either database gives: RFC 3339 in UTC."""
    if text is None:
        return None
    clock = text[11:].removesuffix("+00")
    if "." in clock:
        clock = clock.ljust(len("00:00:00.000000"), "0")
    return f"{text[:10]}T{clock}Z"
