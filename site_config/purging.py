"""Tells the response caches of each change: at its commit, and once more from the ledger."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from django.conf import settings

from core.interface import REDIS_FAULTS, describe_redis_fault, make_redis, utc_now
from delivery.interface import Names, forget_sites, purge_many_with, purge_with
from outbox.interface import (
    FinalError,
    LedgerEvent,
    RetryableError,
    cache_tags_of,
    purge_cdn,
    purge_cdn_for_all,
)

logger = logging.getLogger(__name__)

Purge = Callable[[Sequence[LedgerEvent]], None]
_REST_SECONDS: Final = 1.0
HEARD_SECONDS: Final = 0.25
"""Within this time every process that serves has heard of a commit, whatever it listens to."""
AGAIN_SECONDS: Final = 5.0
"""After this time no answer from before a commit is on its way to a CDN any more."""
NO_CDN: Final = "core.cdn.null.NullCdn"

_here: Final[list[Purge]] = []
"""The response caches of this process: one where it serves, none elsewhere."""


def tags_of(events: Iterable[LedgerEvent]) -> list[str]:
    """The cache tags that these events purge, each once."""
    return list(
        dict.fromkeys(tag for event in events for tag in event.data.get("cache_tags") or ())
    )


def add_local_cache(purge: Purge) -> None:
    """Has `purge` called with the events of each change that is made in this process."""
    _here.append(purge)


def remove_local_cache(purge: Purge) -> None:
    """Ends that."""
    _here.remove(purge)


def announce(events: Sequence[LedgerEvent]) -> None:
    """Purges what these events have changed: in this process, and in Redis for all others.

    Called right after the commit. While Redis is away it costs a tenth of a second, once in a
    second; the ledger's step makes up for it.
    """
    forget_sites()
    for purge in _here:
        purge(events)
    if settings.REDIS_URL:
        _publisher().announce(events)


def purge_response_cache(event: LedgerEvent) -> None:
    """The step of the ledger: Redis forgets the event's tags, and tells all processes.

    Nothing happens where `announce` has done so already.
    """
    cache_tags_of(event)
    _purge_in_redis([event])


def purge_response_cache_for_all(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """The same for many events, in one trip to Redis."""
    errors: list[Exception | None] = []
    sound = []
    for event in events:
        try:
            cache_tags_of(event)
        except FinalError as error:
            errors.append(error)
        else:
            errors.append(None)
            sound.append(event)
    _purge_in_redis(sound)
    return errors


def _purge_in_redis(events: Sequence[LedgerEvent]) -> None:
    try:
        _publisher().purge_all(events)
    except REDIS_FAULTS as error:
        told = describe_redis_fault(error)
        raise RetryableError(f"Redis does not take the purge: {told}") from error


def purge_cdn_after_caches(event: LedgerEvent) -> None:
    """Purges the CDN when our own processes have heard, lest it fetch their old answers again."""
    _wait_for_caches(event)
    purge_cdn(event)


def purge_cdn_after_caches_for_all(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """The same for many events: one wait, and one purge of all their tags."""
    _wait_for_caches(max(events, key=attrgetter("occurred_at")))
    return purge_cdn_for_all(events)


def _wait_for_caches(event: LedgerEvent) -> None:
    age = (utc_now() - event.occurred_at).total_seconds()
    if settings.CDN["BACKEND"] != NO_CDN and age < HEARD_SECONDS:
        time.sleep(min(HEARD_SECONDS - age, HEARD_SECONDS))


class _Publisher:
    """Sends purges to Redis from wherever changes are made."""

    def __init__(self) -> None:
        self._known_client: Any = None
        self._names = Names(settings.REDIS_PREFIX)
        self._away_until = 0.0

    def announce(self, events: Iterable[LedgerEvent]) -> None:
        if time.monotonic() < self._away_until:
            return
        try:
            for event in events:
                self.purge(event)
        except REDIS_FAULTS as error:
            self._away_until = time.monotonic() + _REST_SECONDS
            told = describe_redis_fault(error)
            logger.warning("Redis was not told of a change at once: %s", told)

    def purge_all(self, events: Sequence[LedgerEvent]) -> None:
        if events:
            tags = {event.id.hex: event.data["cache_tags"] for event in events}
            purge_many_with(self._client(), self._names, tags)

    def purge(self, event: LedgerEvent) -> None:
        purge_with(self._client(), self._names, event.id.hex, event.data.get("cache_tags") or [])

    def _client(self) -> Any:
        # A cluster's asks its nodes when it is made, which may fail.
        if self._known_client is None:
            self._known_client = make_redis(settings.REDIS_URL)
        return self._known_client


@lru_cache
def _publisher() -> _Publisher:
    return _Publisher()
