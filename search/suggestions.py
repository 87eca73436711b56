"""Suggestions for what is being typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from delivery.interface import (
    Answer,
    Site,
    read_limit,
    read_locales,
    refuse,
    search_tag,
    tags_of,
)
from search.asking import Found, ask_engine, locale_of
from search.entries import SHOWN_TYPES, searched_types
from search.past_queries import find_past_queries
from search.query import MOST_CHARACTERS

MOST_SUGGESTIONS: Final = 20
_PART_OF_QUERIES: Final = 3
"""At most one in so many is what others searched for: people look for pages first."""


@dataclass(frozen=True, slots=True)
class SuggestionQuery:
    """What was typed so far."""

    text: str
    locales: tuple[str, ...] | None
    limit: int


def suggestion_query(params: Mapping[str, str]) -> SuggestionQuery:
    """Reads the parameters of suggestions.

    Raises:
        Invalid: one that is not understood or out of bounds, or no `q`.
    """
    text = params.get("q")
    if text is None:
        raise refuse("q", "missing", "Say what has been typed so far: q=gar.")
    if len(text) > MOST_CHARACTERS:
        raise refuse("q", "too_long", f"A search has at most {MOST_CHARACTERS} characters.")
    return SuggestionQuery(
        text=text,
        locales=read_locales(params.get("locale")),
        limit=read_limit(params.get("limit"), most=MOST_SUGGESTIONS, usual=8),
    )


def answer_suggestions(site: Site, query: SuggestionQuery) -> Found:
    """Suggestions for what is being typed: past queries, then titles and labels. Two queries.

    Raises:
        Invalid: the site has none of the languages.
    """
    locale = locale_of(site, query.locales)
    found, is_degraded = ask_engine(
        "suggest",
        lambda engine: engine.suggest(
            query.text, site_id=site.id, locale=locale, limit=query.limit
        ),
    )
    past = find_past_queries(
        query.text, site_id=site.id, locale=locale, limit=query.limit // _PART_OF_QUERIES
    )
    shown = {item.text.casefold() for item in found}
    queries = [
        {"text": text, "kind": "query", "id": None, "type": None, "path": None}
        for text in past
        if text not in shown
    ]
    others = [
        {
            "text": item.text,
            "kind": item.kind,
            "id": str(item.id),
            "type": item.type or None,
            "path": item.path or None,
        }
        for item in found
    ]
    body: dict[str, Any] = {"data": [*queries, *others][: query.limit]}
    if is_degraded:
        body["degraded"] = True
    tags = tags_of(site.id, (*searched_types(), *SHOWN_TYPES), ())
    answer = Answer(orjson.dumps(body), (*tags, search_tag(site.id)), (locale,))
    return Found(answer, is_degraded)
