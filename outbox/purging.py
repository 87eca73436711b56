"""The step that makes caches in front of the site forget what an event changed."""

from collections.abc import Sequence

from core.interface import PurgeFailed, PurgeImpossible, get_cdn
from outbox.errors import FinalError, RetryableError
from outbox.models import LedgerEvent


def purge_cdn(event: LedgerEvent) -> None:
    """Purges the event's `cache_tags`.

    Order does not matter: a purge names what to fetch again, not what to show, so a late purge
    of an old event only costs one more fetch of the present state.
    """
    _purge(cache_tags_of(event))


def purge_cdn_for_all(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """Purges what any of the events changed, each tag once: in few orders, however many events."""
    errors: list[Exception | None] = []
    tags: dict[str, None] = {}
    for event in events:
        try:
            tags |= dict.fromkeys(cache_tags_of(event))
        except FinalError as error:
            errors.append(error)
        else:
            errors.append(None)
    _purge(list(tags))
    return errors


def cache_tags_of(event: LedgerEvent) -> list[str]:
    """What the event makes stale.

    Raises:
        FinalError: it does not say so in the form that it should.
    """
    tags = event.data.get("cache_tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise FinalError("The event's cache_tags are not a list of texts.")
    return tags


def _purge(tags: Sequence[str]) -> None:
    if not tags:
        return
    try:
        get_cdn().purge_tags(tags)
    except PurgeFailed as error:
        raise RetryableError(str(error), retry_after_seconds=error.retry_after_seconds) from error
    except PurgeImpossible as error:
        raise FinalError(str(error)) from error
