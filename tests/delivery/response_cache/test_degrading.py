"""What callers get while the origin, or word of purges, is away."""

import asyncio

import pytest

from delivery.response_cache import cache as cache_module
from delivery.response_cache.messages import OriginAway
from tests.delivery.response_cache.conftest import Bench, page, problem, run, status_of

PATH = "/api/v1/content"


def test_an_old_answer_stands_in_and_says_so(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        for answer, marked in (
            (problem(503), "Galley; fwd=stale; fwd-status=503"),
            (problem(500), "Galley; fwd=stale; fwd-status=500"),
            (None, "Galley; fwd=stale; detail=origin-away"),
        ):
            bench.now += 3600
            bench.origin.answers[PATH] = answer
            reply = await bench.get()
            assert (reply.status, reply.body) == (200, b"one")
            assert status_of(reply) == marked
            assert int(dict(reply.headers)["age"]) >= 3600

    run(work)


def test_only_one_in_a_second_asks_again(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.now += 3600
        bench.origin.answers[PATH] = None
        for _ in range(10):
            await bench.get()
        assert len(bench.origin.asked) == 2
        bench.now += 1.1
        bench.origin.answers[PATH] = page(b"two")
        assert (await bench.get()).body == b"two"

    run(work)


def test_a_slow_origin_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "STAND_IN_SECONDS", 0.02)

    async def work() -> None:
        await bench.get()
        bench.now += 3600
        bench.origin.gate = asyncio.Event()
        reply = await bench.get()
        assert reply.body == b"one"
        assert status_of(reply) == "Galley; fwd=stale; detail=origin-away"
        bench.origin.gate.set()

    run(work)


def test_what_is_not_stored_cannot_stand_in(bench: Bench) -> None:
    bench.origin.answers[PATH] = None

    async def work() -> None:
        with pytest.raises(OriginAway):
            await bench.get()

    run(work)


def test_nor_can_what_was_purged(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.origin.answers[PATH] = None
        bench.cache.purge(["d-1"])
        with pytest.raises(OriginAway):
            await bench.get()

    run(work)


def test_nor_what_is_purged_while_the_caller_waits(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.now += 3600
        bench.origin.gate = asyncio.Event()
        bench.origin.answers[PATH] = None
        waiting = asyncio.create_task(bench.get())
        await asyncio.sleep(0.01)
        bench.cache.purge(["d-1"])
        bench.origin.gate.set()
        with pytest.raises(OriginAway):
            await waiting

    run(work)


def test_nor_what_is_older_than_it_may_be(bench: Bench) -> None:
    async def work() -> None:
        await bench.get()
        bench.origin.answers[PATH] = problem(503)
        bench.now += 60 + 86_400
        assert (await bench.get()).status == 503

    run(work)


def test_a_failure_of_one_address_leaves_the_others_alone(bench: Bench) -> None:
    async def work() -> None:
        await bench.get("/a")
        bench.now += 95
        bench.origin.answers = {"/b": problem(500), "/a": page(b"two")}
        assert (await bench.get("/b")).status == 500
        assert (await bench.get("/a")).body == b"two"

    run(work)


def test_without_proof_of_purges_an_answer_lives_two_seconds(bench: Bench) -> None:
    bench.trust.until = 0.0

    async def work() -> None:
        await bench.get()
        bench.now += 1.9
        assert status_of(await bench.get()).startswith("Galley; hit")
        bench.now += 0.2
        bench.origin.answers[PATH] = page(b"two")
        assert (await bench.get()).body == b"two"

    run(work)
    assert len(bench.origin.asked) == 2


def test_proof_covers_two_seconds_more(bench: Bench) -> None:
    bench.trust.until = 0.0
    bench.trust.confirm(bench.now + 10)

    async def work() -> None:
        await bench.get()
        bench.now += 11.9
        assert status_of(await bench.get()).startswith("Galley; hit")
        bench.now += 0.2
        assert status_of(await bench.get()) == "Galley; fwd=stale; stored"

    run(work)
