"""A request and the way back to its caller, the same for every kind of web server."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final, Protocol

from delivery.interface import Headers

_UNPREFIXED: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is decoded; header names are in small letters."""

    method: str
    scheme: str
    path: str
    query: str
    http_version: str
    client: str
    server: str
    headers: Headers


class CallerGone(Exception):
    """Who asked does not read the answer any more."""


class Outflow(Protocol):
    """The way of an answer that is sent while it is made."""

    async def send(self, part: bytes) -> None:
        """Waits until the caller takes more.

        Raises:
            CallerGone: he never will.
        """

    async def end(self) -> None:
        """That was all."""

    def abandon(self) -> None:
        """Lets go of it, whole or not. After `end` it does nothing."""


class Exchange(Protocol):
    """What a server's adapter offers for one request."""

    async def read_body(self, most_bytes: int) -> IO[bytes]:
        """The body, on disk when it is long; it ends early at `most_bytes`."""

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Answers in one piece."""

    async def send_parts(self, status: int, headers: Headers) -> Callable[[bytes], Awaitable[None]]:
        """Begins an answer that comes in parts; gives what takes the next one."""

    async def end_parts(self) -> None:
        """The last part has been given."""

    async def begin_stream(self, status: int, headers: Headers) -> Outflow:
        """Begins an answer of which the caller gets each part as soon as there is one.

        Raises:
            CallerGone: he did not wait for the first.
        """


def wsgi_environ(request: Request, body: IO[bytes] | None = None) -> dict[str, Any]:
    """The request as WSGI (PEP 3333) wants it."""
    server_name, _, server_port = request.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query.encode().decode("latin-1"),
        "SERVER_NAME": server_name,
        "SERVER_PORT": server_port,
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
        "REMOTE_ADDR": request.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": body or BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        # With an underscore it would pass for another header, one that a proxy watches over.
        if "_" in name:
            continue
        key = _UNPREFIXED.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            joint = "; " if name == "cookie" else ","
            value = f"{environ[key]}{joint}{value}"  # noqa: PLW2901
        environ[key] = value
    return environ
