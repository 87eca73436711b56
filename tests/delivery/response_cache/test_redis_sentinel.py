"""The store behind Sentinel, whose master is killed: nobody fails, and purges arrive again."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.interface import make_async_redis, make_redis
from delivery.response_cache.redis_store import Names, RedisBus, RedisStore, purge_with
from tests.delivery.response_cache.conftest import run_within
from tests.redis_sentinel import Group, own_group, until

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.once]

KEY = ("https", "example.com", "/api/v1/content", "")
NAMES = Names("tests")


def test_a_failover_is_an_outage_that_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.response_cache.redis_store.WAIT_SECONDS", 1.0)
    monkeypatch.setattr("core.redis_clients.SOCKET_SECONDS", 1.0)
    with own_group(tmp_path) as group:
        run_within(90, lambda: fail_over(group))


async def fail_over(group: Group) -> None:
    client = make_async_redis(group.url)
    publisher = make_redis(group.url)
    store = RedisStore(client, NAMES, 1_000_000)
    purged: list[str] = []
    lost: list[float] = []
    bus = RedisBus(
        client,
        NAMES,
        purge=lambda event, _tags: purged.append(event),
        lost_track=lambda: lost.append(time.monotonic()),
        confirm=lambda _at: None,
        store=store,
    )
    listening = asyncio.create_task(bus.listen_forever())
    try:
        await reached(lambda: store.is_ready)
        assert await store.begin(KEY) is not None
        purge_with(publisher, NAMES, "01", ["d-1"])
        await reached(lambda: purged == ["01"])

        group.primary.stop()
        while group.sentinels[0].master_port() != group.replica.port:
            # Reads go on: they are told at once that there is nothing, and never fail.
            await store.begin(KEY)
            await asyncio.sleep(0.05)
        await reached(lambda: len(lost) == 2 and store.is_ready)
        await asyncio.to_thread(until, lambda: _purge(publisher))
        await reached(lambda: purged[-1] == "02")
        assert await store.begin(KEY) is not None
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        for item in (client, *client.connection_pool.sentinel_manager.sentinels):
            await item.aclose()
            await item.connection_pool.disconnect()
        for item in (publisher, *publisher.connection_pool.sentinel_manager.sentinels):
            item.close()


def _purge(publisher: object) -> bool:
    purge_with(publisher, NAMES, "02", ["d-1"])
    return True


async def reached(is_reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not is_reached():  # noqa: ASYNC110 — what is waited for lies in another process
            await asyncio.sleep(0.02)
