"""Indexes a collection with the product's engine and asks it. Started by `bench.search_ours`.

It reads `{"texts": [...], "asked": {...}}` from its input and prints what each query found.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid5

import django

django.setup()

from django.db import transaction  # noqa: E402 - needs the settings

from bench.search_metrics import RECALL_DEPTH  # noqa: E402
from search.engines.elasticsearch.engine import ElasticsearchEngine  # noqa: E402
from search.engines.protocol import Engine  # noqa: E402
from search.engines.registry import answering_engine  # noqa: E402
from search.entries import SearchEntry  # noqa: E402
from search.query import MOST_WORDS, SearchRequest, read_terms  # noqa: E402

SITE: Final = 1
LOCALE: Final = "en"
_BATCH: Final = 100
_NAMESPACE: Final = UUID("5f1c1c5e-6f43-5a3b-9d0a-6d6b2b0f3c11")


def entry_of(text: dict[str, Any]) -> SearchEntry:
    """A text of a collection as a post."""
    return SearchEntry(
        id=uuid5(_NAMESPACE, text["key"]),
        type="blog-posts",
        locale=LOCALE,
        site_id=SITE,
        version=1,
        sequence=1,
        slug=text["key"],
        path=f"/{text['key']}/",
        title=text["title"],
        summary=text["summary"],
        headings=tuple(text["headings"]),
        body=text["body"],
    )


def index(engine: Engine, texts: list[dict[str, Any]]) -> None:
    """All texts, in batches as the ledger's step has them."""
    entries: Iterator[SearchEntry] = map(entry_of, texts)
    while batch := list(islice(entries, _BATCH)):
        with transaction.atomic():
            engine.apply(batch, ())


def request_for(query: str) -> SearchRequest:
    """As the API reads it, but for the words beyond those that it takes at most."""
    words = " ".join(query.split()[:MOST_WORDS])
    return SearchRequest(
        site_id=SITE,
        locale=LOCALE,
        terms=read_terms(words),
        limit=RECALL_DEPTH,
        wants_highlights=False,
    )


def rank(engine: Engine, told: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """What each query finds."""
    keys = {uuid5(_NAMESPACE, text["key"]): text["key"] for text in told["texts"]}
    return {
        spelling: {
            number: [keys[hit.id] for hit in engine.search(request_for(query)).hits]
            for number, query in queries.items()
        }
        for spelling, queries in told["asked"].items()
    }


def run(engine: Engine, told: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Indexes and asks; on a cluster in an index of its own, which is gone afterwards."""
    if not isinstance(engine, ElasticsearchEngine):
        index(engine, told["texts"])
        return rank(engine, told)
    name = f"{engine.indexes.live}-bench"
    engine.indexes.make(name)
    try:
        engine.indexes.switch(name)
        index(engine, told["texts"])
        engine.indexes.refresh(name)
        return rank(engine, told)
    finally:
        engine.indexes.delete(name)


if __name__ == "__main__":
    print(json.dumps(run(answering_engine(), json.load(sys.stdin))))
