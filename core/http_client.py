"""The one client for requests that leave this machine.

A URL may come from an owner's form or a subscriber, so the client trusts none: every address
that the name resolves to must be public or lie in a network that the operator allow-listed, the
connection goes to one of the addresses that were checked (a second DNS answer changes nothing),
redirects are answers like any other, and time and bytes are bounded in total, not per read.
Plain `http` and odd ports are for allow-listed networks only.

It drives httpx's own engine, httpcore: the pinning and the total deadline have to sit where
sockets are opened and read, which httpx does not offer.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Self

import httpcore
import httpx
from django.conf import settings

from core.addresses import (
    IPAddress,
    IPNetwork,
    is_inside,
    is_public,
    parse_networks,
    resolve_host,
)

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PORTS: Final = range(1, 65_536)
# No compression: a small body that unpacks to gigabytes would get past the cap on bytes.
_BASE_HEADERS: Final = {"User-Agent": "Galley", "Accept-Encoding": "identity"}


class OutboundError(Exception):
    """The request brought no answer. Trying again may help, unless the kind says otherwise."""

    is_retryable = True


class InvalidUrl(OutboundError):
    """The URL cannot be read, or asks for something that no request of ours may do."""

    is_retryable = False


class AddressRefused(OutboundError):
    """The host resolves to an address that is neither public nor allow-listed."""

    is_retryable = False


class ConnectionFailed(OutboundError):
    """The name, the connection, its encryption or its protocol failed."""


class DeadlinePassed(OutboundError):
    """The answer was not complete in time."""


@dataclass(frozen=True, slots=True)
class OutboundLimits:
    """How much one request may cost. The name look-up has the resolver's own time-out."""

    connect_seconds: float = 3.0
    deadline_seconds: float = 15.0
    max_body_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """An answer of any status; `body` holds its first bytes, `is_truncated` tells of more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_truncated: bool

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


Resolver = Callable[[str, int], Sequence[IPAddress]]


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, limit: float | None = None) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise DeadlinePassed("No complete answer in time.")
        return seconds if limit is None else min(seconds, limit)


class _BoundedStream(httpcore.NetworkStream):
    """A socket whose every read and write ends at the deadline, so that drops do not add up."""

    def __init__(self, stream: httpcore.NetworkStream, owner: "_PinnedBackend") -> None:
        self._stream = stream
        self._owner = owner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._owner.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._owner.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._owner.left(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return _BoundedStream(stream, self._owner)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _PinnedBackend(httpcore.NetworkBackend):
    """Opens connections to the checked addresses alone, whatever host it is asked for.

    `begin` says which those are, and by when, for the request that comes next.
    """

    def __init__(self) -> None:
        self._addresses: Sequence[IPAddress] = ()
        self._deadline = _Deadline(0)
        self._sockets = httpcore.SyncBackend()
        self.peer: IPAddress | None = None
        self.has_connected = False

    def begin(self, addresses: Sequence[IPAddress], deadline: _Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self.has_connected = False

    def left(self, limit: float | None) -> float:
        return self._deadline.left(limit)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address.")
        self.has_connected = True
        for address in self._addresses:
            seconds = self.left(timeout)
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self.peer = address
            return _BoundedStream(stream, self)
        raise failure


@lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    """Built once: reading the certificate store costs some 20 ms. Honours `SSL_CERT_FILE`."""
    return httpx.create_ssl_context()


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        # Decoded at each look, and not before: an internationalised name may be none.
        host = parsed.host
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InvalidUrl(str(error)) from error
    if parsed.scheme not in _DEFAULT_PORTS or not host:
        raise InvalidUrl("Only http and https URLs with a host can be called.")
    if parsed.userinfo or "%" in host:
        raise InvalidUrl("A URL to call has no user name and no address zone.")
    if parsed.port is not None and parsed.port not in _PORTS:
        raise InvalidUrl("A port is a number from 1 to 65535.")
    return parsed


def _checked_addresses(
    url: httpx.URL, resolve: Resolver, networks: tuple[IPNetwork, ...]
) -> Sequence[IPAddress]:
    host, port = url.raw_host.decode(), url.port or _DEFAULT_PORTS[url.scheme]
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(f"{host} cannot be resolved: {error}.") from error
    if addresses and all(is_inside(address, networks) for address in addresses):
        return addresses
    if not all(is_public(a) or is_inside(a, networks) for a in addresses):
        raise AddressRefused(f"{host} has an address that is not public.")
    if url.scheme != "https" or port not in settings.OUTBOUND_PUBLIC_PORTS:
        raise InvalidUrl("Public hosts are called by https, on the ports that are allowed.")
    return addresses


def check_url(url: str, *, resolve: Resolver = resolve_host) -> None:
    """Whether a request may go there now; sends nothing. Sending checks again, by the same rule.

    Raises:
        InvalidUrl, AddressRefused: never.
        ConnectionFailed: the host has no address at the moment.
    """
    _checked_addresses(_parse(url), resolve, parse_networks(settings.OUTBOUND_ALLOWED_NETWORKS))


def _read_answer(response: httpcore.Response, max_bytes: int) -> OutboundAnswer:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > max_bytes:
            break
    return OutboundAnswer(
        status=response.status,
        headers={
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        },
        body=bytes(body[:max_bytes]),
        is_truncated=len(body) > max_bytes,
    )


class OutboundConnection:
    """Sends one request after another, on a connection that it keeps between them.

    Each request is checked as if it were the first: its host is looked up again, and a kept
    connection serves it only if it leads to one of the addresses that are allowed now. For one
    thread at a time.
    """

    def __init__(self, *, resolve: Resolver = resolve_host, keep_seconds: float = 15.0) -> None:
        self._resolve = resolve
        self._keep_seconds = keep_seconds
        self._backend = _PinnedBackend()
        self._pool = self._make_pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        self._pool.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limits: OutboundLimits | None = None,
    ) -> OutboundAnswer:
        """As `send_request`; a kept connection that has ended meanwhile is opened anew."""
        limits = limits or OutboundLimits()
        parsed = _parse(url)
        networks = parse_networks(settings.OUTBOUND_ALLOWED_NETWORKS)
        addresses = _checked_addresses(parsed, self._resolve, networks)
        if self._backend.peer is not None and self._backend.peer not in addresses:
            self._reopen()
        request = httpcore.Request(
            method,
            httpcore.URL(
                scheme=parsed.raw_scheme,
                host=parsed.raw_host,
                port=parsed.port,
                target=parsed.raw_path,
            ),
            headers=_headers(parsed, headers, content),
            content=content,
            extensions={"timeout": {"connect": limits.connect_seconds}},
        )
        self._backend.begin(addresses, _Deadline(limits.deadline_seconds))
        try:
            return self._exchange(request, limits.max_body_bytes)
        except httpcore.TimeoutException as error:
            raise DeadlinePassed(f"{parsed.host} did not answer in time.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise ConnectionFailed(f"{parsed.host}: {error}") from error

    def _exchange(self, request: httpcore.Request, max_bytes: int) -> OutboundAnswer:
        try:
            return self._exchange_once(request, max_bytes)
        except (httpcore.NetworkError, httpcore.RemoteProtocolError):
            # The server may end a kept connection at the moment at which we use it.
            if self._backend.has_connected:
                raise
        self._reopen()
        return self._exchange_once(request, max_bytes)

    def _exchange_once(self, request: httpcore.Request, max_bytes: int) -> OutboundAnswer:
        response = self._pool.handle_request(request)
        try:
            return _read_answer(response, max_bytes)
        finally:
            response.close()

    def _reopen(self) -> None:
        self._pool.close()
        self._pool = self._make_pool()

    def _make_pool(self) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=_tls_context(),
            max_connections=1,
            keepalive_expiry=self._keep_seconds,
            network_backend=self._backend,
        )


def _headers(
    url: httpx.URL, own: Mapping[str, str] | None, content: bytes | None
) -> list[tuple[bytes | str, bytes | str]]:
    """As httpcore's own convenience functions complete them."""
    headers: list[tuple[bytes | str, bytes | str]] = [("Host", url.netloc)]
    if content is not None:
        headers.append(("Content-Length", str(len(content))))
    return [*headers, *_BASE_HEADERS.items(), *(own or {}).items()]


def send_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    limits: OutboundLimits | None = None,
    resolve: Resolver = resolve_host,
) -> OutboundAnswer:
    """Sends one request on a connection of its own, and gives the answer, whatever its status.

    Raises:
        InvalidUrl, AddressRefused: nothing was sent, and nothing will change that.
        ConnectionFailed, DeadlinePassed: the receiver may or may not have seen the request.
    """
    with OutboundConnection(resolve=resolve) as connection:
        return connection.send(method, url, headers=headers, content=content, limits=limits)
