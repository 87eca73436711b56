"""Tells the response cache of each change, as soon as it is committed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from delivery.interface import forget_sites
from outbox.interface import LedgerEvent

Purge = Callable[[list[str]], None]

_here: Final[list[Purge]] = []
"""The response caches of this process: one where it serves, none elsewhere."""


def tags_of(data: Iterable[Mapping[str, Any]]) -> list[str]:
    """The cache tags that events with this data purge, each once."""
    return list(dict.fromkeys(tag for item in data for tag in item.get("cache_tags") or ()))


def add_local_cache(purge: Purge) -> None:
    """Has `purge` called with the tags of each change that is made in this process."""
    _here.append(purge)


def remove_local_cache(purge: Purge) -> None:
    """Ends that."""
    _here.remove(purge)


def announce(events: Sequence[LedgerEvent]) -> None:
    """Purges what these events have changed, here at once."""
    tags = tags_of(event.data for event in events)
    if not tags:
        return
    forget_sites()
    for purge in _here:
        purge(tags)
