"""Which answers are kept, for how long, and in which encoding they are sent."""

from typing import Any

import pytest

from delivery.response_cache.encodings import choose_encoding
from delivery.response_cache.freshness import Lifetimes, is_plain_accept, storable
from delivery.response_cache.messages import Fetched
from delivery.response_cache.purge_log import MOST_TAGS, PurgeLog
from tests.delivery.response_cache.conftest import page


def test_a_public_answer_is_kept_for_as_long_as_it_says() -> None:
    found = storable(page(tags="s-1 d-1"))
    assert found is not None
    assert found.lifetimes == Lifetimes(fresh=60, revalidate=30, error=86_400)
    assert found.tags == ("s-1", "d-1")
    past = storable(page(control="public, max-age=31536000, immutable"))
    assert past is not None
    assert past.lifetimes == Lifetimes(fresh=31_536_000, revalidate=0, error=0)


@pytest.mark.parametrize(
    "changes",
    [
        {"control": "private, no-store"},
        {"control": "public, s-maxage=60, no-store"},
        {"control": "public, s-maxage=60, private"},
        {"control": "public, no-cache, s-maxage=60"},
        {"control": "s-maxage=60"},
        {"control": "public"},
        {"control": "public, s-maxage=0, max-age=60"},
        {"control": "public, s-maxage=-1"},
        {"control": "public, s-maxage=x"},
        {"control": ""},
        {"tags": ""},
        {"etag": ""},
        {"etag": 'W/"weak"'},
        {"set_cookie": "a=1"},
        {"content_encoding": "gzip"},
        {"vary": "Cookie"},
        {"vary": "Accept, Origin"},
        {"vary": "*"},
    ],
    ids=str,
)
def test_what_does_not_say_all_of_it_is_not_kept(changes: Any) -> None:
    assert storable(page(**changes)) is None


@pytest.mark.parametrize("status", [201, 204, 206, 301, 304, 400, 404, 500, 503])
def test_only_200_is_kept(status: int) -> None:
    assert storable(Fetched(status, page().headers, b"")) is None


@pytest.mark.parametrize("vary", ["Accept-Encoding", "accept", "Accept, Accept-Encoding"])
def test_what_varies_by_what_is_in_the_key_is_kept(vary: str) -> None:
    assert storable(page(vary=vary)) is not None


@pytest.mark.parametrize(
    ("accept", "is_plain"),
    [
        ("", True),
        ("*/*", True),
        ("application/json", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("Application/JSON; q=0.9", True),
        ("application/*", True),
        ("application/x-ndjson", False),
        ("application/x-ndjson, application/json", False),
        ("APPLICATION/X-NDJSON;q=0.1, */*", False),
        ("text/html", False),
    ],
)
def test_other_forms_than_json_are_left_to_the_origin(accept: str, *, is_plain: bool) -> None:
    assert is_plain_accept(accept) is is_plain


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("zstd, gzip", "zstd"),
        ("BR", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("br;q=0, *", "zstd"),
        ("*;q=0", ""),
        ("*", "br"),
        ("identity", ""),
        ("identity;q=0.5, gzip;q=0.4", ""),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("deflate, compress", ""),
        ("gzip;q=nonsense", ""),
        ("x" * 300, ""),
        (",,gzip,,", "gzip"),
    ],
)
def test_the_encoding_that_the_caller_likes_best(header: str, encoding: str) -> None:
    assert choose_encoding(header) == encoding


class TestPurgeLog:
    def test_it_forgets_when_nothing_runs(self) -> None:
        log = PurgeLog()
        first = log.begin()
        log.add(["d-1"])
        second = log.begin()
        assert log.is_old(first, ["d-1"])
        assert not log.is_old(second, ["d-1"])
        log.end(first)
        log.end(second)
        assert log._purged == {}

    def test_of_two_that_began_at_once_the_other_still_counts(self) -> None:
        log = PurgeLog()
        mark, same = log.begin(), log.begin()
        assert mark == same
        log.end(mark)
        log.add(["d-1"])
        assert log.is_old(same, ["d-1"])
        log.end(same)
        log.add(["d-1"])
        assert not log.is_old(log.begin(), ["d-1"])

    def test_too_many_tags_count_as_all(self) -> None:
        log = PurgeLog()
        mark = log.begin()
        log.add([f"d-{number}" for number in range(MOST_TAGS + 1)])
        assert log.is_old(mark, ["never purged"])
        assert not log.is_old(log.begin(), ["d-1"])
