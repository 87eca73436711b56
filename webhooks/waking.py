"""How senders learn of new deliveries without asking all the time."""

from collections.abc import Callable
from typing import Final

from django.db import connection, transaction

CHANNEL: Final = "galley_webhooks"

_here: Final[set[Callable[[], None]]] = set()


def wake_senders() -> None:
    """Wakes the senders of all processes once the transaction commits.

    Where the database tells nothing, only those of this process; the others look each second.
    """
    transaction.on_commit(_wake_here)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


def _wake_here() -> None:
    for wake in list(_here):
        wake()


def listen_here(wake: Callable[[], None]) -> None:
    """Calls `wake` whenever this process has committed something to send; it must not block."""
    _here.add(wake)


def forget_here(wake: Callable[[], None]) -> None:
    """Ends `listen_here`."""
    _here.discard(wake)
