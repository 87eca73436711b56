"""The one place that asks for the time, so that a test can set it."""

from datetime import UTC, datetime
from typing import Literal


def utc_now() -> datetime:
    """The current instant, aware, in UTC, with microseconds."""
    return datetime.now(UTC)


def zulu(moment: datetime, timespec: Literal["auto", "seconds", "milliseconds"] = "auto") -> str:
    """An aware instant as others are told it: RFC 3339 in UTC, with a `Z` at its end."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
