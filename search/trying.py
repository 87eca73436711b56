"""Trying a query: what it finds now, and what it would find if something were changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.interface import utc_now
from delivery.interface import Document
from search.asking import ask_engine
from search.engines.protocol import SearchResult
from search.models import Judgement
from search.query import SearchRequest, read_terms
from search.query_key import query_key
from search.relevance import NDCG_DEPTH, ndcg
from search.tuning import Draft, tuned

SHOWN: Final = 10
MOST_JUDGED: Final = 50
"""Queries of which the quality is told: those that were judged last. Each is asked twice."""


@dataclass(frozen=True, slots=True)
class TriedHit:
    """A result. `was` is its place before the change; None for one that was not among the first."""

    document_id: UUID
    title: str
    path: str
    type: str
    score: float
    is_pinned: bool
    grade: int | None
    place: int
    was: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The first results of a query, as the engine would give them to a visitor."""

    hits: tuple[TriedHit, ...]
    total: int
    did_you_mean: str | None
    is_corrected: bool
    synonyms: tuple[str, ...]
    explanation: Any
    ndcg: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """The mean nDCG@10 of the queries that were judged."""

    queries: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Place:
    """A website and one of its languages."""

    site_id: int
    locale: str


def try_query(place: Place, text: str, draft: Draft | None = None) -> Trial:
    """The first results, with what was judged of them. Six queries with the database engine.

    Raises:
        Invalid: it is too long to be searched for.
    """
    request, result = _ask(place, text, draft, wants_explanation=True)
    grades = _grades(place, [query_key(request.terms)]).get(query_key(request.terms), {})
    documents = Document.objects.in_bulk([hit.id for hit in result.hits])
    hits = tuple(
        TriedHit(
            document_id=hit.id,
            title=documents[hit.id].title,
            path=documents[hit.id].path,
            type=documents[hit.id].type,
            score=hit.score,
            is_pinned=hit.id in request.pinned,
            grade=grades.get(str(hit.id)),
            place=number,
        )
        for number, hit in enumerate(result.hits, start=1)
        if hit.id in documents
    )
    ranking = [str(hit.document_id) for hit in hits]
    return Trial(
        hits=hits,
        total=result.total,
        did_you_mean=result.did_you_mean,
        is_corrected=result.is_corrected,
        synonyms=tuple(
            f"{' '.join(request.terms.words[item.start : item.end])} → {' '.join(item.words)}"
            for item in request.terms.synonyms
        ),
        explanation=result.explanation,
        ndcg=ndcg(ranking, grades) if any(grades.values()) else None,
    )


def compare_quality(place: Place, draft: Draft) -> Quality | None:
    """How well the judged queries are answered now, and would be; None where none was judged."""
    latest = Judgement.objects.filter(site_id=place.site_id, locale=place.locale, grade__gt=0)
    queries = list(dict.fromkeys(latest.order_by("-pk").values_list("query", flat=True)))
    judged = _grades(place, queries[:MOST_JUDGED])
    if not judged:
        return None
    scores = [
        sum(_score(place, query, grades, change) for query, grades in judged.items()) / len(judged)
        for change in (None, draft)
    ]
    return Quality(len(judged), *scores)


def _score(place: Place, query: str, grades: Mapping[str, int], draft: Draft | None) -> float:
    _, result = _ask(place, query, draft)
    return ndcg([str(hit.id) for hit in result.hits[:NDCG_DEPTH]], grades)


def _ask(
    place: Place, text: str, draft: Draft | None, *, wants_explanation: bool = False
) -> tuple[SearchRequest, SearchResult]:
    terms = read_terms(text)
    request = SearchRequest(
        site_id=place.site_id,
        locale=place.locale,
        terms=terms,
        limit=SHOWN,
        wants_highlights=False,
        wants_explanation=wants_explanation,
        today=utc_now().date().isoformat(),
    )
    if not terms:
        return request, SearchResult((), 0)
    request = tuned(request, draft)
    result, _ = ask_engine("search", lambda engine: engine.search(request))
    return request, result


def _grades(place: Place, queries: Sequence[str]) -> dict[str, dict[str, int]]:
    rows = Judgement.objects.filter(
        site_id=place.site_id, locale=place.locale, query__in=queries
    ).values_list("query", "document_id", "grade")
    found: dict[str, dict[str, int]] = {}
    for query, document_id, grade in rows:
        found.setdefault(query, {})[str(document_id)] = grade
    return found
