"""How the documents of one type are laid out at one place of an answer."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from delivery.document_types import COMMON_FIELDS, DocumentField, DocumentType, Kind
from delivery.reading.rows import COLUMNS, INSTANTS

IDENTITY: Final = ("id", "type")
REFERENCE: Final = ("id", "type", "slug", "path", "title")


class Source(IntEnum):
    """Where the value of a field comes from."""

    COLUMN = 0
    HEAD = 1
    REFERENCE = 2
    REFERENCES = 3
    OBJECT = 4
    INSTANT = 5


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The light fields in order, each with its source and the column or the keys inside it.

    Each is its own: what is remembered by layout is found without looking through its fields.

    `heavy` names the fields of the heavy part that are shown; None for all that it holds.
    """

    steps: tuple[tuple[str, Source, int, tuple[str, ...]], ...]
    heavy: tuple[str, ...] | None

    @property
    def has_heavy(self) -> bool:
        """Whether the heavy part is needed."""
        return self.heavy is None or bool(self.heavy)


def layout_of(
    document_type: DocumentType, chosen: Container[str] | None, always: tuple[str, ...]
) -> Layout:
    """The layout of a type where `chosen` fields (None: all) and the common ones `always` are shown."""

    def is_shown(item: DocumentField) -> bool:
        return chosen is None or item.name in chosen or item.name in always

    fields = [item for item in (*COMMON_FIELDS, *document_type.fields) if is_shown(item)]
    return Layout(
        steps=tuple(
            (item.name, _source(item), COLUMNS.get(item.name, -1), item.nested_references)
            for item in fields
            if not item.is_heavy
        ),
        heavy=None if chosen is None else tuple(item.name for item in fields if item.is_heavy),
    )


_REFERENCES: Final[Mapping[Kind, Source]] = {
    Kind.REFERENCE: Source.REFERENCE,
    Kind.REFERENCES: Source.REFERENCES,
}


def _source(item: DocumentField) -> Source:
    if item.name in COLUMNS:
        return Source.INSTANT if item.name in INSTANTS else Source.COLUMN
    if item.nested_references:
        return Source.OBJECT
    return _REFERENCES.get(item.kind, Source.HEAD)
