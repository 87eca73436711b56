"""The product for any ASGI server; granian speaks RSGI to it, which costs less."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO, Any

from delivery.interface import Headers
from site_config.serving.exchange import CallerGone, Outflow, Request
from site_config.serving.gateway import Gateway
from site_config.serving.rsgi import IN_MEMORY_BYTES

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class AsgiApplication:
    """Begins with the server's lifespan or, where that has none, with the first request."""

    def __init__(self) -> None:
        self._gateway = Gateway()
        self._is_started = False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            self._start()
            await self._gateway.serve(_request(scope), AsgiExchange(receive, send))

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._gateway.start(asyncio.get_running_loop())

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.startup":
                self._start()
            else:
                self._gateway.close()
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return


def _request(scope: dict[str, Any]) -> Request:
    return Request(
        method=scope["method"],
        scheme=scope["scheme"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        http_version=scope["http_version"],
        # Nobody known: an address of this machine would be trusted.
        client=_address(scope.get("client"), ":0"),
        server=_address(scope.get("server"), "127.0.0.1:0"),
        headers=[
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ],
    )


def _address(pair: Any, unknown: str) -> str:
    return f"{pair[0]}:{pair[1]}" if pair else unknown


class AsgiExchange:
    """One request of an ASGI server's."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def read_body(self, most_bytes: int) -> IO[bytes]:
        """The body, on disk from a megabyte on."""
        body = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 — the caller closes it
        size, has_more = 0, True
        while has_more:
            message = await self._receive()
            part = message.get("body", b"")
            size += len(part)
            has_more = message.get("more_body", False) and size <= most_bytes
            body.write(part)
        body.seek(0)
        return body

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        await self.send_parts(status, headers)
        await self._send({"type": "http.response.body", "body": body})

    async def send_parts(self, status: int, headers: Headers) -> Callable[[bytes], Awaitable[None]]:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

        async def send(part: bytes) -> None:
            await self._send({"type": "http.response.body", "body": part, "more_body": True})

        return send

    async def end_parts(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def begin_stream(self, status: int, headers: Headers) -> Outflow:
        return AsgiOutflow(await self.send_parts(status, headers), self.end_parts, self._receive)


class AsgiOutflow:
    """Servers wait in `send` as they see fit; that the caller has gone they tell by `receive`."""

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        end: Callable[[], Awaitable[None]],
        receive: Receive,
    ) -> None:
        self._send = send
        self._end = end
        self._gone = asyncio.ensure_future(_until_gone(receive))

    async def send(self, part: bytes) -> None:
        if self._gone.done():
            raise CallerGone
        await self._send(part)

    async def end(self) -> None:
        if not self._gone.done():
            await self._end()

    def abandon(self) -> None:
        """The server breaks the connection where the answer is not whole."""
        self._gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
