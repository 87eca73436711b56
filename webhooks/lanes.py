"""What one sender has in hand for one endpoint.

Several threads work on a lane at once, each on other subjects: deliveries of one subject go one
after another, in the order of the ledger. When one of them fails, those behind it go back to
the database and wait; when the endpoint is overwhelmed or gone, all do.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.interface import OutboundConnection, Undecipherable, utc_now
from webhooks.models import Subscription
from webhooks.secrets import UnusableKey
from webhooks.sending import Meaning, Message, Outcome, attempt, not_signed
from webhooks.signing import keys_of

CONCURRENCY: Final = 4
"""How many requests an endpoint gets at a time; one, while it is not known to be well."""

_PROBING: Final = 1


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, which lane it is of, and what was put back for it.

    The two go to the database together: a delivery that is due again before the failure ahead of
    it is known would overtake it.
    """

    lane: "Lane"
    outcome: Outcome
    returned: Sequence[int] = ()


class Lane:
    """The deliveries in hand of one subscription. Its lease is renewed by the sender."""

    def __init__(self, subscription: Subscription, lease_id: UUID, *, failures_in_row: int) -> None:
        self.subscription = subscription
        self.lease_id = lease_id
        self.failures_in_row = failures_in_row
        self.wants_more = True
        self.is_lost = False
        self.success_noted_at: datetime | None = None
        self.begun = time.monotonic()
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Message]] = {}
        self._ready: deque[str] = deque()
        # Subjects of which a delivery has failed, while the database does not know it yet.
        self._failed: set[str] = set()
        self._unsettled = 0
        self._workers = 0
        self._is_halted = False
        # Kept for the next thread, so that a quiet endpoint is not connected to for each delivery.
        self._connections: list[OutboundConnection] = []
        self._keeps_connections = True

    @property
    def in_hand(self) -> int:
        """How many deliveries wait here, are on their way, or are not settled yet."""
        with self._lock:
            return sum(map(len, self._queues.values())) + self._unsettled

    @property
    def is_halted(self) -> bool:
        """Whether nothing more is sent from here."""
        return self._is_halted

    @property
    def queued(self) -> int:
        """How many subjects have something that may be sent now."""
        return len(self._ready)

    @property
    def is_busy(self) -> bool:
        """Whether a thread works here."""
        return self._workers > 0

    def add(self, messages: Sequence[Message]) -> list[int]:
        """Takes deliveries in hand, which come in the order of the ledger; gives those it refuses.

        A halted lane sends nothing more, and nothing may overtake a delivery that has failed
        since the database was asked for these.
        """
        refused: list[int] = []
        with self._lock:
            for message in messages:
                if self._is_halted or message.subject in self._failed:
                    refused.append(message.delivery_id)
                    continue
                if message.subject not in self._queues:
                    self._queues[message.subject] = deque()
                    self._ready.append(message.subject)
                self._queues[message.subject].append(message)
        return refused

    def workers_wanted(self) -> int:
        """How many threads more there is work for; they count as working from now on."""
        with self._lock:
            most = _PROBING if self.failures_in_row else CONCURRENCY
            wanted = max(0, min(most - self._workers, len(self._ready)))
            self._workers += wanted
            return wanted

    def halt(self) -> list[int]:
        """Sends nothing more from here; gives what was in hand and not on its way."""
        with self._lock:
            return self._halt()

    def work(self, report: Callable[[Result], None]) -> None:
        """Sends until nothing is left that may be sent; runs in a thread of the sender's pool."""
        with self._connected() as connection:
            while (message := self._take()) is not None:
                outcome = self._send(connection, message)
                # Finished first: a failure has to be known here before it can be settled.
                returned = self._finish(outcome)
                report(Result(self, outcome, returned))

    def hang_up(self) -> None:
        """Ends the connections that nobody uses, and from now on each when its thread ends."""
        with self._lock:
            self._keeps_connections = False
            kept, self._connections = self._connections, []
        for connection in kept:
            connection.close()

    @contextmanager
    def _connected(self) -> Iterator[OutboundConnection]:
        with self._lock:
            connection = self._connections.pop() if self._connections else OutboundConnection()
        try:
            yield connection
        finally:
            with self._lock:
                if self._keeps_connections:
                    self._connections.append(connection)
                is_kept = self._keeps_connections
            if not is_kept:
                connection.close()

    def count_settled(self, outcome: Outcome) -> None:
        """Notes that this outcome is in the database."""
        with self._lock:
            self._unsettled -= 1
            if outcome.meaning is not Meaning.DELIVERED:
                self._failed.discard(outcome.message.subject)

    def _send(self, connection: OutboundConnection, message: Message) -> Outcome:
        subscription = self.subscription
        try:
            keys = keys_of(subscription, utc_now())
        except (Undecipherable, UnusableKey) as error:
            return not_signed(message, error)
        return attempt(connection, subscription.url, message, keys)

    def _take(self) -> Message | None:
        with self._lock:
            if self._is_halted or not self._ready:
                # Under the same lock, so that who adds work knows how many threads will see it.
                self._workers -= 1
                return None
            self._unsettled += 1
            return self._queues[self._ready.popleft()].popleft()

    def _finish(self, outcome: Outcome) -> list[int]:
        """Lets the subject go on, or gives what has to wait."""
        subject = outcome.message.subject
        with self._lock:
            queue = self._queues[subject]
            returned: list[int] = []
            if outcome.meaning is not Meaning.DELIVERED:
                self._failed.add(subject)
                returned = _emptied(queue)
            if queue:
                self._ready.append(subject)
            else:
                del self._queues[subject]
            if outcome.meaning in (Meaning.OVERWHELMED, Meaning.GONE):
                returned += self._halt()
        return returned

    def _halt(self) -> list[int]:
        self._is_halted = True
        self._ready.clear()
        return [item for queue in self._queues.values() for item in _emptied(queue)]


def _emptied(queue: deque[Message]) -> list[int]:
    ids = [message.delivery_id for message in queue]
    queue.clear()
    return ids
