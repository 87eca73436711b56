"""What the commits of this process have told the world; `settings` names `note_commit`."""

from collections.abc import Sequence
from typing import Final

from outbox.interface import LedgerEvent
from site_config import purging

COMMITTED: Final[list[LedgerEvent]] = []


def note_commit(events: Sequence[LedgerEvent]) -> None:
    """Stands where the product is told of its commits, and tells it."""
    COMMITTED.extend(events)
    purging.announce(events)
