"""Which answers may be stored, and for how long."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from delivery.response_cache.messages import Fetched

_OK: Final = 200
_DIRECTIVE: Final = re.compile(r'([a-z-]+)(?:=(?:"([^"]*)"|([^\s,;]+)))?')
_MOST_SECONDS: Final = 366 * 24 * 3600
# What the cache itself makes of an answer depends on these alone; see `is_plain_accept`.
_KNOWN_VARIANTS: Final = frozenset({"Accept", "Accept-Encoding"})
_ANY_JSON: Final = ("*/*", "application/*", "application/json")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds: fresh, then stale while a new answer is fetched, or stale while the origin is away."""

    fresh: int
    revalidate: int
    error: int


@dataclass(frozen=True, slots=True)
class Storable:
    """What is needed to keep an answer."""

    lifetimes: Lifetimes
    tags: tuple[str, ...]
    etag: str
    varies: tuple[str, ...] = ()


def storable(fetched: Fetched) -> Storable | None:
    """How to keep an answer; None when it may not be kept.

    Kept is only what says so in full: 200, `public`, a lifetime, tags by which it can be purged,
    a strong validator; no cookie, no encoding, no dependence on other headers of the request.
    """
    headers = dict(fetched.headers)
    if fetched.status != _OK or "set-cookie" in headers or "content-encoding" in headers:
        return None
    varies = [name.strip().title() for name in headers.get("vary", "").split(",") if name.strip()]
    etag, tags = headers.get("etag", ""), tuple(headers.get("surrogate-key", "").split())
    if not _KNOWN_VARIANTS.issuperset(varies) or not tags or not etag.startswith('"'):
        return None
    lifetimes = _lifetimes(headers.get("cache-control", ""))
    return None if lifetimes is None else Storable(lifetimes, tags, etag, tuple(varies))


@lru_cache(maxsize=64)  # the product has a handful of them
def _lifetimes(cache_control: str) -> Lifetimes | None:
    """What the header grants a shared cache; None when it grants nothing."""
    directives = _directives(cache_control)
    if "public" not in directives or {"private", "no-store", "no-cache"} & directives.keys():
        return None
    fresh = _seconds(directives, "s-maxage", _seconds(directives, "max-age", 0))
    if fresh <= 0:
        return None
    return Lifetimes(
        fresh=fresh,
        revalidate=_seconds(directives, "stale-while-revalidate", 0),
        error=_seconds(directives, "stale-if-error", 0),
    )


def is_plain_accept(accept: str) -> bool:
    """Whether the caller takes the usual form of an answer.

    Stored answers are JSON. Whoever asks for another form is answered by the origin.
    """
    if not accept:
        return True
    names = {item.partition(";")[0].strip().lower() for item in accept.split(",")}
    return "application/x-ndjson" not in names and any(name in names for name in _ANY_JSON)


def _directives(text: str) -> dict[str, str]:
    return {match[1]: match[2] or match[3] or "" for match in _DIRECTIVE.finditer(text.lower())}


def _seconds(directives: Mapping[str, str], name: str, default: int) -> int:
    text = directives.get(name)
    if text is None:
        return default
    return min(int(text), _MOST_SECONDS) if text.isascii() and text.isdecimal() else 0
