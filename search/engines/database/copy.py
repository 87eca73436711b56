"""The tables of the database's engine as a copy of the documents."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from search.engines.database.engine import DATABASE_ENGINE
from search.engines.database.writing import take_turn, write_batch
from search.engines.protocol import IndexedVersion
from search.indexing import read_entries
from search.models import IndexedDocument


class DatabaseCopy:
    """See `search.copies.Copy`."""

    def held(self, *, after: UUID | None, limit: int) -> Sequence[IndexedVersion]:
        return DATABASE_ENGINE.versions(after=after, limit=limit)

    def held_of(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        rows = IndexedDocument.objects.filter(document_id__in=ids)
        return dict(rows.values_list("document_id", "digest"))

    @transaction.atomic
    def write(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        take_turn()
        reading = read_entries(ids)
        write_batch(reading.entries, reading.removals, is_anew=True)
        return {entry.id: entry.digest for entry in reading.entries}

    def settle(self) -> None:
        """What is committed is visible."""
