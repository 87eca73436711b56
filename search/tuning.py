"""What editors have said about a query: which synonyms its words have, and which results it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import orjson

from search.engines.database.tables import fetch, tables
from search.query import SearchRequest, Sort
from search.query_key import query_key
from search.synonyms import Meaning, SynonymText, keys_of, meanings_of, with_synonyms

MOST_PINNED: Final = 10
MOST_HIDDEN: Final = 50


@dataclass(frozen=True, slots=True)
class Tuning:
    """What holds for one query. `pinned` and `hidden` are documents, public or not any more."""

    meanings: tuple[Meaning, ...] = ()
    pinned: tuple[UUID, ...] = ()
    hidden: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor thinks of changing: rules beside those that are stored.

    `query` is the key of the query whose results `pinned` and `hidden` would be, in place of
    those that are stored for it.
    """

    synonyms: tuple[SynonymText, ...] = ()
    query: str = ""
    pinned: tuple[UUID, ...] = ()
    hidden: tuple[UUID, ...] = ()


def tuned(request: SearchRequest, draft: Draft | None = None) -> SearchRequest:
    """The request as editors want it answered. One query; none without words.

    Pinned documents are on top by relevance alone: who sorts by date or price wants that order.
    """
    if not request.terms:
        return request
    places = keys_of(request.terms, request.locale)
    key = query_key(request.terms)
    tuning = _read(request, key, list(places))
    if draft is not None:
        tuning = _drafted(tuning, draft, key, request.locale)
    synonyms = with_synonyms(request.terms, places, tuning.meanings)
    return replace(
        request,
        terms=replace(request.terms, synonyms=synonyms),
        pinned=tuning.pinned if request.sort == Sort.RELEVANCE else (),
        hidden=tuning.hidden,
    )


def _drafted(tuning: Tuning, draft: Draft, key: str, locale: str) -> Tuning:
    added = [item for rule in draft.synonyms for item in meanings_of(rule, locale)]
    tuning = replace(tuning, meanings=(*added, *tuning.meanings))
    if key != draft.query:
        return tuning
    return replace(tuning, pinned=draft.pinned, hidden=draft.hidden)


def _read(request: SearchRequest, key: str, keys: Sequence[str]) -> Tuning:
    place: list[Any] = [request.site_id, request.locale]
    rows = fetch(
        f"SELECT '' AS key, {tables().id_text.format('x.document_id')}, x.position AS n,"
        " CASE WHEN x.is_hidden THEN 1 ELSE 0 END FROM search_queryrule r"
        " JOIN search_ruledresult x ON x.rule_id = r.id"
        " WHERE r.site_id = %s AND r.locale = %s AND r.query = %s"
        " UNION ALL SELECT k.key, k.meant, k.rule_id, 0 FROM search_synonymkey k"
        " WHERE (k.site_id IS NULL OR k.site_id = %s) AND k.locale = %s"
        f" AND k.key IN ({', '.join(['%s'] * len(keys)) or 'NULL'}) ORDER BY n",
        [*place, key, *place, *keys],
    )
    results = [row for row in rows if not row[0]]
    return Tuning(
        meanings=tuple(Meaning(row[0], tuple(orjson.loads(row[1]))) for row in rows if row[0]),
        pinned=tuple(UUID(row[1]) for row in results if not row[3]),
        hidden=tuple(UUID(row[1]) for row in results if row[3]),
    )
