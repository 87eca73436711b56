"""Fastly's purge by surrogate key."""

from collections.abc import Sequence
from typing import Final

from core.cdn.base import tag_batches
from core.cdn.sending import send_purge

# Fastly's own limit on keys in one order.
_MAX_TAGS: Final = 256
_MAX_BYTES: Final = 16_384


class FastlyCdn:
    """Orders purges that act at once: after a soft one, `stale-while-revalidate` would show a page
    that was unpublished once more.
    """

    def __init__(
        self, *, service_id: str, token: str, api_url: str = "https://api.fastly.com"
    ) -> None:
        self._url = f"{api_url}/service/{service_id}/purge"
        self._token = token

    def purge_tags(self, tags: Sequence[str]) -> None:
        """One order for up to 256 tags."""
        for keys in tag_batches(tags, max_tags=_MAX_TAGS, max_bytes=_MAX_BYTES):
            headers = {
                "Fastly-Key": self._token,
                "Surrogate-Key": keys,
                "Accept": "application/json",
            }
            send_purge("POST", self._url, headers)
