"""What may be taken away from the product, to show that the oracle finds it."""

from collections.abc import Sequence
from typing import Any, Final

from amqp import Message

from core.interface import fault_point

NEVER: Final = 10**6


def send_and_hope(self: Any, messages: Sequence[Any], deadline: float) -> None:
    """As `Exchange._send`, but for taking a message that was sent for one that has arrived."""
    channel = self._open(deadline)
    fault_point("outbox.announce.before_publish")
    for index, message in enumerate(messages):
        amqp_message = Message(
            message.body, application_headers=message.headers, **message.properties
        )
        channel.basic_publish(
            amqp_message, exchange="galley.events", routing_key=message.routing_key
        )
        self._outcomes[index] = None


def _nothing_lost() -> int:
    return 0


_NO_LEASES: Final[dict[tuple[str, str], Any]] = {
    ("outbox.claiming", "_QUEUE_LEASE_SECONDS"): NEVER,
    ("outbox.relay", "recover_lost_runs"): _nothing_lost,
}
MUTATED: Final[dict[str, dict[tuple[str, str], Any]]] = {
    "confirms": {("outbox.exchange", "Exchange._send"): send_and_hope},
    # What a holder that died had begun.
    "leases": _NO_LEASES,
    # A message that is acknowledged early and lost is sent again when the lease on its claim has
    # run out. So late acknowledgement alone may go, and the mutation is the pair; `leases` shows
    # nothing where this one strikes. Its other half stands in `settings`.
    "acks_late": _NO_LEASES,
    # The scheduler sweeps beside the relays: its part stands in `quickened`.
    "sweep": {("outbox.relay", "_IDLE_SECONDS"): NEVER},
}
FOUND: Final[dict[str, str]] = {
    "confirms": "queue never heard",
    "leases": "'running'",
    "acks_late": "'queued'",
    "sweep": "nothing goes on",
}
"""What the oracle says then, among other things."""
