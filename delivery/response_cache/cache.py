"""Answers public requests from memory, and asks the origin once for what is not there.

Everything here runs in one event loop, so nothing is locked: between two `await`s nobody else
changes the state.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from delivery.response_cache.counters import Counters
from delivery.response_cache.encodings import choose_encoding
from delivery.response_cache.entry import Entry, Key, Variant
from delivery.response_cache.freshness import Storable, storable
from delivery.response_cache.memory import Memory
from delivery.response_cache.messages import Ask, Asker, Fetched, Origin, OriginAway, Reply
from delivery.response_cache.purge_log import PurgeLog
from delivery.response_cache.shared import SharedAnswer, SharedStore, Ticket
from delivery.response_cache.trust import Trust

NAME: Final = "Galley"
"""How the header `Cache-Status` (RFC 9211) names this cache."""
MOST_ALIASES: Final = 4096
JITTER: Final = 0.1
ORIGIN_SECONDS: Final = 10.0
STAND_IN_SECONDS: Final = 1.0
"""How long a request waits for the origin when an old answer could stand in."""
AWAY_SECONDS: Final = 1.0
"""After a failure, old answers stand in at once for so long; then one request asks again."""
_AWAY_STATUSES: Final = frozenset({503, 504})
"""A 500 is the fault of one address; these are of all."""
_RANDOM: Final = random.Random()  # noqa: S311 — spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a flight brought: an entry if it is one that can be sent to all, and how it came."""

    fetched: Fetched | None
    entry: Entry | None
    is_stored: bool = False
    is_shared: bool = False


class ResponseCache:
    """`recall` is the quick way for what is in memory, `answer` the whole one."""

    def __init__(
        self,
        *,
        origin: Origin,
        limit_bytes: int,
        trust: Trust,
        shared: SharedStore | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origin = origin
        self._memory = Memory(limit_bytes)
        self._trust = trust
        self._shared = shared
        self._clock = clock
        self._log = PurgeLog()
        self._flights: dict[Key, asyncio.Task[Outcome]] = {}
        self._aliases: dict[object, tuple[Entry, Variant]] = {}
        self._away_until = 0.0
        self.counters = Counters()

    def recall(self, alias: object, if_none_match: str) -> Reply | None:
        """The answer to a request that was spelled just so before, if it is fresh.

        `alias` is whatever tells requests apart as they came, encodings they take included.
        """
        found = self._aliases.get(alias)
        if found is None:
            return None
        entry, variant = found
        now = self._clock()
        if not entry.is_stored:
            del self._aliases[alias]
            return None
        if now >= entry.fresh_until or now >= self._trust.until:
            return None
        self._memory.touch(entry)
        return self._hit(entry, variant, if_none_match, now)

    async def answer(self, ask: Ask, asker: Asker, alias: object = None) -> Reply:
        """The answer to a request, from wherever it is to be had first.

        Raises:
            OriginAway: it is not stored, and the origin does not answer.
        """
        now = self._clock()
        entry = self._memory.find(ask.key)
        encoding = choose_encoding(asker.accept_encoding)
        if entry is not None:
            self._memory.touch(entry)
            is_trusted = self._trust.covers(entry.computed_at, now)
            if is_trusted and now < entry.fresh_until:
                return await self._from_memory(entry, encoding, asker, alias)
            if is_trusted and entry.may_revalidate(now):
                self._fly_soon(ask)
                return await self._old(entry, encoding, asker, f"hit; ttl={_ttl(entry, now)}")
            if entry.may_stand_in(now):
                return await self._with_stand_in(ask, asker, entry, encoding)
        return await self._from_origin(ask, asker, encoding, alias)

    def purge(self, tags: Iterable[str]) -> int:
        """Forgets every answer with one of these tags, those on their way included.

        Who asks from now on waits for no flight that began before. Gives how many entries went.
        """
        tags = list(tags)
        self._log.add(tags)
        self._flights.clear()
        gone = self._memory.purge(tags)
        self.counters.purges += 1
        self.counters.purged += gone
        return gone

    def purge_everything(self) -> int:
        """Forgets every answer: purges may have been missed."""
        self._log.add_everything()
        self._flights.clear()
        gone = self._memory.clear()
        self.counters.purges += 1
        self.counters.purged += gone
        return gone

    def sizes(self) -> dict[str, int]:
        """How much is stored."""
        memory = self._memory
        return {"entries": len(memory), "bytes": memory.used_bytes, "evicted": memory.evicted}

    async def _from_memory(self, entry: Entry, encoding: str, asker: Asker, alias: object) -> Reply:
        variant = await self._variant(entry, encoding)
        if alias is not None and entry.is_stored:
            if len(self._aliases) >= MOST_ALIASES:
                self._aliases.pop(next(iter(self._aliases)))
            self._aliases[alias] = (entry, variant)
        return self._hit(entry, variant, asker.if_none_match, self._clock())

    def _hit(self, entry: Entry, variant: Variant, if_none_match: str, now: float) -> Reply:
        self.counters.hits += 1
        age = int(now - entry.computed_at)
        if variant.stamped_at != age:
            variant.stamp(age, f"{NAME}; hit; ttl={_ttl(entry, now)}")
        if if_none_match and variant.is_held_by(if_none_match):
            return Reply(304, variant.stamped_304, b"")
        return Reply(200, variant.stamped, variant.body)

    async def _old(self, entry: Entry, encoding: str, asker: Asker, status: str) -> Reply:
        self.counters.stale += 1
        variant = await self._variant(entry, encoding)
        return self._reply(entry, variant, asker, status)

    def _reply(self, entry: Entry, variant: Variant, asker: Asker, status: str) -> Reply:
        age = max(0, int(self._clock() - entry.computed_at))
        extra = [("age", str(age)), ("cache-status", f"{NAME}; {status}")]
        if asker.if_none_match and variant.is_held_by(asker.if_none_match):
            return Reply(304, [*variant.headers_304, *extra], b"")
        return Reply(200, [*variant.headers, *extra], variant.body)

    async def _variant(self, entry: Entry, encoding: str) -> Variant:
        known = len(entry.variants)
        variant = await entry.variant(encoding)
        if len(entry.variants) > known:
            self._memory.weigh(entry)
        return variant

    async def _with_stand_in(self, ask: Ask, asker: Asker, entry: Entry, encoding: str) -> Reply:
        """A new answer; the old one, marked as such, when the origin does not give it in time."""
        status = "fwd=stale; detail=origin-away"
        if self._clock() >= self._away_until:
            flight = self._flight(ask)
            done, _ = await asyncio.wait([flight], timeout=STAND_IN_SECONDS)
            outcome = flight.result() if done else None
            if outcome is not None and outcome.fetched is not None:
                if not outcome.fetched.is_failure:
                    return await self._deliver(outcome, asker, encoding, None, "fwd=stale")
                status = f"fwd=stale; fwd-status={outcome.fetched.status}"
        if not entry.is_stored:
            # Purged meanwhile, and then nothing may stand in; or replaced by a new one.
            return await self.answer(ask, asker)
        return await self._old(entry, encoding, asker, status)

    async def _from_origin(self, ask: Ask, asker: Asker, encoding: str, alias: object) -> Reply:
        is_first = ask.key not in self._flights
        outcome = await asyncio.shield(self._flight(ask))
        if not is_first:
            self.counters.coalesced += 1
            if outcome.entry is None and outcome.fetched is not None:
                # Not for all: an error names the request that it belongs to.
                outcome = await self._fetch(ask)
        how = "fwd=miss" if is_first else "fwd=miss; collapsed"
        return await self._deliver(outcome, asker, encoding, alias, how)

    async def _deliver(
        self, outcome: Outcome, asker: Asker, encoding: str, alias: object, how: str
    ) -> Reply:
        entry, fetched = outcome.entry, outcome.fetched
        if fetched is None:
            raise OriginAway
        if entry is None:
            status = ("cache-status", f"{NAME}; {how}; fwd-status={fetched.status}")
            return Reply(fetched.status, [*fetched.headers, status], fetched.body)
        if outcome.is_shared:
            return await self._from_memory(entry, encoding, asker, alias)
        variant = await self._variant(entry, encoding)
        status_text = f"{how}; stored" if outcome.is_stored else how
        return self._reply(entry, variant, asker, status_text)

    def _flight(self, ask: Ask) -> "asyncio.Task[Outcome]":
        """The one request for this answer that is on its way, or a new one."""
        flight = self._flights.get(ask.key)
        if flight is None:
            flight = asyncio.get_running_loop().create_task(self._fetch(ask))
            self._flights[ask.key] = flight
            flight.add_done_callback(lambda done: self._land(ask.key, done))
        return flight

    def _fly_soon(self, ask: Ask) -> None:
        if ask.key not in self._flights and self._clock() >= self._away_until:
            self._flight(ask)

    def _land(self, key: Key, flight: "asyncio.Task[Outcome]") -> None:
        # After a purge another flight may have the place.
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fetch(self, ask: Ask) -> Outcome:
        mark, begun = self._log.begin(), self._clock()
        try:
            ticket = await self._shared.begin(ask.key) if self._shared else None
            if ticket is not None and ticket.found is not None:
                outcome = self._keep_shared(ask.key, ticket.found, mark)
                if outcome is not None:
                    return outcome
            self.counters.misses += 1
            fetched = await self._origin.fetch(ask, seconds=ORIGIN_SECONDS)
            self._note_health(is_away=fetched.status in _AWAY_STATUSES)
            return self._keep(ask.key, fetched, mark, begun, ticket)
        except OriginAway:
            self._note_health(is_away=True)
            return Outcome(None, None)
        finally:
            self._log.end(mark)

    def _note_health(self, *, is_away: bool) -> None:
        self.counters.failures += is_away
        self._away_until = self._clock() + AWAY_SECONDS if is_away else 0.0

    def _keep_shared(self, key: Key, answer: SharedAnswer, mark: int) -> Outcome | None:
        """Keeps what another process has stored; None when it is of no use any more."""
        found = storable(answer.fetched)
        now = self._clock()
        if found is None or self._log.is_old(mark, found.tags):
            return None
        computed_at = now - answer.age_seconds
        entry = self._entry(key, answer.fetched, found, computed_at)
        if now >= entry.fresh_until:
            return None
        self._memory.put(entry)
        self.counters.shared_hits += 1
        return Outcome(answer.fetched, entry, is_stored=True, is_shared=True)

    def _keep(
        self, key: Key, fetched: Fetched, mark: int, begun: float, ticket: Ticket | None
    ) -> Outcome:
        found = storable(fetched)
        if found is None:
            self.counters.not_storable += 1
            # What was public may be so no longer.
            if not fetched.is_failure:
                self._memory.drop(key)
            return Outcome(fetched, None)
        entry = self._entry(key, fetched, found, begun)
        if self._log.is_old(mark, entry.tags):
            self.counters.outdated += 1
            # Nor may a cache in front keep it, which the purge has passed by already.
            passing = fetched.not_to_be_kept()
            return Outcome(passing, self._entry(key, passing, found, begun))
        is_stored = self._memory.put(entry)
        self.counters.stored += is_stored
        if self._shared is not None and ticket is not None:
            self._shared.offer(key, ticket, fetched, found)
        return Outcome(fetched, entry, is_stored)

    def _entry(self, key: Key, fetched: Fetched, found: Storable, computed_at: float) -> Entry:
        jitter = _RANDOM.uniform(0, JITTER)
        return Entry.of(key, fetched, found, computed_at=computed_at, jitter=jitter)


def _ttl(entry: Entry, now: float) -> int:
    return int(entry.fresh_until - now)
