"""What the cache asks of a store that several processes share."""

from dataclasses import dataclass
from typing import Protocol

from delivery.response_cache.entry import Key
from delivery.response_cache.freshness import Storable
from delivery.response_cache.messages import Fetched


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """An answer that another process has stored; `age_seconds` since its origin was asked."""

    fetched: Fetched
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the store said before an answer is computed: one that it has, or the right to store.

    `state` is the store's own note of the purges that it knew of.
    """

    found: SharedAnswer | None
    state: str


class SharedStore(Protocol):
    """A store that may be away. No call takes longer than a tenth of a second, none raises."""

    async def begin(self, key: Key) -> Ticket | None:
        """What the store knows of this answer; None while it is away."""

    def offer(self, key: Key, ticket: Ticket, fetched: Fetched, found: Storable) -> None:
        """Hands a computed answer over, without waiting.

        The store refuses it when one of its tags was purged since the ticket was given.
        """
