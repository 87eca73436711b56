"""What searches find must not get worse: the judged queries, against the numbers on record.

Both engines, on Cranfield and on the blog; of each the even queries are held back from tuning.
Who changes the ranking and improves it writes the new numbers down in `bench/judged/recorded.json`;
`bin/bench search-quality` prints them for every query.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import pytest
from django.db import transaction

from bench import search_worker
from bench.database import BenchError
from bench.search_collections import (
    JUDGED,
    Collection,
    Half,
    Query,
    Spelling,
    load_cranfield,
    load_rust_blog,
)
from bench.search_metrics import Quality, quality_of
from search.engines.database.engine import DATABASE_ENGINE
from search.engines.database.vocabulary import Group
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.scoring import SCORING
from search.engines.protocol import Engine
from tests.search.cluster import shared_engine

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

_SLACK: Final = 0.002
"""Two databases may order equal scores differently; a worse ranking loses more than this."""
_EVERY: Final = {"database": 3, "elasticsearch": 1}
"""Of the database each third query of a half is asked: enough to notice, in seconds. The cluster is
asked all of them: it answers sooner."""
_COLLECTIONS: Final[Mapping[str, Callable[[], Collection]]] = {
    "cranfield": load_cranfield,
    "rust_blog": load_rust_blog,
}
_ON_THE_CLUSTER: Final = (pytest.mark.elasticsearch, pytest.mark.once)


Found = dict[str, dict[str, Quality]]
"""By spelling and half."""


@dataclass(frozen=True)
class Judged:
    """A collection that an engine has indexed."""

    name: str
    collection: Collection = field(repr=False)
    engine: Engine

    def queries(self) -> list[Query]:
        every = 2 * _EVERY[self.engine.name]
        return [item for item in self.collection.queries if item.number % every in {1, 2 % every}]

    def measure(self, spellings: Sequence[Spelling] = tuple(Spelling)) -> Found:
        """The means by spelling and half."""
        chosen = self.queries()
        asked = {item.value: {q.number: q.typed(item) for q in chosen} for item in spellings}
        texts = [asdict(text) for text in self.collection.texts]
        rankings = search_worker.rank(self.engine, {"texts": texts, "asked": asked})
        found: Found = {}
        for spelling, listed in rankings.items():
            ranked = {int(number): keys for number, keys in listed.items()}
            for half in (Half.ODD, Half.HELD):
                judged = {query.number: query.grades for query in chosen if half.has(query.number)}
                found.setdefault(spelling, {})[half.name.lower()] = quality_of(ranked, judged)
        return found

    def worse(self, found: Found) -> list[str]:
        """What lies below the record."""
        recorded = json.loads((JUDGED / "recorded.json").read_text())
        return [
            f"{spelling}, {half}: {quality.ndcg:.4f} is below {wanted}"
            for spelling, halves in found.items()
            for half, quality in halves.items()
            if quality.ndcg
            < (wanted := recorded[self.name][self.engine.name][spelling][half]) - _SLACK
        ]


@contextmanager
def _engine(request: pytest.FixtureRequest, name: str) -> Iterator[Engine]:
    if name == "database":
        yield DATABASE_ENGINE
        return
    with shared_engine(request.getfixturevalue("elasticsearch_url")) as engine:
        yield engine


@pytest.fixture(
    scope="module",
    params=[
        ("database", "cranfield"),
        ("database", "rust_blog"),
        pytest.param(("elasticsearch", "cranfield"), marks=_ON_THE_CLUSTER),
        pytest.param(("elasticsearch", "rust_blog"), marks=_ON_THE_CLUSTER),
    ],
    ids="-".join,
)
def judged(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Judged]:
    engine_name, name = request.param
    try:
        collection = _COLLECTIONS[name]()
    except BenchError as error:
        pytest.skip(str(error))
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        _engine(request, engine_name) as engine,
    ):
        search_worker.index(engine, [asdict(text) for text in collection.texts])
        yield Judged(name, collection, engine)
        transaction.set_rollback(True)


def test_searches_find_as_much_as_on_record(judged: Judged) -> None:
    found = judged.measure()
    assert judged.worse(found) == [], found
    assert not any(quality.empty for halves in found.values() for quality in halves.values())


def test_a_worse_ranking_is_noticed(judged: Judged, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(judged.engine, ElasticsearchEngine):
        strict = replace(SCORING, enough_words="100%", whole_title_boost=0.0)
        monkeypatch.setattr(judged.engine, "_scoring", strict)
    else:
        # The commoner a word, the more it counts.
        monkeypatch.setattr(Group, "weight", lambda group, _documents: float(group.documents))
    assert len(judged.worse(judged.measure([Spelling.CLEAN]))) == len(("odd", "held"))
