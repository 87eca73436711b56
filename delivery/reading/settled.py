"""Whether an answer about the past can still change."""

from datetime import datetime, timedelta
from typing import Final

from core.interface import utc_now
from outbox.interface import last_moment

SETTLES_AFTER: Final = timedelta(hours=1)
"""Longer than any transaction holds the ledger: all other publications wait for it."""


def is_settled(at: datetime) -> bool:
    """Whether no transaction can come to commit that changes what held at this instant.

    A transaction takes its instant before it commits, so one that is under way may have taken
    an earlier one than this. That is ruled out where another has committed meanwhile with this
    instant or a later one, since instants follow the order of the commits; and after an hour.
    One query, none for what is more than an hour past.
    """
    if utc_now() - at > SETTLES_AFTER:
        return True
    last = last_moment()
    return last is not None and at <= last
