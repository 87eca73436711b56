"""What others find: an engine as it comes out of the box, and PostgreSQL as its manual has it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import psycopg
from elasticsearch import Elasticsearch
from psycopg import sql

from bench.database import connect
from bench.search_collections import Text
from bench.search_metrics import RECALL_DEPTH

Asked = Mapping[str, Mapping[int, str]]
"""Spelling → number of a query → what is typed."""
Rankings = dict[str, dict[int, list[str]]]
"""Spelling → number of a query → keys of what was found, the best first."""

_INDEX: Final = "galley-bench-plain"
_TABLE: Final = sql.Identifier("galley_bench_plain")


class System(Protocol):
    """Something that finds."""

    @property
    def name(self) -> str:
        """As the table of results has it."""

    def rank(self, texts: Sequence[Text], asked: Asked) -> Rankings:
        """Takes in the texts, then answers each query with at most `RECALL_DEPTH` keys."""


class Answering(Protocol):
    """The answer to one query."""

    def __call__(self, query: str) -> list[str]: ...


def rank_each(asked: Asked, answer: Answering) -> Rankings:
    """Every query of every spelling, one after the other."""
    return {
        spelling: {number: answer(text) for number, text in queries.items()}
        for spelling, queries in asked.items()
    }


@dataclass(frozen=True, slots=True)
class PlainElasticsearch:
    """English analysis and `multi_match`, which scores by the best field: the default."""

    url: str
    name: str = "Elasticsearch, default BM25"

    def rank(self, texts: Sequence[Text], asked: Asked) -> Rankings:
        """Leaves no index behind."""
        with Elasticsearch(self.url, request_timeout=30) as client, _index(client, texts):
            return rank_each(asked, lambda query: _match(client, query))


def _match(client: Elasticsearch, query: str) -> list[str]:
    match = {"query": query, "fields": ["title", "body"], "type": "best_fields"}
    found = client.search(
        index=_INDEX, query={"multi_match": match}, size=RECALL_DEPTH, source=False
    )
    return [hit["_id"] for hit in found["hits"]["hits"]]


@contextmanager
def _index(client: Elasticsearch, texts: Sequence[Text]) -> Iterator[None]:
    english = {"type": "text", "analyzer": "english"}
    client.indices.delete(index=_INDEX, ignore_unavailable=True)
    client.indices.create(
        index=_INDEX,
        settings={"number_of_shards": 1, "number_of_replicas": 0},
        mappings={"properties": {"title": english, "body": english}},
    )
    lines: list[dict[str, Any]] = []
    for text in texts:
        lines += [{"index": {"_id": text.key}}, {"title": text.title, "body": text.body}]
    try:
        client.bulk(index=_INDEX, operations=lines, refresh=True)
        yield
    finally:
        client.indices.delete(index=_INDEX)


@dataclass(frozen=True, slots=True)
class PlainPostgresql:
    """`to_tsvector('english')` and `ts_rank`; all words must be there, or any of them."""

    url: str
    any_word: bool = False

    @property
    def name(self) -> str:
        """As the table of results has it."""
        return f"PostgreSQL full text, {'OR' if self.any_word else 'websearch (AND)'}"

    def rank(self, texts: Sequence[Text], asked: Asked) -> Rankings:
        """Leaves no table behind: it lives as long as the connection."""
        with connect(self.url) as database:
            database.execute(
                sql.SQL("CREATE TEMPORARY TABLE {} (key text, words tsvector)").format(_TABLE)
            )
            insert = sql.SQL("INSERT INTO {} VALUES (%s, {})").format(
                _TABLE,
                sql.SQL("setweight(to_tsvector('english', %s), 'A') || to_tsvector('english', %s)"),
            )
            with database.cursor() as cursor:
                cursor.executemany(insert, [(text.key, text.title, text.body) for text in texts])
            return rank_each(asked, lambda query: self._find(database, query))

    def _find(self, database: "psycopg.Connection[tuple[object, ...]]", query: str) -> list[str]:
        parsed = sql.SQL(
            "replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery"
            if self.any_word
            else "websearch_to_tsquery('english', %s)"
        )
        select = sql.SQL(
            "SELECT key FROM {}, (SELECT {} AS asked) AS query WHERE words @@ asked"
            " ORDER BY ts_rank(words, asked) DESC, key LIMIT {}"
        ).format(_TABLE, parsed, sql.Literal(RECALL_DEPTH))
        return [str(row[0]) for row in database.execute(select, [query])]
