"""Django behind an event loop: its synchronous handler, in a few threads that stay.

Each thread keeps its database connection. Django's own ASGI handler would hand each request to
a thread and back several times, and opens a connection anew for most: four to seven times the
CPU of a WSGI server (docs/performance.md).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from delivery.interface import Ask, Fetched, Headers, OriginAway
from site_config.serving.exchange import Exchange, Request, wsgi_environ

SEND_SECONDS: Final = 60
"""How long a caller may take over one part of a long answer."""

_Result = TypeVar("_Result")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class DjangoThreads:
    """Runs requests in threads, as many at a time as there are; the others wait their turn."""

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._free = asyncio.Semaphore(threads)

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
        try:
            async with asyncio.timeout(seconds):
                return await self._run(lambda: self._collect(wsgi_environ(request)))
        except TimeoutError:
            raise OriginAway from None

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
        environ = wsgi_environ(request, body)
        loop = asyncio.get_running_loop()
        try:
            whole = await self._run(
                lambda: self._send(environ, exchange, loop), wait_seconds=wait_seconds
            )
        finally:
            if body is not None:
                body.close()
        if whole is not None:
            await exchange.send_whole(whole.status, whole.headers, whole.body)

    def close(self) -> None:
        """Takes no more work; what runs may end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(
        self, work: Callable[[], _Result], *, wait_seconds: float | None = None
    ) -> _Result:
        try:
            async with asyncio.timeout(wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise OriginAway from None
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(lambda _: self._free.release())
        # Whoever waits may give up; the thread does not know.
        return await asyncio.shield(future)

    def _collect(self, environ: dict[str, Any]) -> Fetched:
        head = _Head()
        response = self._application(environ, head.start)
        try:
            body = b"".join(response)
        finally:
            _close(response)
        return Fetched(head.status, head.headers, body)

    def _send(
        self, environ: dict[str, Any], exchange: Exchange, loop: asyncio.AbstractEventLoop
    ) -> Fetched | None:
        """The answer if it is one piece; a long one is sent from here, part by part."""
        head = _Head()
        response = self._application(environ, head.start)
        try:
            if not getattr(response, "streaming", False):
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
