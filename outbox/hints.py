"""Telling of events right after their commit, in the process that made them."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import cast

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from outbox.models import LedgerEvent

Hint = Callable[[Sequence[LedgerEvent]], None]


def hint_at_commit(events: Sequence[LedgerEvent]) -> None:
    """Calls what `settings.OUTBOX_COMMIT_HINT` names, once the transaction has committed.

    It saves time and no more: a process that dies, or a hint that fails, leaves the events to
    whoever reads the ledger. An error is logged and harms nobody.
    """
    transaction.on_commit(partial(_tell, events), robust=True)


def _tell(events: Sequence[LedgerEvent]) -> None:
    _load(settings.OUTBOX_COMMIT_HINT)(events)


@lru_cache
def _load(name: str) -> Hint:
    return cast("Hint", import_string(name))
