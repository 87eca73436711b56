"""What the response cache has done, for `/metrics`.

An answer from memory costs a few microseconds, so the cache counts in plain integers; here they are
put where the library keeps its own, once in a second.
"""

import asyncio
from typing import Final

from core.interface import make_counter, make_gauge
from delivery.interface import ResponseCache

PUBLISH_SECONDS: Final = 1.0

_LOOKUPS: Final = make_counter(
    "galley_response_cache_lookups",
    "Public requests that asked a layer of the response cache, by what it had.",
    ["layer", "result"],
)
_PURGED: Final = make_counter(
    "galley_response_cache_purged_entries", "Stored answers that a change has taken.", []
)
_FAILURES: Final = make_counter(
    "galley_response_cache_origin_failures", "Requests to Django that brought no answer.", []
)
_ENTRIES: Final = make_gauge(
    "galley_response_cache_entries", "Answers in the memory of the processes."
)
_BYTES: Final = make_gauge(
    "galley_response_cache_bytes", "Bytes of the answers in the memory of the processes."
)


class CacheMeasures:
    """Publishes the counters of one process's cache."""

    def __init__(self, cache: ResponseCache, *, has_shared: bool) -> None:
        self._cache = cache
        self._has_shared = has_shared
        self._told: dict[tuple[str, str], int] = {}

    async def publish_forever(self) -> None:
        """Until it is cancelled."""
        while True:
            self.publish()
            await asyncio.sleep(PUBLISH_SECONDS)

    def publish(self) -> None:
        """Adds what has happened since the last time."""
        counters = self._cache.counters
        answered = max(0, counters.hits - counters.shared_hits)
        self._tell("memory", "hit", answered)
        self._tell("memory", "stale", counters.stale)
        self._tell("memory", "miss", counters.misses + counters.shared_hits)
        if self._has_shared:
            self._tell("redis", "hit", counters.shared_hits)
            self._tell("redis", "miss", counters.misses)
        _PURGED.inc(self._since("purged", "", counters.purged))
        _FAILURES.inc(self._since("failures", "", counters.failures))
        sizes = self._cache.sizes()
        _ENTRIES.set(sizes["entries"])
        _BYTES.set(sizes["bytes"])

    def _tell(self, layer: str, result: str, value: int) -> None:
        _LOOKUPS.labels(layer, result).inc(self._since(layer, result, value))

    def _since(self, layer: str, result: str, value: int) -> int:
        before = self._told.get((layer, result), 0)
        self._told[layer, result] = max(before, value)
        return max(0, value - before)
