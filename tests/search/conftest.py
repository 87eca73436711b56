"""A website whose documents are searched, and a way to ask for them as a visitor would."""

from collections.abc import Iterator

import pytest

from delivery.interface import forget_sites
from outbox.interface import sweep
from tests.api.conftest import Reader
from tests.factories.documents import Library
from tests.search.cluster import SharedEngine, shared_engine


@pytest.fixture
def reader() -> Reader:
    return Reader()


class SearchedLibrary(Library):
    """Publishes, and has the index follow."""

    def save(self) -> None:
        super().save()
        sweep()

    def withdraw(self, *ids: object) -> None:
        super().withdraw(*ids)  # type: ignore[arg-type]
        sweep()


@pytest.fixture
def library(transactional_db: None) -> Iterator[SearchedLibrary]:
    forget_sites()
    library = SearchedLibrary()
    library.open()
    yield library
    forget_sites()


@pytest.fixture(scope="session")
def opened_engine(elasticsearch_url: str) -> Iterator[SharedEngine]:
    with shared_engine(elasticsearch_url) as engine:
        yield engine


@pytest.fixture
def elasticsearch_engine(opened_engine: SharedEngine) -> SharedEngine:
    """An engine on the real cluster, with an empty index."""
    opened_engine.begin()
    return opened_engine
