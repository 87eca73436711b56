"""The step of the ledger that keeps the index: from events to entries.

What is indexed is always the present document, whatever the event was about: so a step that is
late, repeated or out of order writes what is right now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from delivery.interface import Document, DocumentReference, DocumentVersion, search_tag
from outbox.interface import EventRecord, FinalError, LedgerEvent, last_event, record_events
from search.engines.database.engine import DATABASE_ENGINE
from search.engines.database.writing import take_turn
from search.engines.registry import answering_engine
from search.entries import (
    SHOWN_FIELDS,
    SHOWN_TYPES,
    Removal,
    SearchEntry,
    make_entry,
    named_ids,
    searched_types,
)
from search.models import IndexedDocument

INDEXED: Final = "search.indexed"
"""The type of the event that tells of a changed index: answers of searches are purged by it."""

_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of some documents as they are, and of those that are not public, that."""

    entries: tuple[SearchEntry, ...]
    removals: tuple[Removal, ...]


def index_documents(event: LedgerEvent) -> None:
    """The step for one event."""
    [failure] = index_documents_many([event])
    if failure is not None:
        raise failure


def index_documents_many(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """The step for many events: each document that they concern is indexed once.

    Of documents that are indexed as they are, only the version is read: an event may come twice,
    or after a later one of its document has had the present indexed.
    """
    concern, failures = concern_of(events)
    causes = concern.documents()
    own = {key for key, labels in causes.items() if labels == {key}}
    index_in_database(sorted((causes.keys() - own) | _not_indexed(own)))
    return failures


def _not_indexed(ids: Collection[UUID]) -> set[UUID]:
    """Those of the documents that the index lacks, or has in another version. Two queries.

    What a label's new name changes in them comes with the label's own event. The index is looked
    at first: what is published in between has an event of its own, which is still to come.
    """
    if not ids:
        return set()
    indexed = dict(
        IndexedDocument.objects.filter(document_id__in=ids).values_list("document_id", "version")
    )
    present = dict(Document.objects.filter(id__in=ids).values_list("id", "version"))
    return {key for key in ids if key not in present or present[key] != indexed.get(key)}


@dataclass(frozen=True, slots=True)
class Concern:
    """The documents that some events are about.

    `searched` are those that searches find, `shown` the labels that look different now where
    others show them. A document may be both.
    """

    searched: set[UUID] = field(default_factory=set)
    shown: set[UUID] = field(default_factory=set)

    def note(self, data: Mapping[str, Any]) -> None:
        """One event more."""
        document_id, type_name = UUID(data["document_id"]), data["document_type"]
        if type_name in searched_types():
            self.searched.add(document_id)
        if type_name in SHOWN_TYPES and data.get("shows_elsewhere", True):
            self.shown.add(document_id)

    def documents(self) -> dict[UUID, set[UUID]]:
        """The searched documents, and those that show any of the labels.

        Each with those of the given that it is or shows. One query, if there are labels.
        """
        found = {key: {key} for key in self.searched}
        if self.shown:
            showing = DocumentReference.objects.filter(
                target_id__in=self.shown, field__in=SHOWN_FIELDS, type__in=searched_types()
            )
            for source, target in showing.values_list("source_id", "target_id"):
                found.setdefault(source, set()).add(target)
        return found


def concern_of(events: Sequence[LedgerEvent]) -> tuple[Concern, list[Exception | None]]:
    """What the events are about, and for each its fault."""
    failures: list[Exception | None] = [None] * len(events)
    concern = Concern()
    for number, event in enumerate(events):
        try:
            concern.note(event.data)
        except (KeyError, TypeError, ValueError) as error:
            failures[number] = FinalError(f"The event names no document: {error!r}.")
    return concern, failures


def index_in_database(ids: Sequence[UUID]) -> None:
    """Brings the database's index up to date for these documents, a batch in a transaction.

    Documents are read when the index is locked: whoever writes later has read later.
    """
    for start in range(0, len(ids), _BATCH):
        with transaction.atomic():
            take_turn()
            reading = read_entries(ids[start : start + _BATCH])
            changed = DATABASE_ENGINE.apply(reading.entries, reading.removals).sites
            # What it answers while it stands in is kept by nobody for long.
            if answering_engine() is DATABASE_ENGINE:
                tell_of_changes(changed)


def tell_of_changes(sites: Collection[int]) -> None:
    """Records that searches of these websites may have other answers, for caches to forget them.

    Called in the transaction of the change, or right after one elsewhere.
    """
    with transaction.atomic():
        record_events(
            [
                EventRecord(
                    type=INDEXED,
                    subject=f"search:{site_id}",
                    data={"site_id": site_id, "cache_tags": [search_tag(site_id)]},
                )
                for site_id in sorted(sites)
            ]
        )


def read_entries(ids: Collection[UUID]) -> Reading:
    """The present entries of these documents. Three queries; one more where some are not public."""
    event = last_event()
    sequence = 0 if event is None else event.sequence
    documents = list(Document.objects.filter(id__in=ids, type__in=searched_types()).order_by("id"))
    named = Document.objects.defer("content").in_bulk(
        {target for item in documents for target in named_ids(item)}
    )
    entries = tuple(
        make_entry(item, _of_site(named, item.site_id), sequence=sequence) for item in documents
    )
    missing = set(ids) - {item.id for item in documents}
    return Reading(entries, _removals(missing, sequence))


def _of_site(named: dict[UUID, Document], site_id: int) -> dict[UUID, Document]:
    return {key: item for key, item in named.items() if item.site_id == site_id}


def _removals(missing: Collection[UUID], sequence: int) -> tuple[Removal, ...]:
    if not missing:
        return ()
    versions = DocumentVersion.objects.filter(document_id__in=missing).order_by("version")
    places = {
        document_id: (locale, site_id)
        for document_id, locale, site_id in versions.values_list("document_id", "locale", "site_id")
    }
    return tuple(
        Removal(document_id, *places.get(document_id, ("", 0)), sequence=sequence)
        for document_id in sorted(missing)
    )
