"""One HTTP/1.1 connection: a request goes out, its answer comes back, within a deadline.

What the other side sends is read by llhttp, the parser of Node.js, which takes nothing that
could be read in two ways. Every wait ends at the deadline, however the bytes drip.
"""

import select
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httptools

from core.addresses import IPAddress

_CHUNK: Final = 64 * 1024
# Headers, trailers and the framing of chunks: what an answer may have beside its body.
_MOST_BESIDE_BODY: Final = 128 * 1024


class BadAnswer(Exception):
    """What came back is no answer in HTTP/1.1, or not a whole one."""


class Deadline:
    """A point in time by which all must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, limit: float | None = None) -> float:
        """Seconds to wait at most; TimeoutError when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the time is over")
        return seconds if limit is None else min(seconds, limit)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """`body` holds no more than was asked for; `is_truncated` tells of more."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_truncated: bool


class _Reader:
    """What the parser tells of one answer after another. Interim ones (1xx) are passed over."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """Forgets the answer before."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.has_head = False
        self.is_complete = False
        self.is_last = True

    def feed(self, data: bytes) -> None:
        """Reads on; BadAnswer unless what is wrong comes behind the answer."""
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.is_complete:
                raise BadAnswer(f"No answer in HTTP: {error}") from error
            self.is_last = True

    def on_message_begin(self) -> None:
        """Nobody asked for a second answer: what comes on this connection is not to be trusted."""
        if self.is_complete:
            self.is_last = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.is_complete:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if not self.is_complete:
            self.status = self.parser.get_status_code()
            self.has_head = self.status >= HTTPStatus.OK
            self.is_last = not self.parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        if not self.is_complete:
            self.body += data

    def on_message_complete(self) -> None:
        if self.has_head:
            self.is_complete = True
        else:
            self.headers = {}

    def is_framed(self) -> bool:
        """Whether the answer says where it ends; else it ends with the connection."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers


class Exchange:
    """An open connection to one address. For one thread; one request at a time."""

    def __init__(self, opened: socket.socket, peer: IPAddress, keep_seconds: float) -> None:
        self.peer = peer
        self._socket = opened
        self._keep_seconds = keep_seconds
        self._idle_since = time.monotonic()
        self._is_usable = True
        self._reader = _Reader()

    def close(self) -> None:
        """Ends the connection."""
        self._is_usable = False
        self._socket.close()

    def can_go_on(self) -> bool:
        """Whether it may be used again: a server that has ended it, or speaks unasked, shows."""
        if not self._is_usable or time.monotonic() - self._idle_since > self._keep_seconds:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def run(
        self, head: bytes, content: bytes, *, deadline: Deadline, max_body_bytes: int, is_head: bool
    ) -> RawAnswer:
        """Sends the request and reads what comes back.

        Raises:
            TimeoutError, OSError, BadAnswer: there was no whole answer.
        """
        self._is_usable = False
        reader = self._reader
        reader.begin()
        try:
            self._socket.settimeout(deadline.left())
            self._socket.sendall(head + content)
        except TimeoutError:
            raise
        except OSError:
            # A server may refuse a request before it has read all of it, and say so.
            pass
        self._read(reader, deadline, max_body_bytes, is_head=is_head)
        is_truncated = len(reader.body) > max_body_bytes
        self._is_usable = reader.is_complete and not reader.is_last
        self._idle_since = time.monotonic()
        return RawAnswer(
            reader.status, reader.headers, bytes(reader.body[:max_body_bytes]), is_truncated
        )

    def _read(
        self, reader: _Reader, deadline: Deadline, max_body_bytes: int, *, is_head: bool
    ) -> None:
        received = 0
        while not reader.is_complete:
            self._socket.settimeout(deadline.left())
            data = self._socket.recv(_CHUNK)
            if not data:
                if reader.has_head and (is_head or not reader.is_framed()):
                    return
                raise BadAnswer("The connection ended before the answer did.")
            received += len(data)
            reader.feed(data)
            if len(reader.body) > max_body_bytes or (is_head and reader.has_head):
                return
            if received - len(reader.body) > _MOST_BESIDE_BODY:
                raise BadAnswer("The answer's headers are too long.")


def open_connection(
    addresses: Sequence[IPAddress],
    port: int,
    *,
    tls: tuple[ssl.SSLContext, str] | None,
    deadline: Deadline,
    connect_seconds: float,
    keep_seconds: float,
) -> Exchange:
    """A connection to the first of `addresses` that takes one; encrypted for that name, if any.

    Raises:
        TimeoutError, OSError: none does, or the certificate is not the name's.
    """
    failure: OSError = OSError("there is no address")
    for address in addresses:
        seconds = deadline.left(connect_seconds)
        try:
            opened = socket.create_connection((str(address), port), seconds)
        except OSError as error:
            failure = error
            continue
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                context, name = tls
                opened.settimeout(deadline.left(connect_seconds))
                opened = context.wrap_socket(opened, server_hostname=name)
        except BaseException:
            opened.close()
            raise
        return Exchange(opened, address, keep_seconds)
    raise failure
