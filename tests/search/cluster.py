"""An engine on the real cluster, under names of its own, and empty for each test."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID, uuid4

from search.engines.elasticsearch.connection import ClusterAddress
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.protocol import Applied, IndexedVersion
from search.entries import Removal, SearchEntry

PATIENCE_SECONDS = 60.0
"""A loaded machine is slow, and no test but those of time-outs means to show that."""
_MORE = 1_000_000


class SharedEngine(ElasticsearchEngine):
    """One index for many tests, since making one takes longer than most of them.

    Each test begins its sequence numbers anew, and the index remembers what the last one removed.
    So they go on from there inside, and nobody outside sees it.
    """

    base = 0

    def begin(self) -> None:
        """Empties the index."""
        removals = [
            Removal(item.id, item.locale, 1, item.sequence + _MORE)
            for item in self.versions(after=None, limit=1000)
        ]
        self.apply((), removals)
        self.base += 2 * _MORE

    def apply(self, upserts: Sequence[SearchEntry], removals: Sequence[Removal]) -> Applied:
        return super().apply(
            [replace(item, sequence=item.sequence + self.base) for item in upserts],
            [replace(item, sequence=item.sequence + self.base) for item in removals],
        )

    def versions_in(
        self, index: str, *, after: UUID | None, limit: int
    ) -> Sequence[IndexedVersion]:
        found = super().versions_in(index, after=after, limit=limit)
        return [replace(item, sequence=item.sequence - self.base) for item in found]


def address_of_own(url: str, seconds: float = PATIENCE_SECONDS) -> ClusterAddress:
    """On that cluster, under a prefix that nobody else has."""
    prefix = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{uuid4().hex[:12]}"
    return ClusterAddress(url, prefix=prefix, search_seconds=seconds)


@contextmanager
def shared_engine(url: str) -> Iterator[SharedEngine]:
    """With an index of its own, which is deleted afterwards."""
    engine = SharedEngine(address_of_own(url))
    try:
        open_index(engine)
        yield engine
        delete_indexes(engine)
    finally:
        engine.close()


def open_index(engine: ElasticsearchEngine) -> str:
    """Gives it an empty index to search and write."""
    name = f"{engine.indexes.live}-{uuid4().hex[:12]}"
    engine.indexes.make(name)
    engine.indexes.switch(name)
    return name


def index_names(engine: ElasticsearchEngine) -> list[str]:
    """Every index of this engine, with or without an alias."""
    pattern = f"{engine.indexes.live}-*"
    found = engine.connection.write(
        lambda client: client.indices.get(index=pattern, ignore_unavailable=True)
    )
    return sorted(found)


def delete_indexes(engine: ElasticsearchEngine) -> None:
    for name in index_names(engine):
        engine.indexes.delete(name)
