"""The cache as a whole, before an origin that is told what to say."""

import asyncio
import gzip
from collections.abc import Callable

import brotli
import pytest
import zstandard

from delivery.response_cache import cache as cache_module
from delivery.response_cache import entry as entry_module
from delivery.response_cache.cache import ResponseCache
from delivery.response_cache.messages import Ask, Asker
from tests.delivery.response_cache.conftest import (
    Bench,
    ask,
    page,
    problem,
    run,
    settle,
    status_of,
)

PATH = "/api/v1/content"


def test_the_second_caller_is_answered_from_memory(bench: Bench) -> None:
    async def work() -> None:
        first = await bench.get()
        bench.now += 7
        second = await bench.get()
        assert (first.status, first.body) == (second.status, second.body) == (200, b"one")
        assert status_of(first) == "Galley; fwd=miss; stored"
        assert status_of(second) == "Galley; hit; ttl=53"
        assert dict(second.headers)["age"] == "7"
        assert dict(second.headers)["surrogate-key"] == "d-1"
        assert dict(second.headers)["vary"] == "Accept-Encoding"
        assert "x-request-id" not in dict(second.headers)

    run(work)
    assert bench.origin.asked == [PATH]
    assert bench.counted() == {"hits": 1, "misses": 1, "stored": 1}


def test_what_the_origin_varies_by_stays_beside_the_encoding(bench: Bench) -> None:
    bench.origin.answers[PATH] = page(vary="accept")

    async def work() -> None:
        for _ in range(2):
            assert dict((await bench.get()).headers)["vary"] == "Accept, Accept-Encoding"

    run(work)
    assert bench.origin.asked == [PATH]


def test_the_quick_way_answers_what_was_spelled_just_so(bench: Bench) -> None:
    async def work() -> None:
        alias = ("a spelling",)
        assert bench.cache.recall(alias, "") is None
        await bench.cache.answer(ask(), Asker(), alias)
        await bench.cache.answer(ask(), Asker(), alias)
        reply = bench.cache.recall(alias, "")
        assert reply is not None
        assert (reply.status, reply.body) == (200, b"one")
        assert bench.cache.recall(("another",), "") is None
        held = bench.cache.recall(alias, dict(reply.headers)["etag"])
        assert held is not None
        assert (held.status, held.body) == (304, b"")
        assert "content-length" not in dict(held.headers)
        bench.cache.purge(["d-1"])
        assert bench.cache.recall(alias, "") is None

    run(work)


def test_spellings_are_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MOST_ALIASES", 3)

    async def work() -> None:
        await bench.get()
        for number in range(10):
            await bench.cache.answer(ask(), Asker(), (number,))
        known = [n for n in range(10) if bench.cache.recall((n,), "") is not None]
        assert known == [7, 8, 9]

    run(work)


@pytest.mark.parametrize(
    ("accepts", "encoding", "decode"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("zstd", "zstd", lambda body: zstandard.ZstdDecompressor().decompress(body)),
        ("", None, bytes),
        ("deflate", None, bytes),
    ],
)
@pytest.mark.parametrize("size", [2_000, 90_000])
def test_bodies_are_encoded_as_the_caller_takes_them(
    bench: Bench, accepts: str, encoding: str | None, decode: Callable[[bytes], bytes], size: int
) -> None:
    body = b"0123456789" * (size // 10)
    bench.origin.answers[PATH] = page(body)

    async def work() -> None:
        etags = set()
        for _ in range(2):
            reply = await bench.get(accept_encoding=accepts)
            headers = dict(reply.headers)
            assert headers.get("content-encoding") == encoding
            assert headers["content-length"] == str(len(reply.body))
            assert decode(reply.body) == body
            assert headers["vary"] == "Accept-Encoding"
            etags.add(headers["etag"])
        (etag,) = etags
        again = await bench.get(accept_encoding=accepts, if_none_match=f"W/{etag}")
        assert again.status == 304
        assert dict(again.headers)["etag"] == etag
        other = "gzip" if encoding != "gzip" else "br"
        different = await bench.get(accept_encoding=other, if_none_match=etag)
        assert different.status == 200, "each encoding has a validator of its own"

    run(work)
    assert bench.origin.asked == [PATH]


def test_an_encoding_is_made_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def slow(body: bytes) -> bytes:
        made.append(len(body))
        return gzip.compress(body, mtime=0)

    monkeypatch.setattr(entry_module, "ENCODERS", {"gzip": slow})
    bench.origin.answers[PATH] = page(b"0123456789" * 9000)

    async def work() -> None:
        replies = [bench.get(accept_encoding="gzip") for _ in range(20)]
        assert len({reply.body for reply in await asyncio.gather(*replies)}) == 1

    run(work)
    assert made == [90_000]


def test_a_purge_makes_the_next_answer_new(bench: Bench) -> None:
    async def work() -> None:
        bench.origin.answers = {"/a": page(b"a", "d-1 t-1"), "/b": page(b"b", "d-2")}
        await bench.get("/a")
        await bench.get("/b")
        assert bench.cache.purge(["d-9"]) == 0
        assert bench.cache.purge(["t-1"]) == 1
        bench.origin.answers["/a"] = page(b"A", "d-1")
        assert (await bench.get("/a")).body == b"A"
        assert status_of(await bench.get("/b")).startswith("Galley; hit")

    run(work)


def test_many_callers_cost_the_origin_one_request(bench: Bench) -> None:
    async def work() -> None:
        bench.origin.gate = asyncio.Event()
        waiting = [asyncio.create_task(bench.get()) for _ in range(50)]
        await settle()
        bench.origin.gate.set()
        replies = await asyncio.gather(*waiting)
        assert {reply.body for reply in replies} == {b"one"}
        kinds = [status_of(reply) for reply in replies]
        assert kinds.count("Galley; fwd=miss; stored") == 1
        assert kinds.count("Galley; fwd=miss; collapsed; stored") == 49

    run(work)
    assert bench.origin.asked == [PATH]
    assert bench.counted() == {"coalesced": 49, "misses": 1, "stored": 1}


def test_a_caller_who_leaves_takes_nobody_along(bench: Bench) -> None:
    async def work() -> None:
        bench.origin.gate = asyncio.Event()
        first, second = asyncio.create_task(bench.get()), asyncio.create_task(bench.get())
        await settle()
        first.cancel()
        await settle()
        bench.origin.gate.set()
        assert (await second).body == b"one"

    run(work)
    assert bench.origin.asked == [PATH]


async def read_purge_answer(bench: Bench) -> tuple[bytes, bytes, bytes]:
    """The race: an old state is read, then purged, then arrives.

    Gives what three callers got: before the purge, after it, and after all has landed.
    """
    bench.origin.gate = asyncio.Event()
    early = asyncio.create_task(bench.get())
    await settle()
    bench.origin.answers[PATH] = page(b"two")
    bench.cache.purge(["d-1"])
    late = asyncio.create_task(bench.get())
    await settle()
    bench.origin.gate.set()
    replies = (await early).body, (await late).body
    return (*replies, (await bench.get()).body)


def test_what_was_computed_before_a_purge_is_not_stored_after_it(bench: Bench) -> None:
    assert run(lambda: read_purge_answer(bench)) == (b"one", b"two", b"two")
    assert bench.origin.asked == [PATH, PATH]
    assert bench.cache.counters.outdated == 1


def test_what_was_computed_before_a_purge_is_stored_by_no_cache_in_front(bench: Bench) -> None:
    async def work() -> dict[str, str]:
        bench.origin.gate = asyncio.Event()
        early = asyncio.create_task(bench.get())
        await settle()
        bench.cache.purge(["d-1"])
        bench.origin.gate.set()
        reply = await early
        assert (reply.status, reply.body) == (200, b"one")
        return dict(reply.headers)

    headers = run(work)
    assert headers["cache-control"] == "no-store"
    assert not {"surrogate-key", "cache-tag"} & headers.keys()
    assert "etag" in headers
    after = dict(run(bench.get).headers)
    assert after["cache-control"].startswith("public")


def test_without_the_log_of_purges_an_old_answer_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race's test can fail: without the log, the old answer is kept."""
    monkeypatch.setattr(bench.cache._log, "is_old", lambda *_: False)

    async def work() -> None:
        bench.origin.gate = asyncio.Event()
        early = asyncio.create_task(bench.get())
        await settle()
        bench.origin.answers[PATH] = page(b"two")
        bench.cache.purge(["d-1"])
        bench.origin.gate.set()
        await early
        assert (await bench.get()).body == b"one"

    run(work)


@pytest.mark.parametrize("tags", [["d-2"], []])
def test_a_purge_of_something_else_keeps_nothing_from_being_stored(
    bench: Bench, tags: list[str]
) -> None:
    async def work() -> None:
        bench.origin.gate = asyncio.Event()
        flight = asyncio.create_task(bench.get())
        await settle()
        bench.cache.purge(tags)
        bench.origin.gate.set()
        assert status_of(await flight) == "Galley; fwd=miss; stored"

    run(work)


def test_when_purges_may_have_been_missed_nothing_on_its_way_is_stored(bench: Bench) -> None:
    async def work() -> None:
        await bench.get("/a")
        bench.origin.gate = asyncio.Event()
        flight = asyncio.create_task(bench.get("/b"))
        await settle()
        assert bench.cache.purge_everything() == 1
        bench.origin.gate.set()
        assert status_of(await flight) == "Galley; fwd=miss"
        assert bench.cache.sizes()["entries"] == 0

    run(work)


@pytest.mark.parametrize("status", [400, 404, 405, 500, 503])
def test_errors_are_passed_on_and_not_stored(bench: Bench, status: int) -> None:
    bench.origin.answers[PATH] = problem(status)

    async def work() -> None:
        for _ in range(2):
            reply = await bench.get()
            assert reply.status == status
            assert status_of(reply) == f"Galley; fwd=miss; fwd-status={status}"

    run(work)
    assert bench.origin.asked == [PATH, PATH]
    assert bench.cache.sizes()["entries"] == 0


def test_errors_are_not_shared_either(bench: Bench) -> None:
    """Each names the request that it belongs to."""
    bench.origin.answers[PATH] = problem(404)

    async def work() -> None:
        bench.origin.gate = asyncio.Event()
        waiting = [asyncio.create_task(bench.get()) for _ in range(3)]
        await settle()
        bench.origin.gate.set()
        assert [reply.status for reply in await asyncio.gather(*waiting)] == [404] * 3

    run(work)
    assert len(bench.origin.asked) == 3


def test_an_old_answer_is_sent_while_one_new_is_fetched(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.origin.answers[PATH] = page(b"two")
        bench.now += 61
        replies = [await bench.get() for _ in range(3)]
        assert [reply.body for reply in replies] == [b"one"] * 3
        assert status_of(replies[0]) == "Galley; hit; ttl=-1"
        await settle()
        assert (await bench.get()).body == b"two"

    run(work)
    assert len(bench.origin.asked) == 2


def test_past_the_time_for_that_the_caller_waits(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.origin.answers[PATH] = page(b"two")
        bench.now += 91
        reply = await bench.get()
        assert reply.body == b"two"
        assert status_of(reply) == "Galley; fwd=stale; stored"

    run(work)


def test_what_is_gone_without_a_purge_is_gone_all_the_same(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.origin.answers[PATH] = problem(404)
        bench.now += 91
        assert (await bench.get()).status == 404
        assert bench.cache.sizes()["entries"] == 0

    run(work)


def test_fresh_times_differ_from_entry_to_entry() -> None:
    bench = Bench()

    async def work() -> set[float]:
        for number in range(20):
            await bench.get(f"/{number}")
        entries = [bench.cache._memory.find(ask(f"/{number}").key) for number in range(20)]
        return {entry.fresh_until for entry in entries if entry is not None}

    ends = run(work)
    assert len(ends) == 20
    assert all(1054 <= end <= 1060 for end in ends)


def test_hosts_schemes_paths_and_queries_are_kept_apart(bench: Bench) -> None:
    asks = [
        ask(),
        ask(host="other.example.com"),
        ask("/api/v1/content/x"),
        ask(query="limit=2"),
        Ask("http", "example.com", PATH, ""),
    ]

    async def work() -> None:
        for item in asks * 2:
            await bench.cache.answer(item, Asker())

    run(work)
    assert len(bench.origin.asked) == len(asks)


def test_nothing_is_kept_that_is_larger_than_an_eighth(bench: Bench) -> None:
    cache = ResponseCache(origin=bench.origin, limit_bytes=80_000, trust=bench.trust)
    bench.origin.answers[PATH] = page(b"x" * 9_000)

    async def work() -> None:
        assert status_of(await cache.answer(ask(), Asker())) == "Galley; fwd=miss"

    run(work)
