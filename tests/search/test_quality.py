"""What searches find must not get worse: the judged queries, against the numbers on record.

The database engine on Cranfield, of which the even queries are held back from tuning. Who
changes the ranking and improves it writes the new numbers down in `bench/judged/recorded.json`;
`bin/bench search-quality` prints them for every engine.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import pytest
from django.db import transaction

from bench import search_worker
from bench.database import BenchError
from bench.search_collections import JUDGED, Collection, Half, Spelling, load_cranfield
from bench.search_metrics import quality_of
from search.engines.database.engine import DATABASE_ENGINE
from search.engines.database.vocabulary import Group

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

_SLACK: Final = 0.002
"""Two databases may order equal scores differently; a worse ranking loses more than this."""
_EVERY: Final = 3
"""Each third query of a half is asked: enough to notice, in seconds."""


@pytest.fixture(scope="module")
def cranfield(django_db_setup: None, django_db_blocker: Any) -> Iterator[Collection]:
    try:
        found = load_cranfield()
    except BenchError as error:
        pytest.skip(str(error))
    with django_db_blocker.unblock(), transaction.atomic():
        search_worker.index(DATABASE_ENGINE, [asdict(text) for text in found.texts])
        yield found
        transaction.set_rollback(True)


def measured(cranfield: Collection) -> dict[str, dict[str, float]]:
    """nDCG@10 by spelling and half, and how many found nothing."""
    chosen = [query for query in cranfield.queries if query.number % (2 * _EVERY) in {1, 2}]
    asked = {
        spelling.value: {query.number: query.typed(spelling) for query in chosen}
        for spelling in Spelling
    }
    texts = [asdict(text) for text in cranfield.texts]
    rankings = search_worker.rank(DATABASE_ENGINE, {"texts": texts, "asked": asked})
    found: dict[str, dict[str, float]] = {}
    for spelling, listed in rankings.items():
        ranked = {int(number): keys for number, keys in listed.items()}
        for half in (Half.ODD, Half.HELD):
            judged = {query.number: query.grades for query in chosen if half.has(query.number)}
            quality = quality_of(ranked, judged)
            found.setdefault(spelling, {})[half.name.lower()] = round(quality.ndcg, 4)
            assert quality.empty == 0
    return found


def worse(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What lies below the record."""
    recorded = json.loads((JUDGED / "recorded.json").read_text())["cranfield"]["database"]
    return [
        f"{spelling}, {half}: {found[spelling][half]} is below {number}"
        for spelling, halves in recorded.items()
        for half, number in halves.items()
        if found[spelling][half] < number - _SLACK
    ]


def test_searches_find_as_much_as_on_record(cranfield: Collection) -> None:
    found = measured(cranfield)
    assert worse(found) == [], found


def test_words_that_all_weigh_the_same_are_noticed(
    cranfield: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Group, "weight", lambda *_: 1.0)
    assert len(worse(measured(cranfield))) == 4
