"""Answers to searches, as bytes with all that a cache must know of them.

An engine says which documents match; what is shown of them is composed from the public documents
of this moment, so what has just gone is left out whatever an index still holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from core.interface import NotFound, utc_now
from delivery.interface import (
    UUID_TEXT,
    Answer,
    Chosen,
    Document,
    Selection,
    Site,
    compose_documents,
    get_type,
    read_cursor,
    read_limit,
    read_locales,
    search_tag,
    selection_of,
    slug_tag,
    tags_of,
    write_cursor,
)
from search.asking import Found, ask_engine, locale_of
from search.counting import Asked
from search.engines.protocol import FacetCount, Facets, Hit, SearchResult
from search.entries import SHOWN_TYPES, searched_types
from search.query import (
    DEEPEST,
    SearchQuery,
    SearchRequest,
    read_types,
    search_query,
)
from search.query_key import query_key
from search.tuning import tuned

_COMMON: Final = (
    *("id", "type", "locale", "slug", "path", "title", "summary"),
    *("published_at", "updated_at", "version"),
)


@dataclass(frozen=True, slots=True)
class ReadSearch:
    """A search whose parameters have been read, for any website."""

    query: SearchQuery
    selection: Selection
    locales: tuple[str, ...] | None
    after: str | None
    before: str | None


def read_search(params: Mapping[str, str]) -> ReadSearch:
    """Reads the parameters of a search.

    Raises:
        Invalid: one that is not understood or out of bounds; it names it.
    """
    query = search_query(params)
    return ReadSearch(
        query=query,
        selection=_selection(query.types, params),
        locales=read_locales(params.get("locale")),
        after=params.get("after"),
        before=params.get("before"),
    )


def answer_search(site: Site, search: ReadSearch) -> Found:
    """One page of hits. Four queries with the database engine; two with another.

    Raises:
        Invalid: the site has none of the languages, or the cursor is not one of this search.
    """
    query = search.query
    locale = locale_of(site, search.locales)
    scope = _scope(site, locale, query)
    offset = _offset(scope, search)
    request = SearchRequest(
        site_id=site.id,
        locale=locale,
        terms=query.terms,
        types=query.types,
        filters=query.filters,
        sort=query.sort,
        offset=offset,
        limit=min(query.limit, DEEPEST - offset),
        facets=query.facets,
        wants_highlights=query.wants_highlights,
        wants_explanation=query.wants_explanation,
        today=utc_now().date().isoformat(),
    )
    result, is_degraded = SearchResult((), 0), False
    if not query.terms.is_void:
        request = tuned(request)
        result, is_degraded = ask_engine("search", lambda engine: engine.search(request))
    chosen = compose_documents(site, [hit.id for hit in result.hits], search.selection)
    end = offset + query.limit
    following = write_cursor(scope, [end]) if end < min(result.total, DEEPEST) else None
    start = max(0, offset - query.limit)
    previous = write_cursor(scope, [start]) if offset else None
    page = {
        "next": following,
        "prev": previous,
        "has_more": following is not None,
        "total": result.total,
    }
    answer = Answer(
        body=_body(result, chosen, page, request, is_degraded=is_degraded),
        tags=(*tags_of(site.id, (*query.types, *SHOWN_TYPES), chosen.ids), search_tag(site.id)),
        locales=(locale,),
        next=following,
        prev=previous,
    )
    is_first = not (offset or query.filters or query.wants_explanation)
    asked = Asked(site.id, locale, query_key(query.terms), result.total) if is_first else None
    return Found(answer, is_degraded, asked)


@dataclass(frozen=True, slots=True)
class RelatedQuery:
    """A document of which others like it are wanted."""

    type: str
    key: str
    types: tuple[str, ...]
    locales: tuple[str, ...] | None
    limit: int
    selection: Selection


def related_query(type_name: str, key: str, params: Mapping[str, str]) -> RelatedQuery:
    """Reads the parameters of related documents.

    Raises:
        NotFound: a type that is not searched.
        Invalid: a parameter that is not understood.
    """
    if type_name not in searched_types():
        raise NotFound("Searches know no such type of document.")
    types = read_types(params.get("type", type_name))
    return RelatedQuery(
        type=type_name,
        key=key,
        types=types,
        locales=read_locales(params.get("locale")),
        limit=read_limit(params.get("limit"), most=20, usual=5),
        selection=_selection(types, params),
    )


def answer_related(site: Site, query: RelatedQuery) -> Found:
    """Documents like one. Three queries.

    Raises:
        NotFound: there is no such document.
        Invalid: the site has none of the languages.
    """
    document_id, locale = _find(site, query)
    hits, is_degraded = ask_engine(
        "related",
        lambda engine: engine.related(
            document_id, site_id=site.id, locale=locale, types=query.types, limit=query.limit
        ),
    )
    chosen = compose_documents(site, [hit.id for hit in hits], query.selection)
    data = _hits(hits, chosen)
    ending: dict[str, Any] = {"degraded": True} if is_degraded else {}
    body = b'{"data":[' + data + b"]" + _rest(ending) + chosen.included + b"}"
    ids = (*chosen.ids, str(document_id))
    looked_up = [] if UUID_TEXT.fullmatch(query.key) else [slug_tag(site.id, query.type, query.key)]
    tags = tags_of(site.id, (*query.types, *SHOWN_TYPES), ids, looked_up)
    return Found(Answer(body, (*tags, search_tag(site.id)), (locale,)), is_degraded)


def _find(site: Site, query: RelatedQuery) -> tuple[UUID, str]:
    documents = Document.objects.filter(site_id=site.id, type=query.type)
    if UUID_TEXT.fullmatch(query.key):
        documents = documents.filter(id=UUID(query.key))
    else:
        documents = documents.filter(slug=query.key, locale=locale_of(site, query.locales))
    found = documents.order_by("id").values_list("id", "locale").first()
    if found is None:
        raise NotFound("There is no such document.")
    return found


def _selection(types: tuple[str, ...], params: Mapping[str, str]) -> Selection:
    """What hits show: all but the heavy fields, where nothing is chosen."""
    known = [item for name in types if (item := get_type(name)) is not None]
    light = [item.name for kind in known for item in kind.fields if not item.is_heavy]
    return selection_of(types, params, usual=",".join(dict.fromkeys([*_COMMON, *light])))


def _scope(site: Site, locale: str, query: SearchQuery) -> bytes:
    """What a cursor of this search is bound to."""
    filters = [[item.name, item.operator, *map(str, item.values)] for item in query.filters]
    terms = query.terms
    return orjson.dumps(
        [
            *("search", site.id, locale, terms.text, terms.is_last_prefix),
            *(query.types, sorted(filters), query.sort),
        ]
    )


def _offset(scope: bytes, search: ReadSearch) -> int:
    for pointer, cursor in (("after", search.after), ("before", search.before)):
        if cursor is not None:
            return int(read_cursor(scope, pointer, cursor)[0])
    return 0


def _body(
    result: SearchResult,
    chosen: Chosen,
    page: Mapping[str, object],
    request: SearchRequest,
    *,
    is_degraded: bool,
) -> bytes:
    ending: dict[str, Any] = {"page": page}
    if request.facets:
        ending["facets"] = _facets(result.facets, request.facets)
    ending["did_you_mean"] = result.did_you_mean
    ending["corrected"] = result.is_corrected
    if is_degraded:
        ending["degraded"] = True
    if request.wants_explanation:
        ending["explain"] = result.explanation
    data = _hits(result.hits, chosen, request.pinned)
    return b'{"data":[' + data + b"]" + _rest(ending) + chosen.included + b"}"


def _rest(ending: Mapping[str, Any]) -> bytes:
    """The members of an object after others, with the comma before them."""
    return b"," + orjson.dumps(ending)[1:-1] if ending else b""


def _hits(hits: Sequence[Hit], chosen: Chosen, pinned: Sequence[UUID] = ()) -> bytes:
    shown = ((chosen.documents.get(hit.id), hit) for hit in hits)
    return b",".join(
        [
            document[:-1] + (b"," if len(document) > 2 else b"") + _about(hit, pinned)  # noqa: PLR2004 — {}
            for document, hit in shown
            if document is not None
        ]
    )


def _about(hit: Hit, pinned: Sequence[UUID]) -> bytes:
    """The member `search` of a hit, and the brace that ends it."""
    about: dict[str, Any] = {"score": hit.score}
    if hit.id in pinned:
        about["pinned"] = True
    if hit.highlights is not None:
        about["highlights"] = {
            "title": hit.highlights.title or None,
            "summary": hit.highlights.summary or None,
            "body": hit.highlights.body,
        }
    if hit.explanation is not None:
        about["explain"] = hit.explanation
    return b'"search":' + orjson.dumps(about) + b"}"


def _facets(facets: Facets, names: tuple[str, ...]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in names:
        if name == "price":
            shown[name] = [
                {
                    "currency": item.currency,
                    "min": str(item.lowest),
                    "max": str(item.highest),
                    "count": item.count,
                }
                for item in facets.prices
            ]
        elif name == "published_at":
            dates = facets.dates
            shown[name] = dates and {
                "min": dates.first,
                "max": dates.last,
                "years": [_count(item) for item in dates.years],
            }
        else:
            shown[name] = [_count(item) for item in facets.counts.get(name, ())]
    return shown


def _count(item: FacetCount) -> dict[str, Any]:
    if item.id is None:
        return {"value": item.value, "count": item.count}
    return {"id": str(item.id), "slug": item.value, "title": item.title, "count": item.count}
