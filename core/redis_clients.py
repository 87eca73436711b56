"""Clients of Redis from one address, with waits that a request can bear.

- `redis://`, `rediss://`, `unix://`: one server, as redis-py reads them
- `redis+sentinel://[user:password@]host:port,host:port/service/0`: the master that these name
- `redis+cluster://[user:password@]host:port,host:port`: the cluster that these belong to;
  `rediss+cluster://` speaks TLS to all of it
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import redis
import redis.asyncio
from redis.asyncio.cluster import ClusterNode as AsyncClusterNode
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.exceptions import MovedError, RedisClusterException, RedisError
from redis.retry import Retry

SOCKET_SECONDS: Final = 0.1
REDIS_FAULTS: Final = (RedisError, RedisClusterException, OSError)
"""All that a client raises when Redis is away, or not as it should be."""
_SENTINEL_PORT: Final = 26379
_REDIS_PORT: Final = 6379
_SENTINEL: Final = "redis+sentinel"
_CLUSTER: Final = ("redis+cluster", "rediss+cluster")
# They carry no types.
_SYNC_SENTINEL: Final[Any] = redis.Sentinel
_ASYNC_SENTINEL: Final[Any] = redis.asyncio.Sentinel
_SYNC_NODE: Final[Any] = ClusterNode
_ASYNC_NODE: Final[Any] = AsyncClusterNode
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
    service, _, database = parts.path.strip("/").partition("/")
    sentinels, options = _read_hosts(parts.netloc, _SENTINEL_PORT)
    if not service or not sentinels:
        raise ValueError("Write redis+sentinel://host:port,host:port/service/0.")
    return SentinelAddress(sentinels, service, {"db": int(database or 0), **options})


def read_cluster_address(url: str) -> tuple[tuple[tuple[str, int], ...], dict[str, Any]]:
    """The nodes that a `redis+cluster://` address names, and how to sign in at any.

    Raises:
        ValueError: it names no node, or a database, of which a cluster has none.
    """
    parts = urlsplit(url)
    nodes, options = _read_hosts(parts.netloc, _REDIS_PORT)
    if not nodes or parts.path.strip("/") not in {"", "0"}:
        raise ValueError("Write redis+cluster://host:port,host:port, without a database.")
    if parts.scheme.startswith("rediss"):
        options["ssl"] = True
    return nodes, options


def _read_hosts(netloc: str, usual_port: int) -> tuple[tuple[tuple[str, int], ...], dict[str, Any]]:
    credentials, _, hosts = netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    found = []
    for host in filter(None, hosts.split(",")):
        name, _, port = host.rpartition(":") if ":" in host else (host, "", "")
        found.append((name, int(port or usual_port)))
    options: dict[str, Any] = {}
    if password:
        options = {"username": unquote(user) or None, "password": unquote(password)}
    return tuple(found), options


def describe_redis_fault(error: Exception) -> str:
    """What to log of a fault; of one that only another address mends, which address."""
    if isinstance(error, MovedError):
        return f"REDIS_URL names a node of a cluster ({error}): write redis+cluster://host:port."
    return f"{type(error).__name__}: {error}"


def make_redis(url: str) -> Any:
    """A synchronous client. It opens connections when it needs them, and tries nothing twice.

    That of a cluster asks at once which nodes there are.

    Raises:
        REDIS_FAULTS: no node of a cluster answers.
    """
    options = _options() | {"retry": Retry(NoBackoff(), 0)}
    if urlsplit(url).scheme in _CLUSTER:
        nodes, own = read_cluster_address(url)
        return redis.RedisCluster(startup_nodes=[_SYNC_NODE(*n) for n in nodes], **options, **own)
    if urlsplit(url).scheme == _SENTINEL:
        address = read_sentinel_address(url)
        sentinel = _SYNC_SENTINEL(list(address.sentinels), sentinel_kwargs=options)
        return sentinel.master_for(address.service, **options, **address.options)
    return redis.Redis.from_url(_plain(url), **options)


def make_async_redis(url: str) -> Any:
    """The same for an event loop."""
    options = _options() | {"retry": AsyncRetry(NoBackoff(), 0)}
    if urlsplit(url).scheme in _CLUSTER:
        nodes, own = read_cluster_address(url)
        started = [_ASYNC_NODE(*node, **options, **own) for node in nodes]
        return redis.asyncio.RedisCluster(startup_nodes=started, **options, **own)
    if urlsplit(url).scheme == _SENTINEL:
        address = read_sentinel_address(url)
        sentinel = _ASYNC_SENTINEL(list(address.sentinels), sentinel_kwargs=options)
        return sentinel.master_for(address.service, **options, **address.options)
    return redis.asyncio.Redis.from_url(_plain(url), **options)


def _plain(url: str) -> str:
    if urlsplit(url).scheme not in _PLAIN:
        known = ", ".join((*_PLAIN, *_CLUSTER))
        raise ValueError(f"A Redis address begins with {known} or {_SENTINEL}.")
    return url


def _options() -> dict[str, Any]:
    return {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
