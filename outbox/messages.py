"""What the relay writes to workers: the message of a batch, and reading it."""

from typing import Any, Final
from uuid import UUID

from outbox.batches import BATCH_SIZE, Batch

RUN_STEPS_TASK: Final = "outbox.run_steps"


class BadMessage(Exception):
    """The message is none of ours; nothing in it was acted on."""


def write_batch(batch: Batch) -> list[Any]:
    """The task's arguments: plain JSON."""
    return [batch.step, str(batch.lease_id), list(batch.run_ids)]


def read_batch(*arguments: Any, **named: Any) -> Batch:
    """The batch that the arguments describe.

    Raises:
        BadMessage: they are not of the form that `write_batch` gives them.
    """
    match arguments:
        case (str() as step, str() as lease, list() as ids) if not named:
            sound = all(isinstance(run_id, int) for run_id in ids)
            if sound and 0 < len(ids) <= BATCH_SIZE:
                try:
                    return Batch(step, UUID(lease), tuple(ids))
                except ValueError as error:
                    raise BadMessage("The lease is no UUID.") from error
    raise BadMessage("The arguments are not a step, a lease and a list of runs.")
