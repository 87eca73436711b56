"""Writing documents: the only code that changes what the public reads."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Max

from core.interface import NotInTransaction
from delivery.cache_tags import Place, tags_of_change
from delivery.history import note_references, note_removed, note_values
from delivery.models import (
    UNDATED,
    Document,
    DocumentReference,
    DocumentValue,
    DocumentVersion,
)
from delivery.reading.compose import IMAGES
from delivery.state import DocumentState, Value
from outbox.interface import EventRecord, ledger_moment, lock_ledger, record_events

_BATCH = 200


@dataclass(frozen=True, slots=True)
class SavedChanges:
    """What a write did: the ids that are new, changed or gone. Unchanged documents are in none."""

    published: tuple[UUID, ...] = ()
    updated: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.published or self.updated or self.removed)


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
class _Prepared:
    """A state with its JSON made, so that digest and rows use the same bytes."""

    state: DocumentState
    head: str
    content: str
    references: str
    values: str
    digest: str

    @classmethod
    def from_state(cls, state: DocumentState) -> "_Prepared":
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

    def columns(self, version: int) -> dict[str, Any]:
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


def _value_row(prepared: _Prepared, value: Value) -> DocumentValue:
    state, raw = prepared.state, value.value
    row = DocumentValue(
        document_id=state.id,
        field=value.field,
        site_id=state.site_id,
        type=state.type,
        locale=state.locale,
        sorted_at=state.published_at or UNDATED,
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


def _reference_rows(prepared: Sequence[_Prepared]) -> list[DocumentReference]:
    return [
        DocumentReference(
            source_id=item.state.id,
            field=reference.field,
            position=reference.position,
            target_id=reference.target,
            type=item.state.type,
            locale=item.state.locale,
            sorted_at=item.state.published_at or UNDATED,
        )
        for item in prepared
        for reference in item.state.references
    ]


def _write_rows(prepared: Sequence[_Prepared], moment: datetime) -> None:
    """Writes the references and values of the present, and what changes of them for history."""
    ids = [item.state.id for item in prepared]
    references = _reference_rows(prepared)
    values = [_value_row(item, value) for item in prepared for value in item.state.values]
    DocumentReference.objects.filter(source_id__in=ids).delete()
    DocumentValue.objects.filter(document_id__in=ids).delete()
    DocumentReference.objects.bulk_create(references, batch_size=500)
    DocumentValue.objects.bulk_create(values, batch_size=500)
    note_references(ids, references, moment)
    note_values(ids, values, moment)


def _write_versions(prepared: Sequence[_Prepared], moment: datetime) -> dict[UUID, int]:
    """Closes the present versions and opens the next; gives each document's new number."""
    ids = [item.state.id for item in prepared]
    history = DocumentVersion.objects.filter(document_id__in=ids)
    last = dict(
        history.values_list("document_id").annotate(last=Max("version")).order_by().iterator()
    )
    history.filter(valid_to__isnull=True).update(valid_to=moment)
    numbers = {document_id: last.get(document_id, 0) + 1 for document_id in ids}
    DocumentVersion.objects.bulk_create(
        [
            DocumentVersion(
                document_id=item.state.id,
                references=item.references,
                values=item.values,
                sorted_at=item.state.published_at or UNDATED,
                valid_from=moment,
                **item.columns(numbers[item.state.id]),
            )
            for item in prepared
        ],
        batch_size=_BATCH,
    )
    return numbers


def _upsert_documents(prepared: Sequence[_Prepared], numbers: dict[UUID, int]) -> None:
    rows = [
        Document(
            id=item.state.id,
            source=item.state.source,
            digest=item.digest,
            sorted_at=item.state.published_at or UNDATED,
            **item.columns(numbers[item.state.id]),
        )
        for item in prepared
    ]
    Document.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[f.attname for f in Document._meta.concrete_fields if not f.primary_key],
        batch_size=_BATCH,
    )


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("Documents commit with the edit that changes them.")


def _event(
    kind: str,
    before: Document | None,
    after: DocumentState | None,
    number: int,
) -> EventRecord:
    """The ledger's row for a document that came, changed or went; one of the two is there."""
    states = [item for item in (after, before) if item is not None]
    state = states[0]
    return EventRecord(
        type=f"content.{kind}",
        subject=str(state.id),
        data={
            "document_id": str(state.id),
            "document_type": state.type,
            "site_id": state.site_id,
            "locale": state.locale,
            "slug": state.slug,
            "path": state.path,
            "title": state.title,
            "previous_path": before.path if before is not None else None,
            "previous_place": _place(before) if before is not None else None,
            "shows_elsewhere": _shows_elsewhere(before, after),
            "revision": state.revision,
            "version": number,
            "cache_tags": tags_of_change(
                state.id, [Place(item.site_id, item.type, item.slug, item.path) for item in states]
            ),
        },
    )


def _place(state: Document | DocumentState) -> list[int | str]:
    """Where a document belongs: what readers that follow only some documents choose by."""
    return [state.site_id, state.type, state.locale]


def _shows_elsewhere(before: Document | None, after: DocumentState | None) -> bool:
    """Whether the change shows in the documents that refer to this one.

    They show its reference (type, slug, path, title), and of an image everything.
    """
    if before is None or after is None or after.type == IMAGES:
        return True
    shown = ("site_id", "type", "slug", "path", "title")
    return any(getattr(before, name) != getattr(after, name) for name in shown)


def _kind_of_change(before: Document | None, state: DocumentState) -> str:
    if before is None:
        return "published"
    return "moved" if before.path != state.path else "updated"


def save_documents(states: Iterable[DocumentState]) -> SavedChanges:
    """Makes `states` what the public reads, and records one ledger event for each that differs.

    A state equal to the present one changes nothing, so a second call does nothing. There is no
    check of which state is newer: the caller changed the source's own row in this transaction,
    and that row's lock already makes two publications of one thing take turns. The events are
    `content.published` for a document that was not public, `content.moved` when its path
    changed, else `content.updated`.

    Raises:
        NotInTransaction: no transaction is open.
    """
    _require_transaction()
    prepared = {state.id: _Prepared.from_state(state) for state in states}
    # Before any document is locked or read: two edits that touch the same documents, such as a
    # tag that both use first, take turns and never wait for each other in a circle.
    lock_ledger()
    present = {
        row.id: row
        for row in Document.objects.select_for_update()
        .filter(id__in=list(prepared))
        .only("id", "digest", "path", "revision", "site_id", "slug", "type", "locale", "title")
    }
    changed = [
        item
        for key, item in sorted(prepared.items())
        if key not in present or present[key].digest != item.digest
    ]
    if not changed:
        return SavedChanges()
    moment = ledger_moment()
    numbers = _write_versions(changed, moment)
    _upsert_documents(changed, numbers)
    _write_rows(changed, moment)
    record_events(
        [
            _event(
                _kind_of_change(present.get(item.state.id), item.state),
                present.get(item.state.id),
                item.state,
                numbers[item.state.id],
            )
            for item in changed
        ]
    )
    return SavedChanges(
        published=tuple(i.state.id for i in changed if i.state.id not in present),
        updated=tuple(i.state.id for i in changed if i.state.id in present),
    )


def remove_documents(document_ids: Collection[UUID], *, is_deleted: bool = False) -> SavedChanges:
    """Takes documents out of the public's sight; ids that are not public are passed over.

    Their history stays, closed. One `content.unpublished` event each, or `content.deleted`
    when their source is gone too.

    Raises:
        NotInTransaction: no transaction is open.
    """
    _require_transaction()
    lock_ledger()
    rows = list(Document.objects.select_for_update().filter(id__in=document_ids).order_by("id"))
    if not rows:
        return SavedChanges()
    ids = [row.id for row in rows]
    note_removed(ids, ledger_moment())
    Document.objects.filter(id__in=ids).delete()
    kind = "deleted" if is_deleted else "unpublished"
    record_events([_event(kind, row, None, row.version) for row in rows])
    return SavedChanges(removed=tuple(ids))
