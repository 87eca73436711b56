"""Which encoding a caller takes, and bodies in it."""

import gzip
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import brotli
import zstandard

IDENTITY: Final = ""
SMALLEST: Final = 256
"""Bytes; a shorter body is sent as it is."""
_LONGEST_HEADER: Final = 256
_ITEM: Final = re.compile(r"([a-z*-]+)(?:\s*;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?")


def _brotli(body: bytes) -> bytes:
    # 4 is the last quality whose cost is that of gzip; the ones above take 3 to 30 times as long.
    encoded: bytes = brotli.compress(body, quality=4)
    return encoded


def _zstandard(body: bytes) -> bytes:
    # A compressor is not to be used by two threads at once; making one costs microseconds.
    return zstandard.ZstdCompressor(level=3).compress(body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


ENCODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": _brotli,
    "zstd": _zstandard,
    "gzip": _gzip,
}
"""By the name on the wire, the best first where a caller likes several equally."""


@lru_cache(maxsize=512)
def choose_encoding(accept_encoding: str) -> str:
    """The encoding to answer in, after RFC 9110; `IDENTITY` for none of ours.

    What is too long to be meant is not read.
    """
    if not accept_encoding or len(accept_encoding) > _LONGEST_HEADER:
        return IDENTITY
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        match = _ITEM.fullmatch(item.strip())
        if match is not None:
            weights[match[1]] = 1.0 if match[2] is None else float(match[2])
    any_other = weights.get("*", 0.0)
    best, best_weight = IDENTITY, weights.get("identity", 0.0)
    for name in ENCODERS:
        weight = weights.get(name, any_other)
        if weight > 0 and (weight > best_weight or (not best and weight >= best_weight)):
            best, best_weight = name, weight
    return best
