"""The step that makes caches in front of the site forget what an event changed."""

from core.interface import PurgeFailed, PurgeImpossible, get_cdn
from outbox.errors import FinalError, RetryableError
from outbox.models import LedgerEvent


def purge_cdn(event: LedgerEvent) -> None:
    """Purges the event's `cache_tags`.

    Order does not matter: a purge names what to fetch again, not what to show, so a late purge
    of an old event only costs one more fetch of the present state.
    """
    tags = event.data.get("cache_tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise FinalError("The event's cache_tags are not a list of texts.")
    try:
        get_cdn().purge_tags(tags)
    except PurgeFailed as error:
        raise RetryableError(str(error), retry_after_seconds=error.retry_after_seconds) from error
    except PurgeImpossible as error:
        raise FinalError(str(error)) from error
