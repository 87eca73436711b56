"""What a search engine must do, whatever it is: the boundary that nothing of an engine crosses.

A query comes parsed and bounded (`search.query.SearchRequest`): no engine ever sees what a
visitor typed as a language of its own. Answers are plain values, and the only error is
`EngineAway`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from search.entries import Removal, SearchEntry
from search.query import SearchRequest


class EngineAway(Exception):
    """The engine does not answer now, or not in time. Later it may."""


@dataclass(frozen=True, slots=True)
class Highlights:
    """Where a hit matches: HTML, escaped but for `<mark>`. Empty where nothing matches."""

    title: str = ""
    summary: str = ""
    body: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found. `explanation` is the engine's own account of the score."""

    id: UUID
    score: float
    highlights: Highlights | None = None
    explanation: Any = None


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the matches have a value; `id` and `title` where the value is a document."""

    value: str
    count: int
    id: UUID | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Between which prices the matches in a currency lie."""

    currency: str
    lowest: Decimal
    highest: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class DateRange:
    """Between which days the matches were published, and how many in each year, latest first."""

    first: datetime
    last: datetime
    years: tuple[FacetCount, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """What the matches have in common. Of a facet, its own filter narrows nothing.

    `counts` are those of type, tags, category and author, by that name: most first, then by
    title, at most `MOST_COUNTS` of each.
    """

    counts: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    prices: tuple[PriceRange, ...] = ()
    dates: DateRange | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found. `total` counts all matches, up to where the engine counts.

    `did_you_mean` is the query as it may have been meant; `is_corrected` tells that the hits
    are those of that query, since some word of the given one is nowhere.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Facets = Facets()
    did_you_mean: str | None = None
    is_corrected: bool = False
    explanation: Any = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to go on typing. `kind` is title, tag or category; `id` is the document's."""

    text: str
    kind: str
    id: UUID
    type: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """What an engine holds of a document."""

    id: UUID
    locale: str
    version: int
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of changes to an index.

    `sites` are the websites of which searches may have other answers now. `refused` has the
    documents that the engine will not take as they are, each with its reason; all others are in.
    """

    sites: frozenset[int] = frozenset()
    refused: Mapping[UUID, str] = field(default_factory=dict)


MOST_COUNTS = 50
"""Values of one facet that are counted."""


class Engine(Protocol):
    """A search engine. Each method may raise `EngineAway` and nothing else."""

    name: str

    def search(self, request: SearchRequest) -> SearchResult:
        """The hits from `request.offset` on, at most `request.limit`."""

    def suggest(self, text: str, *, site_id: int, locale: str, limit: int) -> Sequence[Suggestion]:
        """Titles, tags and categories that go on from what is typed so far, best first."""

    def related(
        self, document_id: UUID, *, site_id: int, locale: str, types: Sequence[str], limit: int
    ) -> Sequence[Hit]:
        """Documents like this one, without it; none if it is not in the index."""

    def apply(self, upserts: Sequence[SearchEntry], removals: Sequence[Removal]) -> Applied:
        """Stores and removes, each unless what is there has a greater `sequence`.

        When it returns, searches see it. To do it again changes nothing.
        """

    def versions(self, *, after: UUID | None, limit: int) -> Sequence[IndexedVersion]:
        """What is stored, in the order of the ids, from beyond `after` on."""

    def is_ready(self) -> bool:
        """Whether it answers searches now; never raises."""


def labelled(counts: Iterable[FacetCount]) -> tuple[FacetCount, ...]:
    """Counts in the order in which facets show them, cut to `MOST_COUNTS`."""
    ranked = sorted(counts, key=lambda item: (-item.count, item.title or item.value, item.value))
    return tuple(ranked[:MOST_COUNTS])
