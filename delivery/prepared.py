"""A document's state made ready for its rows, and what its rows are made from at present."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db.models import OuterRef, Subquery

from delivery.models import UNDATED, Document, DocumentReference, DocumentValue, DocumentVersion
from delivery.state import DocumentState, Value


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _plain_value(value: Value) -> list[Any]:
    raw = value.value
    if isinstance(raw, Decimal):
        return [value.field, "number", str(raw)]
    if isinstance(raw, datetime):
        return [value.field, "time", raw.isoformat()]
    return [value.field, type(raw).__name__, raw]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A state with its JSON made, so that digest and rows use the same bytes."""

    state: DocumentState
    head: str
    content: str
    references: str
    values: str
    digest: str

    @classmethod
    def from_state(cls, state: DocumentState) -> "Prepared":
        """Makes the JSON, and the digest over everything that the public may know."""
        head = orjson.dumps(state.head).decode()
        content = orjson.dumps(state.content).decode()
        references = _dumps(
            [[r.field, r.position, str(r.target)] for r in sorted(state.references)]
        )
        values = _dumps(sorted((_plain_value(v) for v in state.values), key=str))
        columns = (
            str(state.site_id),
            state.type,
            state.locale,
            str(state.translation_key),
            state.slug,
            state.path,
            state.title,
            state.published_at.isoformat() if state.published_at else "",
            state.updated_at.isoformat() if state.updated_at else "",
            str(state.revision),
            head,
            content,
            references,
            values,
        )
        digest = hashlib.blake2b("\x1f".join(columns).encode(), digest_size=16).hexdigest()
        return cls(state, head, content, references, values, digest)

    @property
    def sorted_at(self) -> datetime:
        """Where lists by date have it."""
        return self.state.published_at or UNDATED

    def columns(self, version: int) -> dict[str, Any]:
        """What the rows of the present and of the history have in common."""
        state = self.state
        return {
            "site_id": state.site_id,
            "type": state.type,
            "locale": state.locale,
            "translation_key": state.translation_key,
            "slug": state.slug,
            "path": state.path,
            "title": state.title,
            "published_at": state.published_at,
            "updated_at": state.updated_at,
            "version": version,
            "revision": state.revision,
            "head": self.head,
            "content": self.content,
        }

    def has_references_of(self, before: Document | None) -> bool:
        """Whether the rows of its references are those that are there, to the last column."""
        return self._is_dated_as(before) and self.references == _held(before, "references")

    def has_values_of(self, before: Document | None) -> bool:
        """The same of its values; their rows have the site too."""
        return (
            self._is_dated_as(before)
            and self.state.site_id == getattr(before, "site_id", None)
            and self.values == _held(before, "values")
        )

    def _is_dated_as(self, before: Document | None) -> bool:
        return before is not None and (self.state.type, self.state.locale, self.sorted_at) == (
            before.type,
            before.locale,
            before.sorted_at,
        )


def read_present(document_ids: Collection[UUID]) -> dict[UUID, Document]:
    """Those of the documents that are public, without their texts, and what they name. One query.

    To be asked once the ledger is locked: from then on nobody else changes them.
    """
    version = DocumentVersion.objects.filter(document_id=OuterRef("pk"), valid_to__isnull=True)
    rows = Document.objects.filter(id__in=document_ids).annotate(
        held_references=Subquery(version.values("references")),
        held_values=Subquery(version.values("values")),
    )
    return {row.id: row for row in rows.defer("head", "content", "translation_key", "source")}


def _held(document: Document | None, name: str) -> str | None:
    """The JSON from which the rows of its references or values were made; None where unknown."""
    return getattr(document, f"held_{name}", None)


def named_by(document: Document) -> set[UUID]:
    """What a document from `read_present` refers to."""
    held = _held(document, "references")
    return {UUID(target) for _field, _position, target in orjson.loads(held or "[]")}


def reference_rows(prepared: Sequence[Prepared]) -> list[DocumentReference]:
    """The edges of these documents."""
    return [
        DocumentReference(
            source_id=item.state.id,
            field=reference.field,
            position=reference.position,
            target_id=reference.target,
            type=item.state.type,
            locale=item.state.locale,
            sorted_at=item.sorted_at,
        )
        for item in prepared
        for reference in item.state.references
    ]


def value_rows(prepared: Sequence[Prepared]) -> list[DocumentValue]:
    """What lists find and sort these documents by."""
    return [_value_row(item, value) for item in prepared for value in item.state.values]


def _value_row(prepared: Prepared, value: Value) -> DocumentValue:
    state, raw = prepared.state, value.value
    row = DocumentValue(
        document_id=state.id,
        field=value.field,
        site_id=state.site_id,
        type=state.type,
        locale=state.locale,
        sorted_at=prepared.sorted_at,
    )
    if isinstance(raw, bool):
        row.text = "true" if raw else "false"
    elif isinstance(raw, Decimal | int):
        row.number = Decimal(raw)
    elif isinstance(raw, datetime):
        row.time = raw
    else:
        row.text = raw
    return row
