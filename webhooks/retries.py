"""When a delivery is tried again, and how long an endpoint in trouble is left alone."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from core.interface import utc_now

# Seconds before the 2nd, 3rd, … 10th try, as Standard Webhooks 1.0.0 has them: a blip is over in
# seconds, a deployment in minutes, an outage within a day, and a weekend is survived.
# Sum: 272,105 s = 75 h 35 min 5 s; then the delivery is given up.
WAITS_SECONDS: Final = (
    5,
    5 * 60,
    30 * 60,
    2 * 60 * 60,
    5 * 60 * 60,
    10 * 60 * 60,
    14 * 60 * 60,
    20 * 60 * 60,
    24 * 60 * 60,
)
MAX_TRIES: Final = len(WAITS_SECONDS) + 1
SCHEDULE_SECONDS: Final = sum(WAITS_SECONDS)

# A receiver may ask for patience, not for eternity.
MOST_ASKED_SECONDS: Final = 24 * 60 * 60
# What failed together should not come back together.
_JITTER: Final = 0.1

_FIRST_HOLD_SECONDS: Final = 2.0
_LONGEST_HOLD_SECONDS: Final = 300.0
_MOST_DOUBLINGS: Final = 10


def wait_after(tries: int, asked_seconds: float | None = None) -> float | None:
    """Seconds to wait after so many failed tries; None when there is no other try."""
    if tries >= MAX_TRIES:
        return None
    return max(_spread(WAITS_SECONDS[tries - 1]), _bounded(asked_seconds))


def hold_after(failures: int, asked_seconds: float | None = None) -> float:
    """Seconds for which nothing is sent to an endpoint that has shown so often that it is overwhelmed.

    Then one delivery is tried; the others wait for it, and count no try.
    """
    doubled = _FIRST_HOLD_SECONDS * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return max(_spread(min(doubled, _LONGEST_HOLD_SECONDS)), _bounded(asked_seconds))


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` asks for, in seconds; None without one that can be read."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:12])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, _seconds_until(at))


def _seconds_until(at: datetime) -> float:
    return (at - utc_now()).total_seconds()


def _spread(seconds: float) -> float:
    return seconds * (1 + random.uniform(0, _JITTER))  # noqa: S311


def _bounded(asked: float | None) -> float:
    return min(asked or 0.0, MOST_ASKED_SECONDS)
