"""Stored answers in Redis, for all processes; and the bus by which they hear of purges."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import blake2b, sha1
from typing import Any, Final

import orjson
from redis import RedisCluster
from redis.exceptions import NoScriptError

from core.interface import REDIS_FAULTS, describe_redis_fault
from delivery.response_cache.entry import Key
from delivery.response_cache.freshness import Storable
from delivery.response_cache.messages import Fetched
from delivery.response_cache.redis_scripts import BEGIN, PURGE, STORE
from delivery.response_cache.shared import SharedAnswer, Ticket

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 0.1
"""No request waits longer for Redis."""
REST_SECONDS: Final = 1.0
"""How long Redis is left alone after it failed."""
BEAT_SECONDS: Final = 0.5
LONGEST_LIFE_SECONDS: Final = 3600
MOST_MARKS: Final = 100_000
MOST_MISSED: Final = 1000
_FAULTS: Final = (*REDIS_FAULTS, TimeoutError)


class Names:
    """The keys, all in one slot of a cluster, so that one script may touch them."""

    def __init__(self, prefix: str) -> None:
        base = f"{{{prefix}:answers}}"
        self.marks = f"{base}:marks"
        self.index = f"{base}:index"
        self.sizes = f"{base}:sizes"
        self.bytes = f"{base}:bytes"
        self.channel = f"{base}:purges"
        self._entry = f"{base}:entry:"

    def entry(self, key: Key) -> str:
        """Where an answer stands."""
        return self._entry + blake2b("\n".join(key).encode(), digest_size=20).hexdigest()

    def purge_arguments(self, event_id: str, tags: Sequence[str]) -> tuple[Any, ...]:
        """What the script `PURGE` is called with, from its count of keys on."""
        return (1, self.marks, self.channel, new_epoch(), event_id, MOST_MARKS, *tags)


def new_epoch() -> str:
    """A name that no epoch had before."""
    return secrets.token_hex(8)


def purge_with(client: Any, names: Names, event_id: str, tags: Sequence[str]) -> None:
    """Purges in Redis by a synchronous client, and tells all processes.

    Again for the same event, it changes nothing. Raises what the client raises.
    """
    for start in range(0, len(tags), 1000):
        client.eval(PURGE, *names.purge_arguments(event_id, tags[start : start + 1000]))


def purge_many_with(client: Any, names: Names, events: Mapping[str, Sequence[str]]) -> None:
    """The same for the tags of several events by their ids: in one trip, if it is no cluster."""
    if isinstance(client, RedisCluster):
        for event_id, tags in events.items():
            purge_with(client, names, event_id, tags)
        return
    with client.pipeline(transaction=False) as trip:
        for event_id, tags in events.items():
            purge_with(trip, names, event_id, tags)
        trip.execute()


class RedisStore:
    """Never raises, never keeps anyone waiting: while Redis is away, it says so at once."""

    def __init__(self, client: Any, names: Names, limit_bytes: int) -> None:
        self._client = client
        self._names = names
        self._limit = limit_bytes
        self._away_until = 0.0
        self._missed: dict[str, list[str]] = {}
        self._offers: set[asyncio.Task[None]] = set()
        self.is_ready = False
        """Set while the bus is heard: what is stored is not read by those who may miss a purge."""

    async def begin(self, key: Key) -> Ticket | None:
        names = self._names
        found = await self._call(BEGIN, 2, names.marks, names.entry(key), new_epoch())
        if found is None:
            return None
        state = b":".join(_bytes(item) for item in found[:3]).decode()
        if len(found) <= 3:  # noqa: PLR2004 — epoch, clock, time
            return Ticket(None, state)
        age_ms, head, body = found[3:]
        content = orjson.loads(head)
        headers = [(name, value) for name, value in content["headers"]]
        answer = SharedAnswer(Fetched(content["status"], headers, body), int(age_ms) / 1000)
        return Ticket(answer, state)

    def offer(self, key: Key, ticket: Ticket, fetched: Fetched, found: Storable) -> None:
        task = asyncio.get_running_loop().create_task(self._store(key, ticket, fetched, found))
        self._offers.add(task)
        task.add_done_callback(self._offers.discard)

    async def purge(self, events: Mapping[str, list[str]]) -> None:
        """Purges the tags of these events; what fails is made up for before the next use."""
        for event_id, tags in events.items():
            for start in range(0, len(tags), 1000):
                part = tags[start : start + 1000]
                done = await self._call(PURGE, *self._names.purge_arguments(event_id, part))
                if done is None:
                    self._missed[event_id] = tags
                    self.is_ready = False

    async def catch_up(self) -> None:
        """Makes up for purges that failed, then is ready again.

        Raises:
            TimeoutError: Redis is away still.
        """
        self._away_until = 0.0
        if len(self._missed) > MOST_MISSED:
            await self._command(lambda: self._client.delete(self._names.marks))
            self._missed.clear()
        missed, self._missed = self._missed, {}
        self.is_ready = True
        await self.purge(missed)
        if self._missed:
            raise TimeoutError("Redis does not take purges.")

    async def _store(self, key: Key, ticket: Ticket, fetched: Fetched, found: Storable) -> None:
        epoch, clock, at = ticket.state.split(":")
        head = orjson.dumps({"status": fetched.status, "headers": fetched.headers})
        life_ms = min(found.lifetimes.fresh, LONGEST_LIFE_SECONDS) * 1000
        names = self._names
        keys = (names.marks, names.index, names.sizes, names.bytes, names.entry(key))
        tags = " ".join(found.tags)
        await self._call(
            STORE,
            *(len(keys), *keys),
            *(epoch, clock, at, tags, head, fetched.body, life_ms, self._limit),
        )

    async def _call(self, script: str, *arguments: Any) -> Any:
        if not self.is_ready or time.monotonic() < self._away_until:
            return None
        try:
            return await self._command(lambda: self._evaluate(script, *arguments))
        except _FAULTS as error:
            self._away_until = time.monotonic() + REST_SECONDS
            logger.warning("Redis is left alone for a second: %s", describe_redis_fault(error))
            return None

    async def _evaluate(self, script: str, *arguments: Any) -> Any:
        try:
            return await self._client.evalsha(_digest(script), *arguments)
        except NoScriptError:
            # Redis keeps it from then on; of a cluster, the node that has the keys.
            return await self._client.eval(script, *arguments)

    async def _command(self, command: Callable[[], Any]) -> Any:
        async with asyncio.timeout(WAIT_SECONDS):
            return await command()


class RedisBus:
    """Hears of purges, and proves twice a second that it still would."""

    def __init__(
        self,
        client: Any,
        names: Names,
        *,
        purge: Callable[[str, list[str]], object],
        lost_track: Callable[[], object],
        confirm: Callable[[float], object],
        store: RedisStore,
    ) -> None:
        self._client = client
        self._channel = names.channel
        self._purge = purge
        self._lost_track = lost_track
        self._confirm = confirm
        self._store = store

    async def listen_forever(self) -> None:
        """Until it is cancelled. Each new connection begins with forgetting everything."""
        while True:
            try:
                await self._listen()
            except _FAULTS as error:
                logger.warning("Purges are not heard: %s", describe_redis_fault(error))
            except Exception:  # whatever it is, who no longer listens would never be trusted again
                logger.exception("Purges are not heard.")
            self._store.is_ready = False
            # Not all processes at once.
            await asyncio.sleep(random.uniform(0.3, 0.8))  # noqa: S311 — guards nothing

    async def _listen(self) -> None:
        async with asyncio.timeout(1):
            await self._client.initialize()  # a cluster's does not know yet which nodes there are
        pubsub = self._client.pubsub()
        try:
            async with asyncio.timeout(1):
                await pubsub.subscribe(self._channel)
                await self._read_until(pubsub, "subscribe")
            self._lost_track()
            await self._store.catch_up()
            while True:
                begun = time.monotonic()
                async with asyncio.timeout(BEAT_SECONDS):
                    await pubsub.ping()
                    await self._read_until(pubsub, "pong")
                self._confirm(begun)
                await self._read_for(pubsub, begun + BEAT_SECONDS - time.monotonic())
                if not self._store.is_ready:
                    await self._store.catch_up()
        finally:
            await pubsub.aclose()

    async def _read_until(self, pubsub: Any, kind: str) -> None:
        while True:
            message = await pubsub.get_message(timeout=BEAT_SECONDS)
            if message is not None and message["type"] == kind:
                return
            self._take(message)

    async def _read_for(self, pubsub: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take(await pubsub.get_message(timeout=left))

    def _take(self, message: Mapping[str, Any] | None) -> None:
        if message is not None and message["type"] == "message":
            event_id, *tags = _bytes(message["data"]).decode().split()
            self._purge(event_id, tags)


@cache
def _digest(script: str) -> str:
    """By what name Redis knows a script."""
    return sha1(script.encode(), usedforsecurity=False).hexdigest()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
