"""Looking at what is not yet: only whoever makes documents knows what is scheduled."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

Rehearsal = Callable[[datetime], AbstractContextManager[None]]
"""Inside the context, this thread reads documents as they will be at the instant."""

_rehearsals: Final[list[Rehearsal]] = []


def register_future(rehearsal: Rehearsal) -> None:
    """Says who knows the future; the last one registered counts."""
    _rehearsals[:] = [rehearsal]


def at_future(instant: datetime) -> AbstractContextManager[None]:
    """Inside, what is read is as it will be, should nobody change anything until then.

    Raises:
        LookupError: nobody knows the future here.
    """
    if not _rehearsals:
        raise LookupError("Nobody has registered what is scheduled.")
    return _rehearsals[0](instant)
