"""A visitor's search, understood and bounded before any engine sees it.

What is typed is read as words, phrases in quotes and exclusions with `-`, and as nothing else:
no wildcard, field name, boolean word or regular expression means anything.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from delivery.interface import (
    DocumentField,
    DocumentType,
    Filter,
    Kind,
    read_filters,
    read_limit,
    refuse,
)
from search.entries import searched_types

MOST_CHARACTERS: Final = 512
MOST_WORDS: Final = 32
DEEPEST: Final = 1000
"""Hits that can be paged through."""

FACETS: Final = ("type", "tags", "category", "author", "price", "published_at")
LABEL_FACETS: Final = ("tags", "category", "author")
FILTERS: Final = (*LABEL_FACETS, "price", "currency", "published_at", "updated_at")
SEARCH_PARAMETERS: Final = (
    *("q", "type", "locale", "sort", "limit", "after", "before"),
    *("facets", "highlight", "explain", "fields", "include", "format"),
)
SUGGEST_PARAMETERS: Final = ("q", "locale", "limit")
RELATED_PARAMETERS: Final = ("locale", "type", "limit", "fields", "include", "format")

_FILTERED: Final = DocumentType(
    "search-results",
    "search-result",
    "What searches filter by.",
    (
        *(DocumentField(n, Kind.REFERENCES, "", is_filterable=True) for n in LABEL_FACETS),
        DocumentField("price", Kind.DECIMAL, "", is_filterable=True),
        DocumentField("currency", Kind.TEXT, "", is_filterable=True),
    ),
)
_PART: Final = re.compile(r'(?P<minus>(?<!\S)-(?=\S))?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_QUOTES: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'))
_UNSEEN: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_LETTER: Final = re.compile(r"\w")


class Sort(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    OLDEST = "published_at"
    NEWEST = "-published_at"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True, slots=True)
class Synonym:
    """What editors say that means the same: `words` beside `Terms.words[start:end]`."""

    start: int
    end: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is searched for. Each word, and each word of a phrase, is as it was typed.

    `is_last_prefix` tells that the last word may be the beginning of one. What is found by
    `synonyms` counts a little less than what is found by the words themselves.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    is_last_prefix: bool = False
    synonyms: tuple[Synonym, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)

    @property
    def is_void(self) -> bool:
        """Whether something was typed, but no words: that finds nothing."""
        return bool(self.text) and not self and not self.excluded


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A whole search of one website in one language.

    Without terms, everything matches but what is excluded. `filters` name labels by id or slug.
    `pinned` documents match whatever their words are, if they pass the filters; by relevance they
    come first, in this order. `hidden` ones never match.
    """

    site_id: int
    locale: str
    terms: Terms
    types: tuple[str, ...] = field(default_factory=searched_types)
    filters: tuple[Filter, ...] = ()
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()
    wants_highlights: bool = True
    wants_explanation: bool = False
    today: str = ""
    """The day by which freshness counts, as 2026-11-23; none counts where it is empty."""
    pinned: tuple[UUID, ...] = ()
    hidden: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The parameters of a search, read; the website and its languages are not known yet."""

    terms: Terms
    types: tuple[str, ...]
    filters: tuple[Filter, ...]
    sort: Sort
    limit: int
    facets: tuple[str, ...]
    wants_highlights: bool
    wants_explanation: bool


def search_query(params: Mapping[str, str]) -> SearchQuery:
    """Reads the parameters that say what to find and how to show it.

    Raises:
        Invalid: one that is not understood or out of bounds; it names it.
    """
    pairs = [(key, text) for key, text in params.items() if key.startswith("filter")]
    terms = read_terms(params.get("q"))
    if "after" in params and "before" in params:
        raise refuse("before", "contradiction", "Give after or before, not both.")
    return SearchQuery(
        terms=terms,
        types=read_types(params.get("type")),
        filters=_read_filters(pairs),
        sort=_read_sort(params.get("sort"), terms),
        limit=read_limit(params.get("limit")),
        facets=_read_facets(params.get("facets")),
        wants_highlights=_read_boolean("highlight", params.get("highlight", "true")),
        wants_explanation=_read_boolean("explain", params.get("explain", "false")),
    )


def read_terms(text: str | None) -> Terms:
    """Reads the parameter `q`. Quotes that do not close, and minus signs alone, say nothing.

    Raises:
        Invalid: it is too long.
    """
    if text is None:
        return Terms()
    if len(text) > MOST_CHARACTERS:
        raise refuse("q", "too_long", f"A search has at most {MOST_CHARACTERS} characters.")
    text = typed = unicodedata.normalize("NFC", _UNSEEN.sub("", text.translate(_QUOTES)))
    if len(text.split()) > MOST_WORDS:
        raise refuse("q", "too_many", f"A search has at most {MOST_WORDS} words.")
    if text.count('"') % 2:
        place = text.rindex('"')
        text = f"{text[:place]} {text[place + 1 :]}"
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    is_last_prefix = False
    for match in _PART.finditer(text):
        given = match["word"] if match["phrase"] is None else match["phrase"]
        parts = tuple(part for part in given.split() if _LETTER.search(part))
        is_last_prefix = False
        if not parts:
            continue
        if match["minus"]:
            excluded.append(parts)
        elif match["phrase"] is not None:
            phrases.append(parts)
        else:
            words += parts
            is_last_prefix = match.end() == len(text)
    return Terms(
        text=" ".join(typed.split()),
        words=tuple(words),
        phrases=tuple(phrases),
        excluded=tuple(excluded),
        is_last_prefix=is_last_prefix,
    )


def read_types(text: str | None) -> tuple[str, ...]:
    """Reads the parameter `type`; all types that are searched without it.

    Raises:
        Invalid: a type that searches do not find.
    """
    if text is None:
        return searched_types()
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in searched_types():
            raise refuse("type", "unknown_type", f"Searches find no type {name[:60]}.")
    return names


def _read_filters(pairs: Sequence[tuple[str, str]]) -> tuple[Filter, ...]:
    filters = read_filters((_FILTERED,), pairs)
    for item in filters:
        if item.name not in FILTERS:
            raise refuse(
                f"filter[{item.name}]",
                "unknown_filter",
                f"Searches cannot be filtered by {item.name}.",
            )
    return filters


def _read_sort(text: str | None, terms: Terms) -> Sort:
    if text is None:
        return Sort.RELEVANCE if terms else Sort.NEWEST
    if text not in Sort.__members__.values():
        known = ", ".join(Sort)
        raise refuse("sort", "unknown_sort", f"Searches are sorted by one of {known}.")
    return Sort(text)


def _read_facets(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in FACETS:
            raise refuse("facets", "unknown_facet", f"There is no facet {name[:60]}.")
    return names


def _read_boolean(pointer: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise refuse(pointer, "malformed", "Write true or false.")
    return text == "true"
