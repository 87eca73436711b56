"""Each engine under the same tests, with entries that are made from published documents."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from delivery.interface import Document
from search.engines.database.engine import DATABASE_ENGINE
from search.engines.protocol import Engine, SearchResult
from search.entries import searched_types
from search.indexing import read_entries
from search.query import SearchRequest, search_query
from tests.factories.documents import Library
from tests.search.cluster import SharedEngine

ENGINES = ["database", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
"""Every engine that there is; one that needs a service is marked by it."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None) -> Engine:
    if request.param == "database":
        return DATABASE_ENGINE
    shared: SharedEngine = request.getfixturevalue("elasticsearch_engine")
    return shared


@dataclass
class Shelf:
    """A website's documents in an engine, and a way to search them."""

    engine: Engine
    library: Library = field(default_factory=Library)

    def fill(self) -> None:
        """Publishes what was added, and stores it in the engine."""
        self.library.save()
        ids = Document.objects.filter(type__in=searched_types()).values_list("id", flat=True)
        self.store(*ids)

    def store(self, *ids: UUID) -> None:
        """Brings these documents up to date in the engine."""
        reading = read_entries(ids)
        self.engine.apply(reading.entries, reading.removals)

    def search(self, text: str | None = None, /, **params: Any) -> SearchResult:
        """What the engine finds for these parameters of an address; `locale` is one language.

        `tune` changes the request as editors' rules would.
        """
        tune: Callable[[SearchRequest], SearchRequest] = params.pop("tune", lambda request: request)
        locale = params.pop("locale", "en")
        offset = params.pop("offset", 0)
        given = {name: str(value) for name, value in params.items()}
        query = search_query(given if text is None else {"q": text, **given})
        request = SearchRequest(
            site_id=self.library.site_id,
            locale=locale,
            terms=query.terms,
            types=query.types,
            filters=query.filters,
            sort=query.sort,
            offset=offset,
            limit=query.limit,
            facets=query.facets,
            wants_highlights=query.wants_highlights,
        )
        return self.engine.search(tune(request))

    def titles(self, text: str | None = None, /, **params: Any) -> list[str]:
        """The titles of the hits, best first."""
        ids = [hit.id for hit in self.search(text, **params).hits]
        titles = dict(Document.objects.values_list("id", "title"))
        return [titles[key] for key in ids]


@pytest.fixture
def shelf(engine: Engine) -> Shelf:
    return Shelf(engine)
