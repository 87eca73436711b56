"""Writing the index: one writer at a time, many documents at once.

Each document remembers what was counted for it (`IndexedDocument.counted`), so what it adds to
the counts of words and labels can be taken off exactly when it changes or goes, whatever the
analysis has become meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from search.engines.database.analysed import Analysed, analyse
from search.engines.database.counts import Counts, Place
from search.engines.database.tables import execute, fetch, many, tables
from search.entries import Removal, SearchEntry
from search.models import IndexedDocument, IndexTurn

_BATCH: Final = 100
_COLUMNS: Final[Mapping[str, str]] = {
    "document_id": "uuid",
    "site_id": "int",
    "locale": "text",
    "type": "text",
    "version": "int",
    "sequence": "bigint",
    "digest": "text",
    "path": "text",
    "title": "text",
    "summary": "text",
    "body": "text",
    "stemmed": "text",
    "price": "numeric",
    "currency": "text",
    "published_at": "timestamptz",
    "updated_at": "timestamptz",
    "popularity": "float",
    "length": "float",
    "counted": "text",
}
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
        changed |= write_batch(upserts[start : start + _BATCH], ())
    for start in range(0, len(removals), _BATCH):
        changed |= write_batch((), removals[start : start + _BATCH])
    return frozenset(changed)


@transaction.atomic
def write_batch(
    upserts: Sequence[SearchEntry], removals: Sequence[Removal], *, is_anew: bool = False
) -> set[int]:
    """The same for some documents at once: the more, the fewer times a common word is counted.

    `is_anew` writes what seems unchanged too, since it may have been analysed in another way.
    """
    take_turn()
    ids = [item.id for item in upserts] + [item.id for item in removals]
    rows = IndexedDocument.objects.filter(document_id__in=ids).only(*_KEPT)
    present = {row.document_id: row for row in rows}
    fresh = [item for item in upserts if _is_news(item, present.get(item.id), is_anew=is_anew)]
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


def _is_news(entry: SearchEntry, row: IndexedDocument | None, *, is_anew: bool) -> bool:
    if row is None:
        return True
    return entry.sequence >= row.sequence and (is_anew or entry.digest != row.digest)


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
    if not after:
        return {}
    names = ", ".join(_COLUMNS)
    values = ", ".join(f"c{number}" for number in range(len(_COLUMNS)))
    news = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "document_id")
    written = fetch(
        f"INSERT INTO search_indexeddocument ({names})"
        f" SELECT {values} FROM ({tables().rows(*_COLUMNS.values())}) x WHERE 1 = 1"
        f" ON CONFLICT (document_id) DO UPDATE SET {news} RETURNING document_id, id",
        [many([_document_row(item, term_ids) for item in after])],
    )
    return {UUID(str(document_id)): key for document_id, key in written}


def _document_row(item: Analysed, term_ids: Mapping[tuple[int, str, str], int]) -> tuple[Any, ...]:
    """The values of `_COLUMNS`."""
    entry = item.entry
    counted = {
        "length": item.length,
        "terms": {stem: term_ids[entry.site_id, entry.locale, stem] for stem in item.terms},
        "words": list(item.words),
        "labels": [[key.facet, str(key.label.id)] for key in item.labels],
    }
    texts = (entry.path, entry.title, entry.summary, "\n".join((*entry.headings, entry.body)))
    return (
        tables().stored_id(str(entry.id)),
        *(entry.site_id, entry.locale, entry.type, entry.version, entry.sequence, entry.digest),
        *texts,
        item.stemmed,
        *(_stored_price(entry), entry.currency),
        *(_stored_time(entry.published_at), _stored_time(entry.updated_at)),
        *(entry.popularity, item.length),
        orjson.dumps(counted).decode(),
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
        # In the order of their index: what lies side by side there is written at once.
        rows.sort()
        tables().insert_numbers(
            "search_posting",
            {"term_id": "int", "entry_id": "int", "frequency": "real", "length": "real"},
            rows,
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
    rows = [
        (keys[item.entry.id], item.entry.site_id, item.entry.locale, key, position)
        for item in after
        for key, position in item.starts
    ]
    if rows:
        execute(
            "INSERT INTO search_titlestart (entry_id, site_id, locale, key, position)"
            f" {tables().rows('int', 'int', 'text', 'text', 'int')}",
            [many(rows)],
        )


def _stored_price(entry: SearchEntry) -> str | None:
    return None if entry.price is None else str(entry.price)


def _stored_time(instant: datetime | None) -> str | None:
    return None if instant is None else tables().time_param(instant)
