"""The store in a real cluster: shared, purged and heard as with one server, also after an outage."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.interface import REDIS_FAULTS, make_async_redis, make_redis
from delivery.response_cache.entry import Key
from delivery.response_cache.freshness import storable
from delivery.response_cache.messages import Fetched
from delivery.response_cache.redis_store import Names, RedisBus, RedisStore, purge_many_with
from tests.delivery.response_cache.conftest import page, run_within
from tests.redis_cluster import Cluster, own_cluster

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.once]

KEY = ("https", "example.com", "/api/v1/content", "")
NAMES = Names("tests")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with own_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.response_cache.redis_store.WAIT_SECONDS", 2.0)
    monkeypatch.setattr("core.redis_clients.SOCKET_SECONDS", 2.0)


class Process:
    """What a serving process has of the cluster."""

    def __init__(self, url: str) -> None:
        self.client: Any = make_async_redis(url)
        self.store = RedisStore(self.client, NAMES, 1_000_000)
        self.heard: list[str] = []
        self.times_lost = 0
        self.bus = RedisBus(
            self.client,
            NAMES,
            purge=lambda event, _tags: self.heard.append(event),
            lost_track=self._lose_track,
            confirm=lambda _at: None,
            store=self.store,
        )

    def _lose_track(self) -> None:
        self.times_lost += 1

    async def body(self, key: Key = KEY) -> bytes | None:
        ticket = await self.store.begin(key)
        assert ticket is not None
        return ticket.found.fetched.body if ticket.found else None

    async def keep(self, fetched: Fetched) -> None:
        ticket, found = await self.store.begin(KEY), storable(fetched)
        assert ticket is not None
        assert found is not None
        await self.store._store(KEY, ticket, fetched, found)


@asynccontextmanager
async def listening(*processes: Process) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(item.bus.listen_forever()) for item in processes]
    try:
        await reached(lambda: all(item.store.is_ready for item in processes))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for item in processes:
            await item.client.aclose()


async def reached(is_reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_reached():  # noqa: ASYNC110 — what is waited for lies in another process
            await asyncio.sleep(0.02)


def within(work: Callable[[], Awaitable[None]]) -> None:
    run_within(120, work)


def test_processes_share_answers_and_hear_of_purges(cluster: Cluster) -> None:
    one, two = Process(cluster.url), Process(cluster.url)
    publisher = make_redis(cluster.url)

    async def work() -> None:
        async with listening(one, two):
            await one.keep(page(b"first", tags="d-1"))
            assert await two.body() == b"first"

            events = {"01": ["d-2"], "02": ["d-1", "d-3"]}
            await asyncio.to_thread(purge_many_with, publisher, NAMES, events)

            await reached(lambda: one.heard == two.heard == ["01", "02"])
            assert await two.body() is None
            await two.store.purge({"03": ["d-9"]})
            await reached(lambda: one.heard[2:] == ["03"])

    within(work)
    publisher.close()


def test_an_outage_of_the_node_that_has_the_answers_ends_by_itself(cluster: Cluster) -> None:
    process = Process(cluster.url)
    owner = cluster.owner(NAMES.marks)

    async def work() -> None:
        async with listening(process):
            await process.keep(page(b"before", tags="d-1"))
            owner.hang()
            await reached(lambda: not process.store.is_ready)
            assert await process.store.begin(KEY) is None
            owner.go_on()
            await reached(lambda: process.store.is_ready and process.times_lost == 2)
            while await process.store.begin(KEY) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    within(work)


def test_a_node_addressed_as_one_server_is_named_in_the_log(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    other = next(item for item in cluster.nodes if item is not cluster.owner(NAMES.marks))
    process = Process(other.url)

    async def work() -> None:
        process.store.is_ready = True
        assert await process.store.begin(KEY) is None
        await process.client.aclose()

    with caplog.at_level(logging.WARNING):
        within(work)
    assert "write redis+cluster://host:port" in caplog.text


def test_a_cluster_that_is_away_is_a_fault_as_any_other() -> None:
    address = "redis+cluster://127.0.0.1:1"
    with pytest.raises(REDIS_FAULTS):
        make_redis(address)

    async def work() -> None:
        process = Process(address)
        process.store.is_ready = True
        assert await process.store.begin(KEY) is None
        await process.client.aclose()

    within(work)
    for wrong in ("redis+cluster://", "redis+cluster://host:6379/2"):
        with pytest.raises(ValueError, match="without a database"):
            make_redis(wrong)
