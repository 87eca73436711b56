"""The store that processes share, on a real Redis that is stopped, hung and flushed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from core.interface import make_async_redis, make_redis
from delivery.response_cache.freshness import storable
from delivery.response_cache.messages import Fetched
from delivery.response_cache.redis_scripts import BEGIN, STORE
from delivery.response_cache.redis_store import Names, RedisBus, RedisStore, purge_with
from delivery.response_cache.shared import Ticket
from tests.delivery.response_cache.conftest import page, run
from tests.redis_process import RedisProcess, own_redis

pytestmark = pytest.mark.redis

KEY = ("https", "example.com", "/api/v1/content", "")
NAMES = Names("tests")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with own_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(autouse=True)
def emptied(server: RedisProcess) -> None:
    server.client().flushall()


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take a tenth of a second over anything; one test is about that limit."""
    if request.node.get_closest_marker("quick_redis") is None:
        monkeypatch.setattr("delivery.response_cache.redis_store.WAIT_SECONDS", 1.0)
        monkeypatch.setattr("core.redis_clients.SOCKET_SECONDS", 1.0)


class Process:
    """What a serving process has of Redis."""

    def __init__(self, server: RedisProcess, limit_bytes: int = 1_000_000) -> None:
        self.client: Any = make_async_redis(server.url)
        self.store = RedisStore(self.client, NAMES, limit_bytes)
        self.store.is_ready = True

    async def ticket(self, key: Any = KEY) -> Ticket:
        ticket = await self.store.begin(key)
        assert ticket is not None
        return ticket

    async def store_now(self, ticket: Ticket, fetched: Fetched, key: Any = KEY) -> None:
        found = storable(fetched)
        assert found is not None
        await self.store._store(key, ticket, fetched, found)

    async def purge(self, *tags: str, event: str = "01") -> None:
        await self.store.purge({event: list(tags)})

    async def body(self, key: Any = KEY) -> bytes | None:
        ticket = await self.ticket(key)
        return ticket.found.fetched.body if ticket.found else None


def with_processes(
    server: RedisProcess, work: Callable[[Process, Process], Awaitable[None]], **options: int
) -> None:
    async def wrapped() -> None:
        one, two = Process(server, **options), Process(server, **options)
        try:
            await work(one, two)
        finally:
            await one.client.aclose()
            await two.client.aclose()

    run(wrapped)


def test_one_process_reads_what_another_has_stored(server: RedisProcess) -> None:
    async def work(one: Process, two: Process) -> None:
        ticket = await one.ticket()
        assert ticket.found is None
        await one.store_now(ticket, page(b"\x00\xffbytes", link="<é>"))
        found = (await two.ticket()).found
        assert found is not None
        assert found.fetched == page(b"\x00\xffbytes", link="<é>")
        assert 0 <= found.age_seconds < 5
        assert await two.body(("https", "other.example.com", *KEY[2:])) is None
        assert 59_000 < await one.client.pttl(NAMES.entry(KEY)) <= 60_000

    with_processes(server, work)


def test_a_purge_voids_what_was_stored(server: RedisProcess) -> None:
    async def work(one: Process, two: Process) -> None:
        await one.store_now(await one.ticket(), page(tags="d-1 t-1"))
        await two.purge("d-2")
        assert await one.body() == b"one"
        await two.purge("t-1", event="02")
        assert await one.body() is None

    with_processes(server, work)


def test_a_host_whose_clock_is_behind_purges_all_the_same(server: RedisProcess) -> None:
    async def work(one: Process, two: Process) -> None:
        await two.purge("t-1", event="09")
        await one.store_now(await one.ticket(), page(tags="d-1 t-1"))
        assert await one.body() == b"one"
        await two.purge("t-1", event="03")
        assert await one.body() is None

    with_processes(server, work)


def test_what_was_computed_before_a_purge_is_refused_after_it(server: RedisProcess) -> None:
    async def work(one: Process, two: Process) -> None:
        early = await one.ticket()
        await two.purge("d-1")
        late = await two.ticket()
        await one.store_now(early, page(b"old"))
        assert await one.body() is None
        await two.store_now(late, page(b"new"))
        await one.store_now(early, page(b"old"))
        assert await one.body() == b"new"

    with_processes(server, work)


def test_without_its_check_redis_would_take_what_is_old(
    server: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail."""
    check = "if is_old(marks, epoch, clock, tags) then return 0 end"
    glance = "or is_old(marks, found[1], found[2], found[3])"
    assert check in STORE
    assert glance in BEGIN
    module = "delivery.response_cache.redis_store"
    monkeypatch.setattr(f"{module}.STORE", STORE.replace(check, ""))
    monkeypatch.setattr(f"{module}.BEGIN", BEGIN.replace(glance, ""))

    async def work(one: Process, two: Process) -> None:
        early = await one.ticket()
        await two.purge("d-1")
        await one.store_now(early, page(b"old"))
        assert await one.body() == b"old"

    with_processes(server, work)


def test_an_event_that_comes_again_purges_nothing_twice(server: RedisProcess) -> None:
    async def work(one: Process, two: Process) -> None:
        await one.purge("d-1", event="0a")
        await one.store_now(await one.ticket(), page(b"new"))
        await two.purge("d-1", event="0a")
        assert await one.body() == b"new"
        await two.purge("d-1", event="0b")
        assert await one.body() is None

    with_processes(server, work)


@pytest.mark.parametrize("what", ["everything", "the marks"])
def test_what_was_there_before_a_flush_is_void_and_so_is_what_was_on_its_way(
    server: RedisProcess, what: str
) -> None:
    async def work(one: Process, two: Process) -> None:
        for number in range(5):
            await one.purge("d-9", event=f"0{number}")
        await one.store_now(await one.ticket(), page(b"stored"))
        on_its_way = await one.ticket()
        if what == "everything":
            server.client().flushall()
        else:  # Redis may evict any key
            server.client().delete(NAMES.marks)
        await two.purge("d-1", event="06")
        await one.store_now(on_its_way, page(b"old"))
        assert await one.body() is None
        await one.store_now(await one.ticket(), page(b"new"))
        assert await two.body() == b"new"

    with_processes(server, work)


def test_bytes_are_bounded(server: RedisProcess) -> None:
    async def work(one: Process, _two: Process) -> None:
        keys = [(*KEY[:3], f"limit={number}") for number in range(30)]
        for key in keys:
            await one.store_now(await one.ticket(key), page(b"x" * 10_000), key)
        kept = [key for key in keys if await one.body(key)]
        assert kept == keys[-len(kept) :], "the oldest go first"
        assert 7 <= len(kept) <= 9
        assert int(await one.client.get(NAMES.bytes)) <= 100_000
        for _ in range(30):
            await one.store_now(await one.ticket(keys[0]), page(b"x" * 10_000), keys[0])
        assert int(await one.client.get(NAMES.bytes)) <= 100_000
        assert await one.client.zcard(NAMES.index) <= 9

    with_processes(server, work, limit_bytes=100_000)


@pytest.mark.quick_redis
@pytest.mark.parametrize("fault", ["stopped", "hung"])
def test_nobody_waits_for_a_redis_that_is_away(server: RedisProcess, fault: str) -> None:
    async def work(one: Process, _two: Process) -> None:
        server.hang() if fault == "hung" else server.stop()
        try:
            times = []
            for _ in range(50):
                begun = time.perf_counter()
                assert await one.store.begin(KEY) is None
                times.append(time.perf_counter() - begun)
        finally:
            server.go_on() if fault == "hung" else server.start()
        assert times[0] < 0.25, "the limit is 0.1 s, on a busy machine"
        assert sum(times[1:]) < 0.05, "after one failure it is left alone"

    with_processes(server, work)


def test_purges_that_redis_did_not_take_are_made_up_for(server: RedisProcess) -> None:
    async def work(one: Process, two: Process) -> None:
        await one.store_now(await one.ticket(), page(b"old"))
        server.hang()
        await one.purge("d-1")
        server.go_on()
        assert await one.store.begin(KEY) is None, "not before it has caught up"
        await one.store.catch_up()
        assert await one.body() is None
        assert await two.body() is None

    with_processes(server, work)


class Listener:
    """A bus with what it has told."""

    def __init__(self, process: Process) -> None:
        self.purged: list[tuple[str, list[str]]] = []
        self.lost = 0
        self.confirmed = 0.0
        self.bus = RedisBus(
            process.client,
            NAMES,
            purge=lambda event, tags: self.purged.append((event, tags)),
            lost_track=self._lose,
            confirm=self._confirm,
            store=process.store,
        )

    def _lose(self) -> None:
        self.lost += 1

    def _confirm(self, at: float) -> None:
        self.confirmed = at

    async def until(self, is_reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(8):
            while not is_reached():  # noqa: ASYNC110 — what is waited for lies in another process
                await asyncio.sleep(0.005)


def with_listener(
    server: RedisProcess, work: Callable[[Process, Listener], Awaitable[None]]
) -> None:
    async def wrapped(one: Process, _two: Process) -> None:
        listener = Listener(one)
        task = asyncio.create_task(listener.bus.listen_forever())
        try:
            await listener.until(lambda: listener.confirmed > 0)
            await work(one, listener)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    with_processes(server, wrapped)


def test_every_process_hears_of_a_purge_within_milliseconds(server: RedisProcess) -> None:
    publisher = make_redis(server.url)

    async def work(_one: Process, listener: Listener) -> None:
        times = []
        for number in range(20):
            begun = time.perf_counter()
            purge_with(publisher, NAMES, f"0{number:02}", ["d-1", "t-1"])
            await listener.until(lambda n=number: len(listener.purged) > n)  # type: ignore[misc]
            times.append(time.perf_counter() - begun)
        assert listener.purged[0] == ("000", ["d-1", "t-1"])
        assert sorted(times)[10] < 0.1
        assert listener.lost == 1

    with_listener(server, work)
    publisher.close()


@pytest.mark.parametrize("fault", ["stopped", "hung"])
def test_silence_is_noticed_and_the_next_connection_begins_anew(
    server: RedisProcess, fault: str
) -> None:
    async def work(one: Process, listener: Listener) -> None:
        server.hang() if fault == "hung" else server.stop()
        gone_at = time.monotonic()
        await asyncio.sleep(1.3)
        confirmed = listener.confirmed
        ready = one.store.is_ready
        server.go_on() if fault == "hung" else server.start()
        assert confirmed <= gone_at
        assert not ready
        await listener.until(lambda: listener.lost == 2 and listener.confirmed > confirmed)
        await listener.until(lambda: one.store.is_ready)
        assert await one.store.begin(KEY) is not None

    with_listener(server, work)
