"""Suggestions while somebody types, and documents like another."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from search.engines.elasticsearch.conditions import Condition, any_of
from search.engines.elasticsearch.mapping import TEXT_FIELDS
from search.engines.elasticsearch.spelling import folded
from search.engines.elasticsearch.stored import read_label
from search.engines.protocol import Suggestion

_SUGGESTED_FACETS: Final = {"tags": "tag", "category": "category"}
_MOST_LABELS: Final = 200


def suggesting(text: str, within: Sequence[Condition], language: str, limit: int) -> dict[str, Any]:
    """A search for titles with words that begin so, and for the labels of documents that have one."""
    asked = {"query": text, "operator": "and"}
    title: Condition = {"match": {f"{language}.title.beginnings": asked}}
    first = {"match_phrase_prefix": {f"{language}.title.plain": {"query": text, "boost": 2.0}}}
    label: Condition = {"match": {f"{language}.labels.beginnings": asked}}
    return {
        "size": limit,
        "track_total_hits": False,
        "query": {
            "bool": {"filter": list(within), "must": [any_of([title, label])], "should": [first]}
        },
        "post_filter": title,
        "_source": ["type", "path", f"{language}.title"],
        "aggs": {
            "labels": {
                "filter": label,
                "aggs": {
                    facet: {"terms": {"field": f"{facet}.shown", "size": _MOST_LABELS}}
                    for facet in _SUGGESTED_FACETS
                },
            }
        },
    }


def read_suggestions(
    answer: Mapping[str, Any], text: str, language: str, limit: int
) -> list[Suggestion]:
    """Labels that go on from the text, then titles; no text twice."""
    found: list[Suggestion] = []
    wanted = [folded(word) for word in text.split()]
    for facet, kind in _SUGGESTED_FACETS.items():
        for bucket in answer["aggregations"]["labels"][facet]["buckets"]:
            label = read_label(bucket["key"], bucket["doc_count"])
            if label.id is not None and _goes_on(label.title, wanted):
                found.append(Suggestion(text=label.title, kind=kind, id=label.id))
    # At most half of the room: people look for pages first.
    found = found[: max(1, limit // 2)]
    for hit in answer["hits"]["hits"]:
        source = hit["_source"]
        found.append(
            Suggestion(
                text=source[language]["title"],
                kind="title",
                id=UUID(hit["_id"]),
                type=source["type"],
                path=source["path"],
            )
        )
    unique = {(item.kind, item.text): item for item in found}
    return list(unique.values())[:limit]


def _goes_on(title: str, wanted: Sequence[str]) -> bool:
    words = folded(title).split()
    return all(any(word.startswith(start) for word in words) for start in wanted)


def similar_to(
    index: str, document_id: UUID, within: Sequence[Condition], language: str
) -> dict[str, Any]:
    """A search for documents that share the words by which this one differs from most."""
    like = {
        "fields": [f"{language}.{name}" for name in TEXT_FIELDS],
        "like": [{"_index": index, "_id": str(document_id)}],
        "min_term_freq": 1,
        # A word that only this document has finds no other.
        "min_doc_freq": 2,
        "max_query_terms": 40,
        "min_word_length": 3,
        "minimum_should_match": "10%",
    }
    return {
        "track_total_hits": False,
        "_source": False,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "query": {"bool": {"must": [{"more_like_this": like}], "filter": list(within)}},
    }
