"""Requests and answers as the cache sees them: plain values, of no web framework."""

from dataclasses import dataclass
from typing import Final, Protocol

Headers = list[tuple[str, str]]
"""Names in small letters; the order is that of the wire."""

_FOR_CACHES: Final = frozenset({"cache-control", "surrogate-key", "cache-tag"})
_FIRST_SERVER_ERROR: Final = 500
_LAST_SERVER_ERROR: Final = 504


@dataclass(frozen=True, slots=True)
class Ask:
    """A public GET in its one spelling: what is asked for, and nothing of who asks.

    `host` is in small letters, `path` is decoded, `query` is canonical. An origin is handed
    this and the id alone, so no other header can change what is stored.
    """

    scheme: str
    host: str
    path: str
    query: str
    request_id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells one answer from another, but for its encoding."""
        return (self.scheme, self.host, self.path, self.query)


@dataclass(frozen=True, slots=True)
class Asker:
    """What of the caller decides the form of an answer."""

    accept_encoding: str = ""
    if_none_match: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the origin answered: whole, and not encoded."""

    status: int
    headers: Headers
    body: bytes

    @property
    def is_failure(self) -> bool:
        """Whether a stored answer may stand in for this one (RFC 5861)."""
        return _FIRST_SERVER_ERROR <= self.status <= _LAST_SERVER_ERROR

    def not_to_be_kept(self) -> "Fetched":
        """The same for its caller alone."""
        headers = [item for item in self.headers if item[0] not in _FOR_CACHES]
        return Fetched(self.status, [*headers, ("cache-control", "no-store")], self.body)


@dataclass(slots=True)
class Reply:
    """What is sent to the caller. Not frozen: that would double what making one costs."""

    status: int
    headers: Headers
    body: bytes


class OriginAway(Exception):
    """The origin gave no answer in the time that it had."""


class Origin(Protocol):
    """What makes an answer that is not stored."""

    async def fetch(self, ask: Ask, *, seconds: float) -> Fetched:
        """The answer to a GET.

        Raises:
            OriginAway: there was none within `seconds`.
        """
