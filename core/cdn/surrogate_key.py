"""Caches that take `PURGE` with a list of surrogate keys: Varnish with xkey, and its like."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from core.cdn.base import PurgeFailed, PurgeImpossible, tag_batches
from core.cdn.sending import send_purge
from core.clock import utc_now

# Varnish refuses a header line over 8 kB.
_MAX_TAGS: Final = 200
_MAX_BYTES: Final = 4096


class SurrogateKeyCdn:
    """Sends `PURGE` with a `Surrogate-Key` header to each of `urls`, one per cache node.

    An outsider must not be able to empty the cache: `token` goes along as `X-Purge-Token`, and
    with `signing_key` each order carries `X-Purge-Timestamp` (Unix seconds) and
    `X-Purge-Signature`, the hex HMAC-SHA256 of `<timestamp>.<keys>`.
    """

    def __init__(
        self,
        *,
        urls: Sequence[str],
        header: str = "Surrogate-Key",
        token: str = "",
        signing_key: str = "",
    ) -> None:
        self._urls = tuple(urls)
        self._header = header
        self._token = token
        self._signing_key = signing_key

    def purge_tags(self, tags: Sequence[str]) -> None:
        """Asks every node, also after one has failed: a dead node keeps no other node stale."""
        failures: list[PurgeFailed | PurgeImpossible] = []
        for keys in tag_batches(tags, max_tags=_MAX_TAGS, max_bytes=_MAX_BYTES):
            for url in self._urls:
                try:
                    send_purge("PURGE", url, self._headers(keys))
                except (PurgeFailed, PurgeImpossible) as error:
                    failures.append(error)
        if failures:
            # While one node may yet take the order, it is worth another try.
            raise min(failures, key=lambda failure: isinstance(failure, PurgeImpossible))

    def _headers(self, keys: str) -> dict[str, str]:
        headers = {self._header: keys}
        if self._token:
            headers["X-Purge-Token"] = self._token
        if self._signing_key:
            timestamp = str(int(utc_now().timestamp()))
            signed = f"{timestamp}.{keys}".encode()
            headers["X-Purge-Timestamp"] = timestamp
            headers["X-Purge-Signature"] = hmac.new(
                self._signing_key.encode(), signed, hashlib.sha256
            ).hexdigest()
        return headers
