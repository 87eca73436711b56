"""Visitors' search on Elasticsearch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from search.engines.elasticsearch import answers, spelling
from search.engines.elasticsearch.conditions import Selection, aggregations, scope
from search.engines.elasticsearch.connection import ClusterAddress, Connection, Deadline
from search.engines.elasticsearch.highlighting import highlighter
from search.engines.elasticsearch.indexes import Indexes
from search.engines.elasticsearch.languages import language_of
from search.engines.elasticsearch.queries import FEWER_WORDS, matching, ruled, scored
from search.engines.elasticsearch.scoring import SCORING, Scoring
from search.engines.elasticsearch.similar import read_suggestions, similar_to, suggesting
from search.engines.elasticsearch.writing import write
from search.engines.protocol import (
    Applied,
    EngineAway,
    Hit,
    IndexedVersion,
    SearchResult,
    Suggestion,
)
from search.entries import Removal, SearchEntry
from search.query import SearchRequest, Sort

_NEWEST_FIRST: Final = {"published_at": {"order": "desc", "missing": "_last"}}
_BY_ID: Final = {"id": "asc"}
_ORDERS: Final[Mapping[Sort, list[Any]]] = {
    Sort.RELEVANCE: [{"_score": "desc"}, _NEWEST_FIRST, _BY_ID],
    Sort.NEWEST: [_NEWEST_FIRST, _BY_ID],
    Sort.OLDEST: [{"published_at": {"order": "asc", "missing": "_last"}}, _BY_ID],
    Sort.CHEAPEST: [{"price": {"order": "asc", "missing": "_last"}}, _BY_ID],
    Sort.DEAREST: [{"price": {"order": "desc", "missing": "_last"}}, _BY_ID],
}
_COUNTED: Final = 10_000
"""Matches are counted up to here."""
_ASKED: Final = 1000
"""Documents that are looked up in one request."""
_VERSION_FIELDS: Final = ("locale", "version", "sequence", "digest")


class ElasticsearchEngine:
    """One index behind an alias. Threads may share it; it opens connections when it needs them."""

    name = "elasticsearch"

    def __init__(self, address: ClusterAddress, scoring: Scoring = SCORING) -> None:
        self.connection = Connection(address)
        self.indexes = Indexes(self.connection, address.prefix)
        self._seconds = address.search_seconds
        self._scoring = scoring

    def close(self) -> None:
        self.connection.close()

    def search(self, request: SearchRequest) -> SearchResult:
        deadline = Deadline(self._seconds)
        language = language_of(request.locale)
        answer = self._best(request, language, deadline)
        doubts = spelling.read_doubts(answer, request.terms)
        chosen = self._confirm(doubts, request, language, deadline) if doubts else {}
        if not chosen:
            return _result(answer, request, language)
        meant = replace(request, terms=spelling.corrected(request.terms, chosen))
        answer = self._best(meant, language, deadline)
        found = _result(answer, meant, language)
        return replace(found, did_you_mean=meant.terms.text, is_corrected=True)

    def suggest(self, text: str, *, site_id: int, locale: str, limit: int) -> Sequence[Suggestion]:
        language = language_of(locale)
        body = suggesting(text, scope(site_id, locale), language, limit)
        answer = self._search(body, Deadline(self._seconds))
        return read_suggestions(answer, text, language, limit)

    def related(
        self, document_id: UUID, *, site_id: int, locale: str, types: Sequence[str], limit: int
    ) -> Sequence[Hit]:
        within = [*scope(site_id, locale), {"terms": {"type": list(types)}}]
        language = language_of(locale)
        body = similar_to(self.indexes.live, document_id, within, language) | {"size": limit}
        answer = self._search(body, Deadline(self._seconds))
        return [
            Hit(id=UUID(hit["_id"]), score=float(hit["_score"])) for hit in answer["hits"]["hits"]
        ]

    def apply(self, upserts: Sequence[SearchEntry], removals: Sequence[Removal]) -> Applied:
        refused: Mapping[UUID, str] = {}
        # Without an index there is nothing to keep up to date: the first rebuild reads all.
        if indexes := self.indexes.written():
            fresh = self._news(indexes[0], upserts) if len(indexes) == 1 else upserts
            refused = write(self.connection, indexes, fresh, removals)
        sites = {item.site_id for item in upserts} | {item.site_id for item in removals}
        # A removal of what never was public names no website.
        return Applied(frozenset(sites - {0}), refused)

    def versions(self, *, after: UUID | None, limit: int) -> Sequence[IndexedVersion]:
        return self.versions_in(self.indexes.live, after=after, limit=limit)

    def versions_in(
        self, index: str, *, after: UUID | None, limit: int
    ) -> Sequence[IndexedVersion]:
        """The same for one index, by name or alias."""
        body: dict[str, Any] = {
            "size": limit,
            "sort": [_BY_ID],
            "_source": False,
            "docvalue_fields": list(_VERSION_FIELDS),
        }
        if after is not None:
            body["search_after"] = [str(after)]
        answer = self.connection.write(lambda client: client.search(index=index, body=body))
        return [_version(hit) for hit in answer["hits"]["hits"]]

    def _news(self, index: str, upserts: Sequence[SearchEntry]) -> list[SearchEntry]:
        """Without those that are there already: what is replaced by its like still counts twice.

        Those that were read later are no repetitions, even if they say the same: older writes
        that are still on their way must find them.
        """
        held = self.held_in(index, [item.id for item in upserts])
        known = {key: (item.sequence, item.digest) for key, item in held.items()}
        return [entry for entry in upserts if known.get(entry.id) != (entry.sequence, entry.digest)]

    def held_in(self, index: str, ids: Sequence[UUID]) -> Mapping[UUID, IndexedVersion]:
        """What one index holds of these documents. A request for each thousand."""
        starts = range(0, len(ids), _ASKED)
        parts = [self._held(index, ids[start : start + _ASKED]) for start in starts]
        return {item.id: item for part in parts for item in part}

    def _held(self, index: str, ids: Sequence[UUID]) -> list[IndexedVersion]:
        body: dict[str, Any] = {
            "size": len(ids),
            "query": {"terms": {"id": [str(key) for key in ids]}},
            "_source": False,
            "docvalue_fields": list(_VERSION_FIELDS),
        }
        answer = self.connection.write(lambda client: client.search(index=index, body=body))
        return [_version(hit) for hit in answer["hits"]["hits"]]

    def is_ready(self) -> bool:
        try:
            body = {"size": 0, "track_total_hits": False, "terminate_after": 1}
            self._search(body, Deadline(self._seconds))
        except EngineAway:
            return False
        return True

    def _search(self, body: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        seconds = deadline.left()
        limited = {**body, "timeout": f"{int(seconds * 1000) + 1}ms"}
        answer = self.connection.read(
            lambda client: client.search(
                index=self.indexes.live, body=limited, allow_partial_search_results=False
            ),
            deadline,
        )
        if answer["timed_out"]:
            raise EngineAway("The search took too long.")
        found: Mapping[str, Any] = answer.body
        return found

    def _best(self, request: SearchRequest, language: str, deadline: Deadline) -> Mapping[str, Any]:
        """The search in one request, or in more of them with ever fewer of the words."""
        if request.sort == Sort.RELEVANCE or len(request.terms.words) <= 1:
            return self._search(self._body(request, language), deadline)
        answer: Mapping[str, Any] = {}
        for enough in FEWER_WORDS:
            answer = self._search(self._body(request, language, enough), deadline)
            if answer["hits"]["total"]["value"]:
                break
        return answer

    def _body(
        self, request: SearchRequest, language: str, enough: str | None = None
    ) -> dict[str, Any]:
        selection = Selection(request)
        query = matching(request.terms, language, self._scoring, enough)
        query["filter"] = scope(request.site_id, request.locale)
        body: dict[str, Any] = {
            "from": request.offset,
            "size": request.limit,
            "sort": _ORDERS[request.sort],
            # By relevance, the score is what hits are sorted by; to give it twice, the engine would
            # ask all over again for each hit.
            "track_scores": request.sort != Sort.RELEVANCE,
            "track_total_hits": _COUNTED,
            "_source": False,
            "explain": request.wants_explanation,
        }
        if request.facets:
            # Facets count what their own filter would hide, so filters come after them.
            body["post_filter"] = {"bool": {"filter": selection.all()}}
            body["aggs"] = aggregations(request.facets, selection)
        else:
            query["filter"] = [*query["filter"], *selection.all()]
        found = scored({"bool": query}, request.today, self._scoring)
        body["query"] = ruled(found, request, query["filter"])
        if request.wants_highlights and request.terms:
            body["highlight"] = highlighter(request.terms, language)
        if request.terms.words:
            body["suggest"] = spelling.suggester(request.terms, language)
            if begun := spelling.aggregation_of_beginnings(request.terms, language):
                body["aggs"] = {**body.get("aggs", {}), **begun}
        return body

    def _confirm(
        self,
        doubts: Sequence[spelling.Doubt],
        request: SearchRequest,
        language: str,
        deadline: Deadline,
    ) -> Mapping[str, str]:
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": scope(request.site_id, request.locale)}},
            "aggs": spelling.counting(doubts, request, language),
        }
        return spelling.choose(doubts, self._search(body, deadline)["aggregations"])


def _result(answer: Mapping[str, Any], request: SearchRequest, language: str) -> SearchResult:
    explanation = {"took_ms": answer["took"]} if request.wants_explanation else None
    return SearchResult(
        hits=answers.read_hits(answer, request, language),
        total=answer["hits"]["total"]["value"],
        facets=answers.read_facets(answer, request.facets),
        explanation=explanation,
    )


def _version(hit: Mapping[str, Any]) -> IndexedVersion:
    locale, version, sequence, digest = (hit["fields"][name][0] for name in _VERSION_FIELDS)
    return IndexedVersion(
        id=UUID(hit["_id"]), locale=locale, version=version, sequence=sequence, digest=digest
    )
