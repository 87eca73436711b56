"""The product as granian serves it, by RSGI: granian's own interface, with the least to do."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO, Any, Final

from api.interface import request_id_from
from delivery.interface import Headers
from site_config.serving.exchange import Outflow, Request
from site_config.serving.gateway import PUBLIC_PREFIX, READS, Gateway
from site_config.serving.pipe import Pipe

IN_MEMORY_BYTES: Final = 1024 * 1024
OPENED_SECONDS: Final = 30
"""Within this, granian has opened a file that it was told to send."""


class RsgiApplication:
    """Answers from memory without leaving the loop; hands all else to the gateway."""

    def __init__(self) -> None:
        self._gateway = Gateway()
        self._cache = self._gateway.cache

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._gateway.start(loop)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        self._gateway.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            return
        header, method, path = scope.headers.get, scope.method, scope.path
        alias = None
        if method in READS and path.startswith(PUBLIC_PREFIX) and not _is_somebody(header):
            # Every header that decides what is answered; others are not looked at.
            alias = (
                path,
                scope.query_string,
                header("host"),
                header("x-forwarded-proto"),
                header("accept-encoding"),
                header("accept"),
            )
            reply = self._cache.recall(alias, header("if-none-match") or "")
            if reply is not None:
                request_id = request_id_from(header("x-request-id"))
                headers = [*reply.headers, ("x-request-id", request_id)]
                if method == "HEAD" or not reply.body:
                    protocol.response_empty(reply.status, headers)
                else:
                    protocol.response_bytes(reply.status, headers, reply.body)
                return
        await self._gateway.serve(_request(scope), RsgiExchange(protocol), alias)


def _is_somebody(header: Callable[[str], str | None]) -> bool:
    """Written out, since this runs for every answer from memory: see `gateway.CREDENTIALS`."""
    return (
        header("cookie") is not None
        or header("authorization") is not None
        or header("x-api-key") is not None
    )


def _request(scope: Any) -> Request:
    headers = list(scope.headers.items())
    if scope.authority and scope.headers.get("host") is None:  # HTTP/2 has no header Host
        headers.append(("host", scope.authority))
    return Request(
        method=scope.method,
        scheme=scope.scheme,
        path=scope.path,
        query=scope.query_string,
        http_version=scope.http_version,
        client=scope.client,
        server=scope.server,
        headers=headers,
    )


class RsgiExchange:
    """One request of granian's."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    async def read_body(self, most_bytes: int) -> IO[bytes]:
        """The body, on disk from a megabyte on."""
        body = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 — the caller closes it
        size = 0
        async for part in self._protocol:
            size += len(part)
            if size > most_bytes:
                break
            body.write(part)
        body.seek(0)
        return body

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        if body:
            self._protocol.response_bytes(status, headers, body)
        else:
            self._protocol.response_empty(status, headers)

    async def send_parts(self, status: int, headers: Headers) -> Callable[[bytes], Awaitable[None]]:
        """Puts the parts on disk: granian reads a file as fast as the caller takes it.

        So a caller who reads slowly holds no thread.
        """
        self._parts = tempfile.NamedTemporaryFile()  # noqa: SIM115 — closed once granian has it open
        self._status, self._headers = status, headers

        async def send(part: bytes) -> None:
            self._parts.write(part)

        return send

    async def end_parts(self) -> None:
        self._parts.flush()
        headers = [item for item in self._headers if item[0] != "content-length"]
        headers.append(("content-length", str(self._parts.tell())))
        self._protocol.response_file(self._status, headers, self._parts.name)
        asyncio.get_running_loop().call_later(OPENED_SECONDS, self._parts.close)

    async def begin_stream(self, status: int, headers: Headers) -> Outflow:
        return await Pipe.open(lambda path: self._protocol.response_file(status, headers, path))
