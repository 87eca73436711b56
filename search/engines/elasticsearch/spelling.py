"""Words that are nowhere, and what may have been meant: corrected before anything is searched.

The engine proposes words of its whole index, of other websites and of removed documents too.
So a proposal counts only where a document that this visitor may find has it.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from search.engines.elasticsearch.conditions import Condition
from search.engines.elasticsearch.queries import begins, standing_for, word_anywhere
from search.query import SearchRequest, Terms

SUGGESTER: Final = "spelling"
_BEGUN: Final = "begun"
_SHORTEST: Final = 4
_MOST_PROPOSALS: Final = 5


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that the index does not have as it stands, with proposals and their likeness."""

    word: str
    proposals: tuple[tuple[str, float], ...]


def suggester(terms: Terms, language: str) -> dict[str, Any]:
    """What to ask beside the search."""
    options = {
        "field": f"{language}.words",
        "suggest_mode": "missing",
        "size": _MOST_PROPOSALS,
        "max_edits": 2,
        "prefix_length": 1,
        "min_word_length": _SHORTEST,
        "shard_size": 50,
    }
    return {SUGGESTER: {"text": " ".join(terms.words), "term": options}}


def aggregation_of_beginnings(terms: Terms, language: str) -> dict[str, Any]:
    """What else to count beside the search: hits with a word that begins as the unfinished one.

    Where there are any, nobody has misspelt it, and no second request has to find that out.
    """
    last = _unfinished(terms)
    return {_BEGUN: {"filter": begins(last, language)}} if last else {}


def _unfinished(terms: Terms) -> str:
    """The last word in lower case, if it may be only the beginning of one and could be corrected."""
    last = terms.words[-1] if terms.words and terms.is_last_prefix else ""
    return last.lower() if len(last) >= _SHORTEST else ""


def read_doubts(answer: Mapping[str, Any], terms: Terms) -> list[Doubt]:
    """The words that were typed as one, that no hit goes on from, and for which there are proposals."""
    typed = {word.lower() for word in terms.words}
    if answer.get("aggregations", {}).get(_BEGUN, {}).get("doc_count"):
        typed.discard(_unfinished(terms))
    doubts = []
    for entry in answer.get("suggest", {}).get(SUGGESTER, ()):
        word = entry["text"]
        proposals = tuple(
            (option["text"], float(option["score"]))
            for option in entry["options"]
            if folded(option["text"]) != folded(word)
        )
        if proposals and word in typed:
            doubts.append(Doubt(word, proposals))
    return doubts


def folded(word: str) -> str:
    """In lower case and without accents: with or without them, the search finds the same."""
    parts = unicodedata.normalize("NFD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def counting(doubts: Sequence[Doubt], request: SearchRequest, language: str) -> dict[str, Any]:
    """Aggregations that count, among what the visitor may find, each word and its proposals."""
    last = _unfinished(request.terms)
    counted: dict[str, Any] = {}
    for number, doubt in enumerate(doubts):
        original: list[Condition] = [word_anywhere(doubt.word, language)]
        if doubt.word == last:
            original.append(begins(doubt.word, language))
        for place, word in enumerate(request.terms.words):
            if word.lower() == doubt.word:
                meant = standing_for(request.terms, place)
                original += [word_anywhere(other, language) for other in meant]
        counts: list[Condition] = [{"bool": {"should": original}}]
        counts += [{"term": {f"{language}.words": word}} for word, _ in doubt.proposals]
        named = {str(place): item for place, item in enumerate(counts)}
        counted[str(number)] = {"filters": {"filters": named}}
    return counted


def choose(doubts: Sequence[Doubt], counts: Mapping[str, Any]) -> dict[str, str]:
    """The word to take for each that is nowhere. Likeness decides; among equals, frequency."""
    chosen: dict[str, str] = {}
    for number, doubt in enumerate(doubts):
        buckets = counts[str(number)]["buckets"]
        if buckets["0"]["doc_count"]:
            continue
        ranked = [
            (likeness * (1 + 0.1 * math.log1p(found)), word)
            for place, (word, likeness) in enumerate(doubt.proposals, start=1)
            if (found := buckets[str(place)]["doc_count"])
        ]
        if ranked:
            chosen[doubt.word] = max(ranked)[1]
    return chosen


def corrected(terms: Terms, chosen: Mapping[str, str]) -> Terms:
    """The same search with other words; its text is what people are asked whether they meant."""
    text = terms.text
    for word, better in chosen.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", better, text, flags=re.IGNORECASE)
    words = tuple(chosen.get(word.lower(), word) for word in terms.words)
    return replace(terms, text=text, words=words)
