"""What stands between the web server and Django: the response cache, and a way past it."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Final

import orjson
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from api.interface import defaults_of, request_id_from, unavailable_problem
from core.interface import make_async_redis
from delivery.interface import (
    Ask,
    Asker,
    Headers,
    Names,
    OriginAway,
    RedisBus,
    RedisStore,
    Reply,
    ResponseCache,
    Trust,
    canonical_query,
    forget_sites,
    is_plain_accept,
)
from outbox.interface import LedgerEvent, LedgerFollower
from site_config.purging import add_local_cache, remove_local_cache, tags_of
from site_config.serving.django_threads import STREAM_TYPE, DjangoThreads
from site_config.serving.exchange import Exchange, Request
from site_config.serving.measures import CacheMeasures

logger = logging.getLogger(__name__)

CREDENTIALS: Final = ("authorization", "cookie", "x-api-key")
"""Who sends one of these is somebody: no public answer is read or stored for such a request."""
READS: Final = ("GET", "HEAD")
PUBLIC_PREFIX: Final = "/api/"
_COUNTERS_PATH: Final = "/health/cache"
_ALIVE_PATH: Final = "/health/live"
WAIT_SECONDS: Final = 30.0
"""How long any request waits for a thread of Django's."""
MOST_REMEMBERED: Final = 10_000
MOST_BODY_BYTES: Final = 64 * 1024 * 1024
"""Above every limit on uploads: what is longer, Django refuses by its declared length anyway."""


class Gateway:
    """One for each process. `start` comes first, in the event loop that will serve."""

    def __init__(self) -> None:
        application = WSGIHandler()
        self._django = DjangoThreads(application, settings.SERVING_THREADS)
        # While every thread waits for a database that hangs, the process is alive all the same.
        self._probes = DjangoThreads(application, 1)
        # A reader may take minutes over a stream, and must not keep other readers from a thread.
        self._streams = DjangoThreads(application, settings.SERVING_THREADS)
        self._trust = Trust()
        self._follower = LedgerFollower(self._heard)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._redis = _make_redis_store() if settings.REDIS_URL else None
        self._tasks: set[asyncio.Future[None]] = set()
        self._purged: dict[str, None] = {}
        self.cache = ResponseCache(
            origin=self._django,
            limit_bytes=settings.RESPONSE_CACHE_BYTES,
            trust=self._trust,
            shared=self._redis,
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to listen for purges."""
        self._loop = loop
        add_local_cache(self._purge_soon)
        self._follower.start()
        measures = CacheMeasures(self.cache, has_shared=self._redis is not None)
        self._keep(loop.create_task(measures.publish_forever()))
        if self._redis is not None:
            bus = RedisBus(
                make_async_redis(settings.REDIS_URL),
                Names(settings.REDIS_PREFIX),
                purge=self._purge_from_bus,
                lost_track=self.cache.purge_everything,
                confirm=self._trust.confirm,
                store=self._redis,
            )
            self._keep(loop.create_task(bus.listen_forever()))

    def close(self) -> None:
        """Ends the threads."""
        remove_local_cache(self._purge_soon)
        for task in self._tasks:
            task.cancel()
        self._follower.stop()
        self._django.close()
        self._probes.close()
        self._streams.close()

    async def serve(self, request: Request, exchange: Exchange, alias: object = None) -> None:
        """Answers a request that was not answered from memory at once."""
        headers = dict(request.headers)
        request_id = request_id_from(headers.get("x-request-id"))
        try:
            found = _public_read(request, headers, request_id)
            if request.path == _COUNTERS_PATH:
                await exchange.send_whole(200, *self._numbers())
            elif found is None:
                await self._past_the_cache(request, exchange)
            else:
                reply = await self.cache.answer(*found, alias)
                await send_reply(exchange, reply, request.method, request_id)
        except OriginAway:
            status, problem_headers, body = unavailable_problem(request.path, request_id)
            await exchange.send_whole(status, list(problem_headers.items()), body)

    async def _past_the_cache(self, request: Request, exchange: Exchange) -> None:
        await self._lane(request).serve(
            request, exchange, most_bytes=MOST_BODY_BYTES, wait_seconds=WAIT_SECONDS
        )

    def _lane(self, request: Request) -> DjangoThreads:
        if request.path == _ALIVE_PATH:
            return self._probes
        accept = dict(request.headers).get("accept", "")
        return self._streams if STREAM_TYPE in accept else self._django

    def _numbers(self) -> tuple[Headers, bytes]:
        numbers = {"process": os.getpid(), **self.cache.counters.as_dict(), **self.cache.sizes()}
        headers = [("content-type", "application/json"), ("cache-control", "no-store")]
        return headers, orjson.dumps(numbers)

    def _heard(self, events: Sequence[LedgerEvent] | None, begun: float) -> None:
        """From the follower's thread: what happened in the ledger since its last look."""
        if events is None or events:
            forget_sites()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._apply, events, begun)

    def _apply(self, events: Sequence[LedgerEvent] | None, begun: float) -> None:
        if events is None:
            self.cache.purge_everything()
        elif events:
            by_event = {event.id.hex: tags_of([event]) for event in events}
            for event_id, tags in by_event.items():
                self._purge_once(event_id, tags)
            if self._redis is not None:
                self._keep(asyncio.ensure_future(self._redis.purge(by_event)))
        # With Redis, only proof that its bus is heard makes answers live on.
        if self._redis is None:
            self._trust.confirm(begun)

    def _purge_from_bus(self, event_id: str, tags: list[str]) -> None:
        """From Redis: another process has changed something."""
        forget_sites()
        self._purge_once(event_id, tags)

    def _purge_once(self, event_id: str, tags: list[str]) -> None:
        """An event is heard of from up to three sides; answers made after the first are right."""
        if event_id in self._purged:
            return
        self._purged[event_id] = None
        if len(self._purged) > MOST_REMEMBERED:
            del self._purged[next(iter(self._purged))]
        self.cache.purge(tags)

    def _keep(self, task: "asyncio.Future[None]") -> None:
        """Holds a task while it runs; the loop itself does not."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _purge_soon(self, events: Sequence[LedgerEvent]) -> None:
        """From a thread of this process, which has made the change."""
        if self._loop is not None and not self._loop.is_closed():
            for event in events:
                self._loop.call_soon_threadsafe(self._purge_once, event.id.hex, tags_of([event]))


async def send_reply(exchange: Exchange, reply: Reply, method: str, request_id: str) -> None:
    """Sends what the cache gave, under the id of this very request."""
    headers = [item for item in reply.headers if item[0] != "x-request-id"]
    headers.append(("x-request-id", request_id))
    await exchange.send_whole(reply.status, headers, b"" if method == "HEAD" else reply.body)


def _make_redis_store() -> RedisStore:
    client = make_async_redis(settings.REDIS_URL)
    return RedisStore(client, Names(settings.REDIS_PREFIX), settings.REDIS_RESPONSE_CACHE_BYTES)


def _public_read(
    request: Request, headers: Mapping[str, str], request_id: str
) -> tuple[Ask, Asker] | None:
    """The request as the cache sees it; None when it has to go past it."""
    if request.method not in READS or not request.path.startswith(PUBLIC_PREFIX):
        return None
    if any(name in headers for name in CREDENTIALS) or "content-length" in headers:
        return None
    if not is_plain_accept(headers.get("accept", "")):
        return None
    defaults = defaults_of(request.path)
    query = None if defaults is None else canonical_query(request.query, defaults)
    host = headers.get("host", "").lower()
    if query is None or not host:
        return None
    ask = Ask(_scheme(request, headers), host, request.path, query, request_id)
    return ask, Asker(headers.get("accept-encoding", ""), headers.get("if-none-match", ""))


def _scheme(request: Request, headers: Mapping[str, str]) -> str:
    """As Django sees it: from the proxy's header where the settings say that there is one."""
    if settings.SECURE_PROXY_SSL_HEADER:
        variable, secure = settings.SECURE_PROXY_SSL_HEADER
        name = variable.removeprefix("HTTP_").lower().replace("_", "-")
        given = headers.get(name)
        if given is not None:
            return "https" if given.split(",", 1)[0].strip() == secure else "http"
    return request.scheme
