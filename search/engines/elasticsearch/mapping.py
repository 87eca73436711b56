"""The index as code: its mapping, its settings, and a mark that tells one form from another."""

import hashlib
from typing import Any, Final

import orjson

from search.engines.elasticsearch.languages import LANGUAGES, analysis

TEXT_FIELDS: Final = ("title", "headings", "summary", "body", "labels")
"""Under each language; all have the same analyzers, as BM25F needs it."""

_KEYWORD: Final[dict[str, Any]] = {"type": "keyword", "ignore_above": 1024}
_LABEL: Final[dict[str, Any]] = {
    "properties": {
        "id": {"type": "keyword"},
        "slug": _KEYWORD,
        # All that a facet shows, in one value: nothing has to be looked up for it.
        "shown": _KEYWORD,
    }
}
# How much a word's repetition counts (k1) and how much the length of the text (b). BM25F takes
# them for the whole index, not for each field.
_SIMILARITY: Final = {"default": {"type": "BM25", "k1": 2.0, "b": 0.75}}


def mappings() -> dict[str, Any]:
    """What the engine is told of the fields. Those that it is not told of are kept, not searched."""
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        "type": {"type": "keyword"},
        "locale": {"type": "keyword"},
        "site_id": {"type": "integer"},
        "version": {"type": "long"},
        "sequence": {"type": "long"},
        "digest": {"type": "keyword", "index": False},
        "path": {"type": "keyword", "index": False, "ignore_above": 4096},
        "published_at": {"type": "date"},
        "updated_at": {"type": "date"},
        "price": {"type": "double"},
        "currency": {"type": "keyword"},
        "popularity": {"type": "float"},
        "tags": _LABEL,
        "category": _LABEL,
        "author": _LABEL,
        # For search by meaning. Its length is that of the first vector.
        "embedding": {"type": "dense_vector", "index": True, "similarity": "cosine"},
        **{name: {"properties": _texts(name)} for name in LANGUAGES},
    }
    return {"dynamic": False, "properties": properties}


def _texts(language: str) -> dict[str, Any]:
    text = {"type": "text", "analyzer": language, "search_analyzer": f"{language}_query"}
    fields: dict[str, Any] = {}
    for name in TEXT_FIELDS:
        # With offsets, highlights need not analyse the whole text again.
        fields[name] = text | {"index_options": "offsets", "copy_to": [f"{language}.words"]}
    for name in ("title", "labels"):
        fields[name]["fields"] = {
            "plain": {"type": "text", "analyzer": "plain"},
            "beginnings": {
                "type": "text",
                "analyzer": "beginnings",
                "search_analyzer": "plain",
                "index_options": "docs",
                "norms": False,
            },
        }
    # Every word as it stands: what spelling is corrected by.
    fields["words"] = {"type": "text", "analyzer": "words", "index_options": "docs", "norms": False}
    return fields


def index_settings() -> dict[str, Any]:
    """Replicas are the cluster's matter: none are asked for, and it adds them where it can."""
    return {
        "index": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "refresh_interval": "1s",
            # How long a removal is remembered, so that an older write cannot undo it.
            "gc_deletes": "1h",
            "similarity": _SIMILARITY,
        },
        "analysis": analysis(),
    }


def mapping_mark() -> str:
    """The same for the same mapping and settings, whatever machine computes it."""
    said = orjson.dumps([mappings(), index_settings()], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:12]
