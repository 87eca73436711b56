"""What may be taken away from the product, to show that the oracle finds it; `settings` has more."""

from collections.abc import Sequence
from typing import Any, Final

from amqp import Message

_NEVER: Final = 10**6


def send_and_hope(self: Any, messages: Sequence[Any], deadline: float) -> None:
    """As `Exchange._send`, but for taking a message that was sent for one that has arrived."""
    channel = self._open(deadline)
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


MUTATED: Final[dict[str, dict[tuple[str, str], Any]]] = {
    "confirms": {("outbox.exchange", "Exchange._send"): send_and_hope},
    # Late acknowledgement is a setting; the leases that make up for its absence are these.
    "leases": {
        ("outbox.claiming", "_QUEUE_LEASE_SECONDS"): _NEVER,
        ("outbox.relay", "recover_lost_runs"): _nothing_lost,
    },
    "sweep": {("outbox.relay", "_IDLE_SECONDS"): _NEVER},
}
