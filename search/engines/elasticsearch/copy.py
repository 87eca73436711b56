"""One index of the cluster as a copy of the documents."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from search.engines.elasticsearch.connection import MANAGE_SECONDS
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.writing import write
from search.engines.protocol import IndexedVersion
from search.indexing import read_entries


class IndexCopy:
    """See `search.copies.Copy`; for any of the indexes, by its name."""

    def __init__(self, engine: ElasticsearchEngine, index: str) -> None:
        self._engine = engine
        self.index = index

    def held(self, *, after: UUID | None, limit: int) -> Sequence[IndexedVersion]:
        return self._engine.versions_in(self.index, after=after, limit=limit)

    def held_of(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        held = self._engine.held_in(self.index, ids)
        return {key: item.digest for key, item in held.items()}

    def write(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        reading = read_entries(ids)
        connection = self._engine.connection
        entries, removals = reading.entries, reading.removals
        write(
            *(connection, [self.index], entries, removals),
            makes_visible=False,
            # A rebuild writes much, and only the person who runs it waits.
            seconds=MANAGE_SECONDS,
        )
        return {entry.id: entry.digest for entry in entries}

    def settle(self) -> None:
        self._engine.indexes.refresh(self.index)
