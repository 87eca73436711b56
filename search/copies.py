"""What an index holds, compared with the public documents: what differs, and how it is mended.

Writers go on meanwhile, so a difference counts only if it is still there when both sides are
read again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from delivery.interface import Document
from search.engines.protocol import IndexedVersion
from search.entries import searched_types
from search.indexing import read_entries

BATCH: Final = 200
_MOST_ROUNDS: Final = 10

Noted = Callable[[int], object]
"""Hears how many documents have been seen to, as it goes."""


class Copy(Protocol):
    """An index as a copy of the documents."""

    def held(self, *, after: UUID | None, limit: int) -> Sequence[IndexedVersion]:
        """What it has, in the order of the ids, from beyond `after` on."""

    def held_of(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The digests of those of the documents that it has."""

    def write(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Makes it right for these documents, whatever it has; gives the digests written."""

    def settle(self) -> None:
        """Makes what was written visible to the other methods."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Documents that an index lacks, has otherwise, or has although they are not public."""

    missing: tuple[UUID, ...] = ()
    stale: tuple[UUID, ...] = ()
    stray: tuple[UUID, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.stray)

    @property
    def ids(self) -> tuple[UUID, ...]:
        return (*self.missing, *self.stale, *self.stray)


def count_documents() -> int:
    """How many documents are searched."""
    return Document.objects.filter(type__in=searched_types()).count()


def document_ids(batch: int | None = None) -> Iterator[list[UUID]]:
    """The ids of all documents that are searched, in order, a batch at a time."""
    documents = Document.objects.filter(type__in=searched_types()).order_by("id")
    last: UUID | None = None
    while True:
        following = documents if last is None else documents.filter(id__gt=last)
        ids = list(following.values_list("id", flat=True)[: batch or BATCH])
        if not ids:
            return
        yield ids
        last = ids[-1]


def compare(copy: Copy, note: Noted = lambda _count: None) -> Differences:
    """All differences. Reads every document, and every line of the index, once."""
    copy.settle()
    suspected: list[UUID] = []
    holding = _held(copy)
    ahead = next(holding, None)
    for ids in document_ids():
        wanted = {entry.id: entry.digest for entry in read_entries(ids).entries}
        held: dict[UUID, str] = {}
        while ahead is not None and ahead.id <= ids[-1]:
            held[ahead.id] = ahead.digest
            ahead = next(holding, None)
        suspected += [key for key in (*wanted, *held) if wanted.get(key) != held.get(key)]
        note(len(ids))
    while ahead is not None:
        suspected.append(ahead.id)
        ahead = next(holding, None)
    return look_again(copy, list(dict.fromkeys(suspected)))


def _held(copy: Copy) -> Iterator[IndexedVersion]:
    after: UUID | None = None
    while batch := copy.held(after=after, limit=BATCH):
        yield from batch
        after = batch[-1].id


def look_again(copy: Copy, ids: Sequence[UUID]) -> Differences:
    """The differences among these documents."""
    missing: list[UUID] = []
    stale: list[UUID] = []
    stray: list[UUID] = []
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        wanted = {entry.id: entry.digest for entry in read_entries(some).entries}
        held = copy.held_of(some)
        for key in some:
            if key in wanted and key not in held:
                missing.append(key)
            elif key in held and key not in wanted:
                stray.append(key)
            elif wanted.get(key) != held.get(key):
                stale.append(key)
    return Differences(tuple(missing), tuple(stale), tuple(stray))


def mend(copy: Copy, differences: Differences) -> Differences:
    """Writes what differs; gives what the index does not take, however often it is written.

    What others write meanwhile may differ again the next moment; but they write it here, too.
    """
    ids: Sequence[UUID] = differences.ids
    for _ in range(_MOST_ROUNDS):
        if not ids:
            return Differences()
        written: dict[UUID, str] = {}
        for start in range(0, len(ids), BATCH):
            written |= copy.write(ids[start : start + BATCH])
        copy.settle()
        remaining = look_again(copy, ids)
        held = copy.held_of(remaining.ids)
        ids = [key for key in remaining.ids if held.get(key) != written.get(key)]
    return look_again(copy, ids)


def changed_sites() -> list[int]:
    """The websites that have documents: whose answers may have changed with a whole index."""
    return sorted(Document.objects.values_list("site_id", flat=True).distinct().order_by())
