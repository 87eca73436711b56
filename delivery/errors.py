"""What can go wrong with documents in particular."""

from core.interface import DomainError


class BeforeHistory(DomainError):
    """The instant asked for lies before the first one that is still known."""
