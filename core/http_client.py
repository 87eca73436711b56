"""The one client for requests that leave this machine.

A URL may come from an owner's form or a subscriber, so the client trusts none: every address
that the name resolves to must be public or lie in a network that the operator allow-listed, the
connection goes to one of the addresses that were checked (a second DNS answer changes nothing),
redirects are answers like any other, and time and bytes are bounded in total, not per read.
Plain `http` and odd ports are for allow-listed networks only.

URLs are read by httpx; the pinning and the total deadline have to sit where sockets are opened
and read, so that is done by `core.http_exchange`, at a tenth of httpx's price for a request.
"""

import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Final, Self

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
from core.http_exchange import BadAnswer, Deadline, Exchange, RawAnswer, open_connection

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PORTS: Final = range(1, 65_536)
# No compression: a small body that unpacks to gigabytes would get past the cap on bytes.
_BASE_HEADERS: Final = {"User-Agent": "Galley", "Accept-Encoding": "identity"}
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")


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


@lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    """Built once: reading the certificate store costs some 20 ms. Honours `SSL_CERT_FILE`."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@lru_cache(maxsize=256)
def _networks(items: tuple[str, ...]) -> tuple[IPNetwork, ...]:
    return parse_networks(items)


def _allowed_networks() -> tuple[IPNetwork, ...]:
    return _networks(tuple(settings.OUTBOUND_ALLOWED_NETWORKS))


@lru_cache(maxsize=1024)
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
        reason = getattr(error, "strerror", None) or str(error)
        raise ConnectionFailed(f"{host} cannot be resolved: {reason}.") from error
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
    _checked_addresses(_parse(url), resolve, _allowed_networks())


class OutboundConnection:
    """Sends one request after another, on a connection that it keeps between them.

    Each request is checked as if it were the first: its host is looked up again, and a kept
    connection serves it only if it leads to one of the addresses that are allowed now. For one
    thread at a time.
    """

    def __init__(self, *, resolve: Resolver = resolve_host, keep_seconds: float = 15.0) -> None:
        self._resolve = resolve
        self._keep_seconds = keep_seconds
        self._exchange: Exchange | None = None
        self._leads_to: tuple[str, bytes, int | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        if self._exchange is not None:
            self._exchange.close()
        self._exchange = None

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
        head = _head(method, parsed, headers or {}, content)
        addresses = _checked_addresses(parsed, self._resolve, _allowed_networks())
        deadline = Deadline(limits.deadline_seconds)
        is_head = method == "HEAD"

        def run(exchange: Exchange) -> RawAnswer:
            return exchange.run(
                head,
                content or b"",
                deadline=deadline,
                max_body_bytes=limits.max_body_bytes,
                is_head=is_head,
            )

        try:
            answer = self._run(run, parsed, addresses, deadline, limits.connect_seconds)
        except TimeoutError as error:
            self.close()
            raise DeadlinePassed(f"{parsed.host} did not answer in time.") from error
        except (OSError, BadAnswer) as error:
            self.close()
            raise ConnectionFailed(f"{parsed.host}: {error}") from error
        return OutboundAnswer(answer.status, answer.headers, answer.body, answer.is_truncated)

    def _run(
        self,
        run: Callable[[Exchange], RawAnswer],
        url: httpx.URL,
        addresses: Sequence[IPAddress],
        deadline: Deadline,
        connect_seconds: float,
    ) -> RawAnswer:
        leads_to = (url.scheme, url.raw_host, url.port)
        kept = self._exchange
        if (
            kept is not None
            and self._leads_to == leads_to
            and kept.peer in addresses
            and kept.can_go_on()
        ):
            try:
                return run(kept)
            except TimeoutError:
                raise
            except (OSError, BadAnswer):
                # The server may end a kept connection at the moment at which we use it.
                pass
        self.close()
        self._leads_to = leads_to
        self._exchange = _open(url, addresses, deadline, connect_seconds, self._keep_seconds)
        return run(self._exchange)


def _open(
    url: httpx.URL,
    addresses: Sequence[IPAddress],
    deadline: Deadline,
    connect_seconds: float,
    keep_seconds: float,
) -> Exchange:
    return open_connection(
        addresses,
        url.port or _DEFAULT_PORTS[url.scheme],
        tls=(_tls_context(), url.raw_host.decode()) if url.scheme == "https" else None,
        deadline=deadline,
        connect_seconds=connect_seconds,
        keep_seconds=keep_seconds,
    )


def _head(method: str, url: httpx.URL, own: Mapping[str, str], content: bytes | None) -> bytes:
    """The request's first line and headers.

    Raises:
        ValueError: a name or a value would end the line that it stands in.
    """
    headers = {"Host": url.netloc.decode(), **_BASE_HEADERS}
    if content is not None:
        headers["Content-Length"] = str(len(content))
    headers |= own
    for name, value in headers.items():
        if not (_TOKEN.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise ValueError(f"The header {name!r} cannot be sent.")
    if not _TOKEN.fullmatch(method):
        raise ValueError(f"{method!r} is no method.")
    lines = [f"{method} {url.raw_path.decode()} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


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
