"""A parsed search as the engine's own query: words go in as values, never as its syntax."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from search.analysis import fold
from search.engines.elasticsearch.conditions import Condition, any_of
from search.engines.elasticsearch.mapping import TEXT_FIELDS
from search.engines.elasticsearch.scoring import Scoring
from search.query import SearchRequest, Terms
from search.stop_words import STOP_WORDS

FEWER_WORDS: Final = ("100%", "-1", "50%", "1")
"""How many of the words a match must have where hits come by date or price: the first that finds any.

One match of one word of many would come first otherwise.
"""


def matching(
    terms: Terms, language: str, scoring: Scoring, enough: str | None = None
) -> dict[str, Any]:
    """The `bool` of what must, should and must not be there; without terms, everything matches.

    `enough` is one of `FEWER_WORDS`, where words only choose and do not rank.
    """
    must: list[Condition] = []
    should: list[Condition] = []
    if terms.words and is_small_talk(terms.words, language):
        must.append(_every_word(terms.words, language))
    elif terms.words and enough is not None:
        must.append(_enough_words(terms, language, enough))
    elif terms.words:
        must.append(_some_words(terms, language, scoring))
        should += _neighbours(terms.words, language, scoring)
    must += [phrase(words, language) for words in terms.phrases]
    return {
        "must": must or [{"match_all": {}}],
        "should": should,
        "must_not": [phrase(words, language) for words in terms.excluded],
    }


def _some_words(terms: Terms, language: str, scoring: Scoring) -> Condition:
    """BM25F over all fields, or the whole of a title, or a word that is not finished."""
    text = " ".join(terms.words)
    fields = [f"{language}.{name}^{boost:g}" for name, boost in scoring.fields.items()]
    enough = {"operator": "or", "minimum_should_match": scoring.enough_words}
    whole = {"query": text, "operator": "and", "boost": scoring.whole_title_boost}
    choices: list[Condition] = [
        {"combined_fields": {"query": text, "fields": fields, **enough}},
        {"match": {f"{language}.title.plain": whole}},
    ]
    for item in terms.synonyms:
        meant = {"query": " ".join(item.words), "boost": scoring.synonym_boost}
        choices.append({"combined_fields": {**meant, "fields": fields, **enough}})
    last = terms.words[-1]
    if terms.is_last_prefix and len(last) >= scoring.shortest_beginning:
        title = {"query": last, "operator": "and", "boost": scoring.beginning_boost}
        choices.append({"match": {f"{language}.title.beginnings": title}})
        choices.append(begins(last, language, scoring.beginning_elsewhere))
    return any_of(choices)


def _enough_words(terms: Terms, language: str, enough: str) -> Condition:
    clauses: list[Condition] = []
    for place, word in enumerate(terms.words):
        if is_small_talk([word], language):
            continue
        forms = [word_anywhere(word, language)]
        if terms.is_last_prefix and place == len(terms.words) - 1:
            forms.append(begins(word, language))
        forms += [word_anywhere(other, language) for other in standing_for(terms, place)]
        clauses.append(any_of(forms))
    return {"bool": {"should": clauses, "minimum_should_match": enough}}


def standing_for(terms: Terms, place: int) -> list[str]:
    """The words that editors say mean the same as the one at this place."""
    return [
        word for item in terms.synonyms if item.start <= place < item.end for word in item.words
    ]


def is_small_talk(words: Sequence[str], language: str) -> bool:
    """Whether all are words that queries are without otherwise."""
    return STOP_WORDS.get(language, frozenset()).issuperset(map(fold, words))


def _every_word(words: Sequence[str], language: str) -> Condition:
    """Small words alone: all of them, in whichever fields."""
    everywhere = {
        "query": " ".join(words),
        "type": "cross_fields",
        "operator": "and",
        "analyzer": language,
        "fields": [f"{language}.{name}" for name in TEXT_FIELDS],
    }
    return {"multi_match": everywhere}


def begins(word: str, language: str, boost: float = 1.0) -> Condition:
    """Documents with a word that begins so, all with the same score."""
    return {"prefix": {f"{language}.words": {"value": word.lower(), "boost": boost}}}


def _neighbours(words: Sequence[str], language: str, scoring: Scoring) -> list[Condition]:
    """What documents gain that have neighbours of the query near each other, too.

    Small words fall out first: a pair with one would be the other word alone, counted again, and
    of "flow over a cylinder" the pair that says something is flow and cylinder.
    """
    telling = [word for word in words if not is_small_talk([word], language)]
    found: list[Condition] = []
    for left, right in list(pairwise(telling))[: scoring.most_pairs]:
        for name, boost in scoring.pair_boosts.items():
            near = {"query": f"{left} {right}", "slop": scoring.pair_slop, "boost": boost}
            found.append({"match_phrase": {f"{language}.{name}": near}})
    return found


def phrase(words: Sequence[str], language: str) -> Condition:
    """The words beside each other in any field, small words included."""
    # The index has every word; the analyzer for queries would leave some out.
    exact = {"query": " ".join(words), "analyzer": language}
    return any_of([{"match_phrase": {f"{language}.{name}": exact}} for name in TEXT_FIELDS])


def word_anywhere(word: str, language: str) -> Condition:
    """The word, or another form of it, in any field."""
    return any_of(
        [
            {"match": {f"{language}.{name}": {"query": word, "operator": "and"}}}
            for name in TEXT_FIELDS
        ]
    )


PIN_STEP: Final = 10_000.0
"""What each pinned document has more than the next; no score by words comes near it."""


def ruled(
    query: Condition, request: SearchRequest, within: Sequence[Condition]
) -> Mapping[str, Any]:
    """The query with the documents that editors have pinned to it, without those they hid."""
    if not request.pinned and not request.hidden:
        return query
    pins = [
        {"constant_score": {"filter": {"term": {"id": str(key)}}, "boost": boost}}
        for key, boost in pin_boosts(request).items()
    ]
    hidden = {"terms": {"id": [str(key) for key in request.hidden]}}
    return {
        "bool": {"must": [any_of([query, *pins])], "filter": list(within), "must_not": [hidden]}
    }


def pin_boosts(request: SearchRequest) -> dict[UUID, float]:
    """What each pinned document has on top of its score."""
    count = len(request.pinned)
    return {key: PIN_STEP * (count - place) for place, key in enumerate(request.pinned)}


def scored(query: dict[str, Any], today: str, scoring: Scoring) -> dict[str, Any]:
    """The query with freshness and popularity as bounded factors of its score."""
    functions: list[dict[str, Any]] = [{"weight": 1.0}]
    if today:
        decay = {"origin": today, "scale": scoring.freshness_scale, "decay": 0.5}
        functions.append(
            {
                "filter": {"exists": {"field": "published_at"}},
                "gauss": {"published_at": decay},
                "weight": scoring.freshness,
            }
        )
    popularity = {"field": "popularity", "modifier": "log1p", "missing": 0}
    functions.append({"field_value_factor": popularity, "weight": scoring.popularity})
    return {
        "function_score": {
            "query": query,
            "functions": functions,
            "score_mode": "sum",
            "max_boost": scoring.most_gained,
            "boost_mode": "multiply",
        }
    }
