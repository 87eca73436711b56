"""One purge order by HTTP, and what its answer means."""

from collections.abc import Mapping
from typing import Final

from core.cdn.base import PurgeFailed, PurgeImpossible
from core.http_client import OutboundError, OutboundLimits, send_request

_LIMITS: Final = OutboundLimits(connect_seconds=2, deadline_seconds=5, max_body_bytes=2048)
# The request itself is at fault. Other refusals (401, 403, 404, 405) come from a setting, here
# or on the cache, that a person may correct while the order waits for its next try.
_FINAL_STATUSES: Final = frozenset({400, 413, 414, 422, 431})


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None


def send_purge(method: str, url: str, headers: Mapping[str, str]) -> None:
    """Sends the order to one node; returns when the node has taken it."""
    try:
        answer = send_request(method, url, headers=headers, limits=_LIMITS)
    except OutboundError as error:
        # Even a refused address is worth another try: an operator's list may lack the cache.
        raise PurgeFailed(f"{url}: {error}") from error
    if answer.is_success:
        return
    detail = f"{url} answered {answer.status}."
    if answer.status in _FINAL_STATUSES:
        raise PurgeImpossible(detail)
    raise PurgeFailed(detail, retry_after_seconds=_retry_after(answer.headers))
