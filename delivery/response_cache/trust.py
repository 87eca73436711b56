"""Until when this process knows that every purge has reached it."""

from typing import Final

UNTRUSTED_SECONDS: Final = 2.0
"""How long an entry lives while purges may fail to arrive, and how long silence is no sign."""


class Trust:
    """Moved on by whoever listens for purges, each time that it has proof of hearing them.

    Without anyone who listens, nothing is trusted for longer than `UNTRUSTED_SECONDS`.
    """

    __slots__ = ("until",)

    def __init__(self) -> None:
        self.until = 0.0

    def confirm(self, at: float) -> None:
        """All purges up to this moment have been carried out here."""
        self.until = max(self.until, at + UNTRUSTED_SECONDS)

    def covers(self, computed_at: float, now: float) -> bool:
        """Whether an answer computed then can be sent now without a doubt about purges."""
        return now < self.until or now < computed_at + UNTRUSTED_SECONDS
