"""The parameter `sort`: by which fields a list is ordered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from delivery.document_types import DocumentType, Kind
from delivery.reading.faults import refuse
from delivery.reading.filters import declared

MAX_KEYS: Final = 3
_KEY: Final = re.compile(r"(-?)([a-z][a-z0-9_]{0,47})")


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by, and which way."""

    name: str
    kind: Kind
    is_descending: bool

    def __str__(self) -> str:
        return f"{'-' if self.is_descending else ''}{self.name}"


def read_sort(types: Sequence[DocumentType], text: str | None) -> tuple[SortKey, ...]:
    """Reads `-published_at,title`; without it, the order of the type, or newest first for several.

    Raises:
        Invalid: a field that lists here are not sorted by, or too many.
    """
    if text is None:
        text = types[0].default_sort if len(types) == 1 else "-published_at"
    parts = text.split(",")
    if len(parts) > MAX_KEYS:
        raise refuse("sort", "too_many", f"Lists are sorted by at most {MAX_KEYS} fields.")
    keys = tuple(_read_key(types, part) for part in parts)
    if len({key.name for key in keys}) < len(keys):
        raise refuse("sort", "repeated", "A field is named twice.")
    return keys


def _read_key(types: Sequence[DocumentType], part: str) -> SortKey:
    match = _KEY.fullmatch(part)
    fields = [item for item in declared(types, match[2]) if item.is_sortable] if match else []
    if match is None or not fields:
        raise refuse("sort", "unknown_sort", f"Lists here cannot be sorted by {part[:60]}.")
    if len({item.kind for item in fields}) > 1:
        raise refuse("sort", "ambiguous_sort", f"{match[2]} differs between these types.")
    return SortKey(name=match[2], kind=fields[0].kind, is_descending=bool(match[1]))
