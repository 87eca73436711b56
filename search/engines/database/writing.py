"""Writing the index: one writer at a time, many documents at once.

Each document remembers what was counted for it (`IndexedDocument.counted`), so what it adds to
the counts of words and labels can be taken off exactly when it changes or goes, whatever the
analysis has become meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from search.engines.database.analysed import Analysed, analyse
from search.engines.database.counts import Counts, Place
from search.engines.database.tables import execute, many, tables
from search.entries import Removal, SearchEntry
from search.models import IndexedDocument, IndexTurn, TitleStart

_BATCH: Final = 100
_KEPT: Final = ("id", "document_id", "site_id", "locale", "sequence", "digest", "counted")


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted for a document, as its row remembers it."""

    key: int
    place: Place
    length: float
    terms: Mapping[str, int]
    words: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, row: IndexedDocument) -> "_Counted":
        held: dict[str, Any] = orjson.loads(row.counted)
        return cls(
            key=row.id,
            place=(row.site_id, row.locale),
            length=held["length"],
            terms=held["terms"],
            words=tuple(held["words"]),
            labels=tuple((facet, label) for facet, label in held["labels"]),
        )


def take_turn() -> None:
    """Waits until no other writer is at work; from here to the end of the transaction it waits.

    Who reads documents after this writes what is at least as new as all that was written.
    """
    IndexTurn.objects.select_for_update().get_or_create(pk=1)


def write_index(upserts: Sequence[SearchEntry], removals: Sequence[Removal]) -> frozenset[int]:
    """Stores and removes, each unless what is there is newer. Gives the websites that changed."""
    changed: set[int] = set()
    for start in range(0, len(upserts), _BATCH):
        changed |= _write_batch(upserts[start : start + _BATCH], ())
    for start in range(0, len(removals), _BATCH):
        changed |= _write_batch((), removals[start : start + _BATCH])
    return frozenset(changed)


@transaction.atomic
def _write_batch(upserts: Sequence[SearchEntry], removals: Sequence[Removal]) -> set[int]:
    take_turn()
    ids = [item.id for item in upserts] + [item.id for item in removals]
    rows = IndexedDocument.objects.filter(document_id__in=ids).only(*_KEPT)
    present = {row.document_id: row for row in rows}
    fresh = [item for item in upserts if _is_news(item, present.get(item.id))]
    gone = [
        present[item.id]
        for item in removals
        if item.id in present and item.sequence >= present[item.id].sequence
    ]
    _note_sequences(upserts, present)
    if not fresh and not gone:
        return set()
    replaced = [present[item.id] for item in fresh if item.id in present]
    before = [_Counted.of(row) for row in (*replaced, *gone)]
    after = [analyse(item) for item in fresh]
    _replace(before, after, gone)
    return {row.site_id for row in (*replaced, *gone)} | {item.site_id for item in fresh}


def _is_news(entry: SearchEntry, row: IndexedDocument | None) -> bool:
    return row is None or (entry.sequence >= row.sequence and entry.digest != row.digest)


def _note_sequences(
    upserts: Sequence[SearchEntry], present: Mapping[UUID, IndexedDocument]
) -> None:
    """Notes of what is unchanged that it was so later: what was read before then is older."""
    same = [
        item
        for item in upserts
        if item.id in present
        and item.digest == present[item.id].digest
        and item.sequence > present[item.id].sequence
    ]
    if same:
        keys = [present[item.id].id for item in same]
        IndexedDocument.objects.filter(id__in=keys).update(sequence=max(i.sequence for i in same))


def _replace(
    before: Sequence[_Counted], after: Sequence[Analysed], gone: Sequence[IndexedDocument]
) -> None:
    counts = Counts()
    for old in before:
        counts.take_off(old.place, old.length, old.terms, old.words, old.labels)
    for new in after:
        counts.add(new)
    term_ids = counts.write_terms(_known_terms(before))
    label_ids = counts.write_labels()
    _delete_rows(before)
    if gone:
        IndexedDocument.objects.filter(id__in=[row.id for row in gone]).delete()
    keys = _write_documents(after, term_ids)
    _write_postings(after, keys, term_ids)
    _write_facets(after, keys, label_ids)
    _write_starts(after, keys)
    counts.write_words()
    counts.write_collections()
    counts.clear_away()
    tables().learn()


def _known_terms(before: Iterable[_Counted]) -> dict[tuple[int, str, str], int]:
    return {(*old.place, stem): key for old in before for stem, key in old.terms.items()}


def _delete_rows(before: Sequence[_Counted]) -> None:
    if not before:
        return
    pairs = [(term, old.key) for old in before for term in old.terms.values()]
    execute(
        f"DELETE FROM search_posting WHERE (term_id, entry_id) IN ({tables().rows('int', 'int')})",
        [many(pairs)],
    )
    keys = many([(old.key,) for old in before])
    for table in ("search_facetentry", "search_titlestart"):
        execute(f"DELETE FROM {table} WHERE entry_id IN ({tables().rows('int')})", [keys])


def _write_documents(
    after: Sequence[Analysed], term_ids: Mapping[tuple[int, str, str], int]
) -> dict[UUID, int]:
    """Writes the rows of the documents and gives their keys."""
    rows = [_document_row(item, term_ids) for item in after]
    names = [f.attname for f in IndexedDocument._meta.concrete_fields]
    IndexedDocument.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["document_id"],
        update_fields=[name for name in names if name not in {"id", "document_id"}],
    )
    ids = [item.entry.id for item in after]
    held = IndexedDocument.objects.filter(document_id__in=ids)
    return dict(held.values_list("document_id", "id"))


def _document_row(item: Analysed, term_ids: Mapping[tuple[int, str, str], int]) -> IndexedDocument:
    entry = item.entry
    counted = {
        "length": item.length,
        "terms": {stem: term_ids[entry.site_id, entry.locale, stem] for stem in item.terms},
        "words": list(item.words),
        "labels": [[key.facet, str(key.label.id)] for key in item.labels],
    }
    return IndexedDocument(
        document_id=entry.id,
        site_id=entry.site_id,
        locale=entry.locale,
        type=entry.type,
        version=entry.version,
        sequence=entry.sequence,
        digest=entry.digest,
        path=entry.path,
        title=entry.title,
        summary=entry.summary,
        body="\n".join((*entry.headings, entry.body)),
        stemmed=item.stemmed,
        price=entry.price,
        currency=entry.currency,
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        popularity=entry.popularity,
        length=item.length,
        counted=orjson.dumps(counted).decode(),
    )


def _write_postings(
    after: Sequence[Analysed],
    keys: Mapping[UUID, int],
    term_ids: Mapping[tuple[int, str, str], int],
) -> None:
    rows = [
        (
            term_ids[item.entry.site_id, item.entry.locale, stem],
            keys[item.entry.id],
            tf,
            item.length,
        )
        for item in after
        for stem, tf in item.terms.items()
    ]
    if rows:
        execute(
            "INSERT INTO search_posting (term_id, entry_id, frequency, length)"
            f" {tables().rows('int', 'int', 'real', 'real')}",
            [many(rows)],
        )


def _write_facets(
    after: Sequence[Analysed],
    keys: Mapping[UUID, int],
    label_ids: Mapping[tuple[int, str, str, str], int],
) -> None:
    rows = {
        (keys[entry.id], label_ids[entry.site_id, entry.locale, key.facet, str(key.label.id)])
        for item in after
        for entry in (item.entry,)
        for key in item.labels
    }
    if rows:
        execute(
            f"INSERT INTO search_facetentry (entry_id, label_id) {tables().rows('int', 'int')}",
            [many(sorted(rows))],
        )


def _write_starts(after: Sequence[Analysed], keys: Mapping[UUID, int]) -> None:
    TitleStart.objects.bulk_create(
        [
            TitleStart(
                entry_id=keys[item.entry.id],
                site_id=item.entry.site_id,
                locale=item.entry.locale,
                key=key,
                position=position,
            )
            for item in after
            for key, position in item.starts
        ]
    )
