"""A stored answer and its representations."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Final

from delivery.response_cache.encodings import ENCODERS, IDENTITY, SMALLEST
from delivery.response_cache.freshness import Lifetimes, Storable
from delivery.response_cache.messages import Fetched, Headers

Key = tuple[str, str, str, str]

_ENTITY_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')
# Each answer has its own; the cache writes these anew.
_PER_ANSWER: Final = frozenset(
    {"x-request-id", "age", "cache-status", "content-length", "etag", "vary", "date", "connection"}
)
_NOT_IN_304: Final = frozenset({"content-length", "content-type", "content-encoding"})
_QUICK_BYTES: Final = 16_384
"""Encoded within half a millisecond; a thread would cost more than it spares."""
_OVERHEAD_BYTES: Final = 2000
_TAG_BYTES: Final = 250
"""What an entry and a tag take in memory beside their text: measured with tracemalloc."""


class Variant:
    """The answer in one encoding, with all of its headers that do not change with time."""

    __slots__ = ("body", "etag", "headers", "headers_304", "stamped", "stamped_304", "stamped_at")

    def __init__(self, headers: Headers, body: bytes, etag: str) -> None:
        self.headers = headers
        self.headers_304 = [item for item in headers if item[0] not in _NOT_IN_304]
        self.body = body
        self.etag = etag
        self.stamped: Headers = []
        self.stamped_304: Headers = []
        self.stamped_at = -1

    def stamp(self, age: int, status: str) -> None:
        """Adds the age and where the answer came from: once for all answers of a second."""
        extra = [("age", str(age)), ("cache-status", status)]
        self.stamped = [*self.headers, *extra]
        self.stamped_304 = [*self.headers_304, *extra]
        self.stamped_at = age

    def is_held_by(self, if_none_match: str) -> bool:
        """Whether the caller has these very bytes."""
        return if_none_match.strip() == "*" or self.etag in _ENTITY_TAG.findall(if_none_match)


@dataclass(slots=True)
class Entry:
    """One answer. Times are those of a monotonic clock, in seconds."""

    key: Key
    headers: Headers
    body: bytes
    etag: str
    tags: tuple[str, ...]
    lifetimes: Lifetimes
    computed_at: float
    """When the origin was asked: from then on a purge of a tag makes the answer old."""
    fresh_until: float
    vary: str
    is_stored: bool = False
    is_protected: bool = False
    variants: dict[str, Variant] = field(default_factory=dict)
    in_the_making: "dict[str, asyncio.Task[bytes]]" = field(default_factory=dict)

    @classmethod
    def of(
        cls, key: Key, fetched: Fetched, found: Storable, *, computed_at: float, jitter: float
    ) -> "Entry":
        """`jitter` is the part of its fresh time that this one goes without, from 0 to 1."""
        entry = cls(
            key=key,
            headers=[item for item in fetched.headers if item[0] not in _PER_ANSWER],
            body=fetched.body,
            etag=found.etag,
            tags=found.tags,
            lifetimes=found.lifetimes,
            computed_at=computed_at,
            fresh_until=computed_at + found.lifetimes.fresh * (1 - jitter),
            vary=", ".join(dict.fromkeys([*found.varies, "Accept-Encoding"])),
        )
        entry.add_variant(IDENTITY, fetched.body)
        return entry

    def add_variant(self, encoding: str, body: bytes) -> Variant:
        """Keeps the answer in this encoding; its validator is its own, since its bytes are."""
        etag = f'{self.etag[:-1]}-{encoding}"' if encoding else self.etag
        headers = [
            *self.headers,
            ("etag", etag),
            ("vary", self.vary),
            ("content-length", str(len(body))),
        ]
        if encoding:
            headers.append(("content-encoding", encoding))
        variant = self.variants[encoding] = Variant(headers, body, etag)
        return variant

    async def variant(self, encoding: str) -> Variant:
        """The answer in this encoding: made once, and away from the loop when that takes long."""
        if len(self.body) < SMALLEST:
            encoding = IDENTITY
        variant = self.variants.get(encoding)
        if variant is not None:
            return variant
        encode = ENCODERS[encoding]
        if len(self.body) <= _QUICK_BYTES:
            return self.add_variant(encoding, encode(self.body))
        task = self.in_the_making.get(encoding)
        if task is None:
            work = asyncio.to_thread(encode, self.body)
            task = self.in_the_making[encoding] = asyncio.ensure_future(work)
        body = await asyncio.shield(task)
        self.in_the_making.pop(encoding, None)
        return self.variants.get(encoding) or self.add_variant(encoding, body)

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        texts = sum(len(name) + len(value) for name, value in self.headers)
        bodies = sum(len(variant.body) for variant in self.variants.values())
        return _OVERHEAD_BYTES + bodies + 3 * texts + _TAG_BYTES * len(self.tags)

    def may_revalidate(self, now: float) -> bool:
        """Whether it may be sent once more while a new answer is fetched."""
        return now < self.fresh_until + self.lifetimes.revalidate

    def may_stand_in(self, now: float) -> bool:
        """Whether it may be sent, marked as old, while the origin is away."""
        return now < self.fresh_until + self.lifetimes.error
