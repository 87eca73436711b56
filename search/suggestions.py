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
from search.entries import SEARCHED_TYPES, SHOWN_TYPES
from search.query import MOST_CHARACTERS

MOST_SUGGESTIONS: Final = 20


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
    """Suggestions for what is being typed. One query.

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
    data = [
        {
            "text": item.text,
            "kind": item.kind,
            "id": str(item.id),
            "type": item.type or None,
            "path": item.path or None,
        }
        for item in found
    ]
    body: dict[str, Any] = {"data": data}
    if is_degraded:
        body["degraded"] = True
    tags = tags_of(site.id, (*SEARCHED_TYPES, *SHOWN_TYPES), ())
    answer = Answer(orjson.dumps(body), (*tags, search_tag(site.id)), (locale,))
    return Found(answer, is_degraded)
