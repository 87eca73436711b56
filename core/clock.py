"""The one place that asks for the time, so that a test can set it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current instant, aware, in UTC, with microseconds."""
    return datetime.now(UTC)
