"""Following the ledger.

Sequence numbers are drawn under a lock that is held to the commit (`outbox.recording`), so
whatever instant a reader looks, it sees all events up to some number and none beyond: who has
read up to a number has missed nothing before it, however many transactions are under way.
"""

from outbox.models import LedgerEvent


def last_event() -> LedgerEvent | None:
    """The newest event; None while nothing was ever recorded. One query."""
    return LedgerEvent.objects.order_by("-sequence").first()


def read_events(start: int, limit: int) -> list[LedgerEvent]:
    """The events from number `start` on, that one included, at most `limit`. One query."""
    return list(LedgerEvent.objects.filter(sequence__gte=start).order_by("sequence")[:limit])
