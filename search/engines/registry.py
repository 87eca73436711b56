"""Which engine answers, and which one stands in for it."""

from search.engines.database.engine import DATABASE_ENGINE
from search.engines.protocol import Engine


def answering_engine() -> Engine:
    """The engine that searches ask first."""
    return DATABASE_ENGINE


def standby_engine() -> Engine:
    """The engine that answers while that one is away: its tables are always kept."""
    return DATABASE_ENGINE
