"""The instant of a transaction: one for all that it writes, and later than every one before.

Whoever asks what held at an instant must see a transaction whole or not at all, so its rows
cannot each have a time of their own. The clock may stand still between two transactions or be
set back, and then the later one would seem the earlier: its instant is pushed beyond the last.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from core.interface import utc_now
from outbox.models import LedgerHead

_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Lies among what Django does after this commit, and goes with it when it is rolled back."""

    moment: datetime

    def __call__(self) -> None:
        """There is nothing to do after the commit."""


def moment_of(head: LedgerHead) -> datetime:
    """The instant of the running transaction, which has locked `head`.

    Taken at the first call. After a rollback to a savepoint before that, a call takes a new one
    where it must: the lock went with the savepoint, and others may have written since.
    """
    for _, action, _ in transaction.get_connection().run_on_commit:
        if isinstance(action, _Mark) and (head.moment is None or action.moment >= head.moment):
            return action.moment
    moment = utc_now()
    if head.moment is not None:
        moment = max(moment, head.moment + _TICK)
    transaction.on_commit(_Mark(moment))
    return moment
