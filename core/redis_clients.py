"""Clients of Redis from one address, with waits that a request can bear.

- `redis://`, `rediss://`, `unix://`: one server, as redis-py reads them
- `redis+sentinel://[user:password@]host:port,host:port/service/0`: the master that these name
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_SECONDS: Final = 0.1
_SENTINEL_PORT: Final = 26379
_SENTINEL: Final = "redis+sentinel"
# Both carry no types.
_SYNC_SENTINEL: Final[Any] = redis.Sentinel
_ASYNC_SENTINEL: Final[Any] = redis.asyncio.Sentinel
_PLAIN: Final = ("redis", "rediss", "unix")


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """Who knows where the master is, and how to sign in there."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    options: dict[str, Any]


def read_sentinel_address(url: str) -> SentinelAddress:
    """Takes a `redis+sentinel://` address apart.

    Raises:
        ValueError: it names no service.
    """
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    if not service or not hosts:
        raise ValueError("Write redis+sentinel://host:port,host:port/service/0.")
    sentinels = []
    for host in hosts.split(","):
        name, _, port = host.rpartition(":") if ":" in host else (host, "", "")
        sentinels.append((name, int(port or _SENTINEL_PORT)))
    options: dict[str, Any] = {"db": int(database or 0)}
    if password:
        options |= {"username": unquote(user) or None, "password": unquote(password)}
    return SentinelAddress(tuple(sentinels), service, options)


def make_redis(url: str) -> Any:
    """A synchronous client. It opens connections when it needs them, and tries nothing twice."""
    options = _options() | {"retry": Retry(NoBackoff(), 0)}
    if urlsplit(url).scheme == _SENTINEL:
        address = read_sentinel_address(url)
        sentinel = _SYNC_SENTINEL(list(address.sentinels), sentinel_kwargs=options)
        return sentinel.master_for(address.service, **options, **address.options)
    return redis.Redis.from_url(_plain(url), **options)


def make_async_redis(url: str) -> Any:
    """The same for an event loop."""
    options = _options() | {"retry": AsyncRetry(NoBackoff(), 0)}
    if urlsplit(url).scheme == _SENTINEL:
        address = read_sentinel_address(url)
        sentinel = _ASYNC_SENTINEL(list(address.sentinels), sentinel_kwargs=options)
        return sentinel.master_for(address.service, **options, **address.options)
    return redis.asyncio.Redis.from_url(_plain(url), **options)


def _plain(url: str) -> str:
    if urlsplit(url).scheme not in _PLAIN:
        raise ValueError(f"A Redis address begins with {', '.join(_PLAIN)} or {_SENTINEL}.")
    return url


def _options() -> dict[str, Any]:
    return {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
