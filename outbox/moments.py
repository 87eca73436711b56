"""A transaction's turn at the ledger: the number it goes on from, and the instant of what it writes.

One instant for all of a transaction, and later than every one before. Whoever asks what held at
an instant must see a transaction whole or not at all, so its rows cannot each have a time of
their own. The clock may stand still between two transactions or be set back, and then the later
one would seem the earlier: its instant is pushed beyond the last.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from core.interface import utc_now
from outbox.models import LedgerHead

_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the running transaction knows of the ledger's head, which it has locked.

    It lies among what Django does after this commit: there it goes with the transaction, and
    with a savepoint that is rolled back, as the lock and the rows do. So nobody has to ask the
    database again, and after such a rollback the turn before it counts, or none.
    """

    sequence: int
    last_moment: datetime | None
    moment: datetime | None = None
    has_notified: bool = False

    def __call__(self) -> None:
        """There is nothing to do after the commit."""

    @classmethod
    def present(cls) -> "Turn | None":
        """The one that this transaction has; None before it has locked the head."""
        for _, action, _ in reversed(transaction.get_connection().run_on_commit):
            if isinstance(action, Turn):
                return action
        return None

    @classmethod
    def begin(cls, head: LedgerHead) -> "Turn":
        """The head has just been locked."""
        return _kept(cls(head.sequence, head.moment))

    def dated(self) -> "Turn":
        """With the instant of the transaction, taken at the first call."""
        if self.moment is not None:
            return self
        moment = utc_now()
        if self.last_moment is not None:
            moment = max(moment, self.last_moment + _TICK)
        return _kept(replace(self, moment=moment))

    def after(self, sequence: int) -> "Turn":
        """The head has been written: it is at this number, and the relays will be woken."""
        return _kept(replace(self, sequence=sequence, has_notified=True))


def _kept(turn: Turn) -> Turn:
    transaction.on_commit(turn)
    return turn
