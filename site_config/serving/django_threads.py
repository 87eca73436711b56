"""Django behind an event loop: its synchronous handler, in a few threads that stay.

Each thread keeps its database connection. Django's own ASGI handler would hand each request to
a thread and back several times, and opens a connection anew for most: four to seven times the
CPU of a WSGI server (docs/performance.md).
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final

from api.interface import NO_THREAD_HELD
from delivery.interface import Ask, Fetched, Headers, OriginAway
from site_config.serving.exchange import CallerGone, Exchange, Request, wsgi_environ
from site_config.serving.public_reads import PublicReads

logger = logging.getLogger(__name__)

SEND_SECONDS: Final = 60
"""How long a caller may take over one part of a long answer."""
STREAM_TYPE: Final = "application/x-ndjson"
"""An answer of this kind is made batch by batch, each by itself and in whatever thread is free."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True, eq=False)
class _Job:
    """What a thread is to do, and who waits for it.

    Both sides may want the job at the same moment, the thread to begin it and the caller to give
    it up: `right` goes to the one who takes it first, since taking from a list is one step.
    """

    work: Callable[[], Any]
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    right: list[bool]

    def take(self) -> bool:
        """Whether the job is the caller's of this method."""
        try:
            return self.right.pop()
        except IndexError:
            return False

    def run(self) -> None:
        """In a thread."""
        result, failure = None, None
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001 — it is raised again, where it is waited for
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(self.settle, result, failure)

    def settle(self, result: Any, failure: BaseException | None) -> None:
        """In the loop. Whoever waited may have given up meanwhile."""
        if self.future.done():
            if isinstance(result, _Batches):
                _close(result.response)
            return
        if failure is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(failure)

    def give_up_waiting(self) -> None:
        """In the loop: no thread has begun it in time."""
        if self.take():
            self.settle(None, OriginAway())

    def give_up(self) -> None:
        """In the loop: it was not done in time. A thread that has begun is left to end."""
        self.take()
        self.settle(None, OriginAway())


class DjangoThreads:
    """Runs requests in threads, as many at a time as there are; the others wait their turn.

    A pool of the standard library's behind `run_in_executor`, with time-outs and a semaphore
    around it, took 0.4 ms of CPU for each request, as much as Django; this takes a tenth.
    """

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._reads = PublicReads()
        self._threads = threads
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._is_started = False

    async def fetch(self, ask: Ask, *, seconds: float) -> Fetched:
        """The answer to a public GET, which carries nothing but what `ask` says.

        A thread that is late is left to end by itself.

        Raises:
            OriginAway: no thread was free, or none answered, within `seconds`.
        """
        request = Request(
            method="GET",
            scheme=ask.scheme,
            path=ask.path,
            query=ask.query,
            http_version="1.1",
            client="127.0.0.1:0",
            server="127.0.0.1:80",
            headers=[("host", ask.host), ("x-request-id", ask.request_id)],
        )
        job = self._hand_over(lambda: self._reads.fetch(request))
        return await self._wait(job, seconds, job.give_up)

    async def serve(
        self, request: Request, exchange: Exchange, *, most_bytes: int, wait_seconds: float
    ) -> None:
        """Answers any request.

        Raises:
            OriginAway: no thread was free within `wait_seconds`.
        """
        body = None
        if dict(request.headers).get("content-length", "0") != "0":
            body = await exchange.read_body(most_bytes)
        environ = wsgi_environ(request, body) | {NO_THREAD_HELD: True}
        loop = asyncio.get_running_loop()
        job = self._hand_over(lambda: self._send(environ, exchange, loop))
        try:
            found = await self._wait(job, wait_seconds, job.give_up_waiting)
        finally:
            if body is not None:
                body.close()
        if isinstance(found, _Batches):
            await self._pass_on(found, exchange)
        elif found is not None:
            await exchange.send_whole(found.status, found.headers, found.body)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        job = self._hand_over(work)
        return await self._wait(job, SEND_SECONDS, job.give_up_waiting)

    def close(self) -> None:
        """Takes no more work; what was handed over may end."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _hand_over(self, work: Callable[[], Any]) -> _Job:
        if not self._is_started:
            self._is_started = True
            for number in range(self._threads):
                threading.Thread(target=self._work, name=f"django-{number}").start()
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), loop, [True])
        self._jobs.put(job)
        return job

    async def _wait(self, job: _Job, seconds: float, give_up: Callable[[], None]) -> Any:
        timer = job.loop.call_later(seconds, give_up)
        try:
            return await job.future
        finally:
            timer.cancel()
            # Where the caller has gone, nobody is to begin it.
            job.take()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.take():
                job.run()

    def _send(
        self, environ: dict[str, Any], exchange: Exchange, loop: asyncio.AbstractEventLoop
    ) -> "Fetched | _Batches | None":
        """The answer if it is one piece or one of batches; another long one is sent from here."""
        head = _Head()
        response = self._application(environ, head.start)
        is_streaming = getattr(response, "streaming", False)
        if is_streaming and dict(head.headers).get("content-type") == STREAM_TYPE:
            return _Batches(head.status, head.headers, response)
        try:
            if not is_streaming:
                return Fetched(head.status, head.headers, b"".join(response))

            # Called on the loop: what the server's own methods give is no coroutine.
            async def call(begin: Callable[..., Awaitable[Any]], *values: Any) -> Any:
                return await begin(*values)

            def wait_for(begin: Callable[..., Awaitable[Any]], *values: Any) -> Any:
                sending = asyncio.run_coroutine_threadsafe(call(begin, *values), loop)
                return sending.result(SEND_SECONDS)

            send = wait_for(exchange.send_parts, head.status, head.headers)
            for part in response:
                if part:
                    wait_for(send, part)
            wait_for(exchange.end_parts)
        finally:
            _close(response)
        return None

    async def _pass_on(self, batches: "_Batches", exchange: Exchange) -> None:
        """Makes a batch when the caller has taken the one before; meanwhile no thread waits."""
        parts = iter(batches.response)
        try:
            outflow = await exchange.begin_stream(batches.status, batches.headers)
            try:
                while (part := await self._in_thread(lambda: next(parts, None))) is not None:
                    async with asyncio.timeout(SEND_SECONDS):
                        await outflow.send(part)
                await outflow.end()
            finally:
                outflow.abandon()
        except CallerGone:
            logger.info("The caller of a stream has gone.")
        except (TimeoutError, OriginAway):
            logger.warning("A stream was cut off: its caller or our threads took too long.")
        finally:
            try:
                await self._in_thread(lambda: _close(batches.response))
            except OriginAway:
                _close(batches.response)


@dataclass(frozen=True, slots=True)
class _Batches:
    """An answer whose body is made while it is read."""

    status: int
    headers: Headers
    response: Iterable[bytes]


class _Head:
    """What Django says before the body."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []

    def start(self, status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
        self.status = int(status[:3])
        self.headers = [(name.lower(), value) for name, value in headers]


def _close(response: Iterable[bytes]) -> None:
    close = getattr(response, "close", None)
    if close is not None:
        close()
