"""What Celery's worker does differently for us: nothing that it cannot read is taken for done."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

from celery import bootsteps
from celery.worker.consumer import Consumer
from celery.worker.request import Request
from django.db import Error as DatabaseFailed
from django.db import connection
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from vine import promise

from core.interface import fault_point
from outbox.batches import Batch
from outbox.claiming import begun_runs
from outbox.messages import BadMessage, read_batch
from outbox.settling import lose_runs

logger = logging.getLogger(__name__)

DEAD_LETTERS: Final = "galley.dead"
# Two weeks to look at what nobody could read; more than a thousand of it show nothing new.
DEAD_QUEUE: Final = Queue(  # type: ignore[no-untyped-call]
    DEAD_LETTERS,
    Exchange(DEAD_LETTERS, type="fanout", durable=True),  # type: ignore[no-untyped-call]
    durable=True,
    queue_arguments={
        "x-queue-type": "quorum",
        "x-max-length": 1000,
        "x-message-ttl": 14 * 24 * 60 * 60 * 1000,
    },
)

MOST_RECONNECT_SECONDS: Final = 5.0
"""So long after a broker has come back, its workers take messages again."""


class StepRequest(Request):  # type: ignore[misc]
    """A message of ours in a worker's main process."""

    def acknowledge(self) -> None:
        """After the task has ended in its child."""
        fault_point("outbox.worker.before_acknowledge")
        super().acknowledge()
        fault_point("outbox.worker.after_acknowledge")

    def reject(self, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's own
        """Celery sends back what lost its child: the runs count as lost now, not after a lease."""
        if requeue:
            self._lose_runs()
        super().reject(requeue=requeue)

    def _lose_runs(self) -> None:
        try:
            batch: Batch = read_batch(*self.args, **self.kwargs)
            lose_runs(begun_runs(batch))
        except (BadMessage, DatabaseFailed, OSError):
            logger.warning("What was lost with a process is left to its lease.", exc_info=True)
        finally:
            # The next child is forked from this process.
            connection.close()


class _DeclareDeadLetters(bootsteps.StartStopStep):  # type: ignore[misc]
    """Makes the queue that takes what is rejected, before anything can be."""

    requires: ClassVar[set[str]] = {"celery.worker.consumer.connection:Connection"}

    def start(self, consumer: Any) -> None:
        declare_dead_letters(consumer.connection)


def declare_dead_letters(broker: Connection) -> None:
    """Makes exchange and queue; again, it changes nothing."""
    with broker.channel() as channel:  # type: ignore[no-untyped-call]
        DEAD_QUEUE(channel).declare()  # type: ignore[no-untyped-call]


class StepConsumer(Consumer):  # type: ignore[misc]
    """Rejects, and so dead-letters, whatever is not one of our tasks in JSON.

    Celery acknowledges a message that it cannot decode, and one whose body has another form ends
    its worker, again and again.
    """

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """Celery's own, with our queue, and without its 28 queues for delays, which nobody uses."""

        default_steps: ClassVar[list[Any]] = [
            step
            for step in Consumer.Blueprint.default_steps
            if step != "celery.worker.consumer.delayed_delivery:DelayedDelivery"
        ]
        default_steps.insert(1, _DeclareDeadLetters)

    def ensure_connected(self, conn: Any) -> Any:
        """Celery's, which waits two seconds longer after each try in vain, up to half a minute."""
        conn.ensure_connection = partial(
            conn.ensure_connection,
            interval_start=1.0,
            interval_step=1.0,
            interval_max=MOST_RECONNECT_SECONDS,
        )
        return super().ensure_connected(conn)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Neither its content nor its headers are logged: they are a stranger's."""
        logger.error("A message cannot be read, and goes to %s: %s", DEAD_LETTERS, exc)
        message.reject_log_error(logger, self.connection_errors)

    def on_unknown_message(self, _body: Any, message: Any) -> None:
        """It names no task."""
        self.on_decode_error(message, BadMessage("It names no task."))

    def on_unknown_task(self, _body: Any, message: Any, _exc: Exception) -> None:
        """It names a task that is none of ours."""
        self.on_decode_error(message, BadMessage("It names no task of ours."))

    def on_invalid_task(self, _body: Any, message: Any, exc: Exception) -> None:
        """It names our task and says nothing that the task could read."""
        self.on_decode_error(message, exc)

    def create_task_handler(self, promise: Any = promise) -> Callable[[Any], None]:
        """Celery's, which takes any failure for the message's own."""
        handle = super().create_task_handler(promise)

        def handle_or_reject(message: Any) -> None:
            try:
                handle(message)
            except (*self.connection_errors, *self.channel_errors):
                raise
            except Exception as error:  # whatever a stranger's message brings about
                if message.acknowledged:
                    raise
                self.on_decode_error(message, error)

        return handle_or_reject
