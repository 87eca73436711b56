"""Writing documents: the only code that changes what the public reads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from core.interface import NotInTransaction
from delivery.cache_tags import Place, tags_of_change
from delivery.history import note_references, note_removed, note_values
from delivery.models import Document, DocumentReference, DocumentValue, DocumentVersion
from delivery.prepared import Prepared, named_by, read_present, reference_rows, value_rows
from delivery.reading.compose import IMAGES
from delivery.state import DocumentState
from outbox.interface import EventRecord, ledger_moment, lock_ledger, record_events

_BATCH = 200


@dataclass(frozen=True, slots=True)
class SavedChanges:
    """What a write did: the ids that are new, changed or gone. Unchanged documents are in none."""

    published: tuple[UUID, ...] = ()
    updated: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()
    moved_from: Mapping[UUID, tuple[int, str]] = field(default_factory=dict)
    """Of those that lie elsewhere now: the site and the path where they lay."""
    dropped: frozenset[UUID] = frozenset()
    """What they named before and name no more; others may still do."""


def _write_edges(
    prepared: Sequence[Prepared], present: Mapping[UUID, Document], moment: datetime
) -> None:
    """Writes the references and values of the present, and what changes of them for history.

    Most publications change neither, and then nothing is written.
    """
    changed = [p for p in prepared if not p.has_references_of(present.get(p.state.id))]
    if changed:
        ids = [item.state.id for item in changed]
        references = reference_rows(changed)
        DocumentReference.objects.filter(source_id__in=ids).delete()
        DocumentReference.objects.bulk_create(references, batch_size=500)
        note_references(ids, references, moment)
    revalued = [p for p in prepared if not p.has_values_of(present.get(p.state.id))]
    if revalued:
        ids = [item.state.id for item in revalued]
        values = value_rows(revalued)
        DocumentValue.objects.filter(document_id__in=ids).delete()
        DocumentValue.objects.bulk_create(values, batch_size=500)
        note_values(ids, values, moment)


def _next_numbers(
    prepared: Sequence[Prepared], present: Mapping[UUID, Document]
) -> dict[UUID, int]:
    """Each document's next number; one that was public before goes on from its history."""
    numbers = {item.state.id: 0 for item in prepared}
    absent = [key for key in numbers if key not in present]
    if absent:
        history = DocumentVersion.objects.filter(document_id__in=absent)
        numbers |= dict(history.values_list("document_id").annotate(Max("version")).order_by())
    numbers |= {key: present[key].version for key in numbers if key in present}
    return {key: last + 1 for key, last in numbers.items()}


def _write_versions(
    prepared: Sequence[Prepared], numbers: Mapping[UUID, int], moment: datetime
) -> None:
    """Closes the present versions and opens the next."""
    ids = [item.state.id for item in prepared]
    held = DocumentVersion.objects.filter(document_id__in=ids, valid_to__isnull=True)
    held.update(valid_to=moment)
    DocumentVersion.objects.bulk_create(
        [
            DocumentVersion(
                document_id=item.state.id,
                references=item.references,
                values=item.values,
                sorted_at=item.sorted_at,
                valid_from=moment,
                **item.columns(numbers[item.state.id]),
            )
            for item in prepared
        ],
        batch_size=_BATCH,
    )


def _upsert_documents(prepared: Sequence[Prepared], numbers: Mapping[UUID, int]) -> None:
    rows = [
        Document(
            id=item.state.id,
            source=item.state.source,
            digest=item.digest,
            sorted_at=item.sorted_at,
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
            "previous_place": _shelf(before) if before is not None else None,
            "shows_elsewhere": _shows_elsewhere(before, after),
            "revision": state.revision,
            "version": number,
            "cache_tags": tags_of_change(
                state.id, [Place(item.site_id, item.type, item.slug, item.path) for item in states]
            ),
        },
    )


def _shelf(state: Document) -> list[int | str]:
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


def _lies_elsewhere(before: Document, state: DocumentState) -> bool:
    return (before.site_id, before.path) != (state.site_id, state.path)


def save_documents(
    states: Iterable[DocumentState], *, present: Mapping[UUID, Document] | None = None
) -> SavedChanges:
    """Makes `states` what the public reads, and records one ledger event for each that differs.

    A state equal to the present one changes nothing, so a second call does nothing. There is no
    check of which state is newer: the caller has locked the ledger before it read what it made
    the states from, so two that write about one thing take turns, and the later one has seen
    what the earlier one did. The events are `content.published` for a document that was not
    public, `content.moved` when its path or its site changed, else `content.updated`.

    Takes four statements for documents that are public already and name what they named, and
    as many for a hundred as for one. `present` is what `read_present` gave for them, if the
    caller has asked since it locked the ledger.

    Raises:
        NotInTransaction: no transaction is open.
    """
    _require_transaction()
    prepared = {state.id: Prepared.from_state(state) for state in states}
    # Before any document is read: two edits that touch the same documents, such as a tag that
    # both use first, take turns and never wait for each other in a circle.
    lock_ledger()
    if present is None:
        present = read_present(list(prepared))
    changed = [
        item
        for key, item in sorted(prepared.items())
        if key not in present or present[key].digest != item.digest
    ]
    if not changed:
        return SavedChanges()
    moment = ledger_moment()
    numbers = _next_numbers(changed, present)
    _write_versions(changed, numbers, moment)
    _upsert_documents(changed, numbers)
    _write_edges(changed, present, moment)
    record_events([_change(item.state, present, numbers) for item in changed])
    return _describe(changed, present)


def _change(
    state: DocumentState, present: Mapping[UUID, Document], numbers: Mapping[UUID, int]
) -> EventRecord:
    before = present.get(state.id)
    kind = "published"
    if before is not None:
        kind = "moved" if _lies_elsewhere(before, state) else "updated"
    return _event(kind, before, state, numbers[state.id])


def _describe(changed: Sequence[Prepared], present: Mapping[UUID, Document]) -> SavedChanges:
    updated = [(item, present[item.state.id]) for item in changed if item.state.id in present]
    return SavedChanges(
        published=tuple(item.state.id for item in changed if item.state.id not in present),
        updated=tuple(before.id for _, before in updated),
        moved_from={
            before.id: (before.site_id, before.path)
            for item, before in updated
            if _lies_elsewhere(before, item.state)
        },
        dropped=frozenset().union(
            *(
                named_by(before) - {r.target for r in item.state.references}
                for item, before in updated
            )
        ),
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
    rows = sorted(read_present(document_ids).values(), key=lambda row: row.id)
    if not rows:
        return SavedChanges()
    ids = [row.id for row in rows]
    note_removed(ids, ledger_moment())
    Document.objects.filter(id__in=ids).delete()
    kind = "deleted" if is_deleted else "unpublished"
    record_events([_event(kind, row, None, row.version) for row in rows])
    return SavedChanges(
        removed=tuple(ids), dropped=frozenset().union(*(named_by(row) for row in rows))
    )
