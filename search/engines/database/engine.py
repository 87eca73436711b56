"""The search engine that every installation has: tables of the product's own database."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from search.engines.database import matching
from search.engines.database.related import find_related
from search.engines.database.suggesting import find_suggestions
from search.engines.database.tables import Row
from search.engines.database.vocabulary import Understood, understand
from search.engines.database.writing import write_index
from search.engines.protocol import (
    Applied,
    DateRange,
    Engine,
    FacetCount,
    Facets,
    Highlights,
    Hit,
    IndexedVersion,
    PriceRange,
    SearchResult,
    Suggestion,
    labelled,
)
from search.entries import Removal, SearchEntry
from search.highlights import Sought, mark_fragments, mark_whole
from search.models import IndexedDocument
from search.query import LABEL_FACETS, SearchRequest


class DatabaseEngine:
    """BM25F over tables of words, the same on PostgreSQL and SQLite."""

    name = "database"

    def search(self, request: SearchRequest) -> SearchResult:
        """Two queries, whatever is asked for; see `search.engines.protocol.Engine`."""
        understood = understand(request.terms, site_id=request.site_id, locale=request.locale)
        rows = matching.run(request, understood)
        sought = _sought(understood) if request.wants_highlights else None
        hits = sorted((row for row in rows if row[0] == "hit"), key=lambda row: int(row[4]))
        return SearchResult(
            hits=tuple(_hit(row, sought) for row in hits),
            total=sum(int(row[4]) for row in rows if row[0] == "total"),
            facets=_facets(rows),
            did_you_mean=understood.did_you_mean,
            is_corrected=understood.is_corrected,
            explanation=_explanation(understood) if request.wants_explanation else None,
        )

    def suggest(self, text: str, *, site_id: int, locale: str, limit: int) -> Sequence[Suggestion]:
        """One query."""
        return find_suggestions(text, site_id=site_id, locale=locale, limit=limit)

    def related(
        self, document_id: UUID, *, site_id: int, locale: str, types: Sequence[str], limit: int
    ) -> Sequence[Hit]:
        """Two queries."""
        return find_related(document_id, site_id=site_id, locale=locale, types=types, limit=limit)

    def apply(self, upserts: Sequence[SearchEntry], removals: Sequence[Removal]) -> Applied:
        """A dozen statements for each hundred documents, in one transaction each."""
        return Applied(write_index(upserts, removals))

    def versions(self, *, after: UUID | None, limit: int) -> Sequence[IndexedVersion]:
        """One query."""
        rows = IndexedDocument.objects.order_by("document_id")
        if after is not None:
            rows = rows.filter(document_id__gt=after)
        names = ("document_id", "locale", "version", "sequence", "digest")
        return [IndexedVersion(*row) for row in rows.values_list(*names)[:limit]]

    def is_ready(self) -> bool:
        """The product does not run without its database."""
        return True


DATABASE_ENGINE: Final[Engine] = DatabaseEngine()


def _hit(row: Row, sought: Sequence[Sought] | None) -> Hit:
    score = round(float(row[5]), 4)
    if sought is None:
        return Hit(UUID(row[1]), score)
    title, summary, body = row[6:9]
    marked = Highlights(
        title=mark_whole(title, sought),
        summary=mark_whole(summary, sought),
        body=mark_fragments(body, sought),
    )
    return Hit(UUID(row[1]), score, marked)


def _sought(understood: Understood) -> list[Sought]:
    """What is marked: the words that stand for those of the query, and what goes on from the last."""
    sought = []
    for number, group in enumerate(understood.groups):
        if group.is_beginning and not group.is_corrected:
            sought.append(Sought(group.given, number, is_beginning=True))
        sought += [Sought(form, number) for form in sorted(group.forms)]
    return sought


def _facets(rows: Sequence[Row]) -> Facets:
    counts: dict[str, list[FacetCount]] = {}
    for kind, a, b, c, n, *_ in rows:
        if kind == "type":
            counts.setdefault(kind, []).append(FacetCount(value=a, count=int(n)))
        elif kind in LABEL_FACETS:
            found = FacetCount(value=b, count=int(n), id=UUID(a), title=c)
            counts.setdefault(kind, []).append(found)
    prices = [row for row in rows if row[0] == "price"]
    years = [row for row in rows if row[0] == "published_at"]
    return Facets(
        counts={name: labelled(items) for name, items in counts.items()},
        prices=tuple(
            PriceRange(currency=a, lowest=Decimal(b), highest=Decimal(c), count=int(n))
            for _, a, b, c, n, *_ in sorted(prices)
        ),
        dates=_dates(years) if years else None,
    )


def _dates(rows: Sequence[Row]) -> DateRange:
    years = sorted((FacetCount(value=row[1], count=int(row[4])) for row in rows), key=_year)
    return DateRange(
        first=datetime.fromisoformat(f"{min(row[2] for row in rows)}+00:00"),
        last=datetime.fromisoformat(f"{max(row[3] for row in rows)}+00:00"),
        years=tuple(reversed(years)),
    )


def _year(item: FacetCount) -> str:
    return item.value


def _explanation(understood: Understood) -> dict[str, object]:
    return {
        "documents": understood.documents,
        "words": [
            {
                "given": group.given,
                "read_as": sorted(group.forms),
                "documents": group.documents,
                "weight": round(group.weight(understood.documents), 4),
            }
            for group in understood.groups
        ],
    }
