"""Handing claimed runs to Celery workers."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from amqp.exceptions import AMQPError
from django.conf import settings
from django.db.models import Count
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerError

from core.interface import fault_point
from outbox.batches import BATCH_SIZE, Batch, seconds_to_begin
from outbox.claiming import release_batches
from outbox.messages import RUN_STEPS_TASK, write_batch
from outbox.models import StepRun, StepStatus
from outbox.pipelines import Pipeline

logger = logging.getLogger(__name__)

# A broker that is down or blocks publishers must not hold the relay.
_CONFIRM_SECONDS: Final = 10
_BROKER_AWAY_SECONDS: Final = 5
# Of a run's lease: the step is stopped before another may take it for lost.
_SOFT_SHARE: Final = 0.7
_HARD_SHARE: Final = 0.9


class CeleryDispatcher:
    """Sends a task per batch, and asks the broker to confirm each."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._app = import_string(settings.OUTBOX_CELERY_APP)
        self._away_until = 0.0

    def rooms(self) -> Mapping[str, int]:
        """What is left of the bound on runs that are queued or running, in whole batches.

        The ledger is the queue; the broker holds only what workers will take within a minute. So a
        lease that runs out in the queue, and is sent again, cannot pile up copies without end; and
        a step that is slow has few messages before those of the others.

        Nothing while the broker is away: else the whole backlog would be claimed and given back
        again and again.
        """
        if self._is_away():
            return {}
        unsettled = StepRun.objects.filter(status__in=[StepStatus.QUEUED, StepStatus.RUNNING])
        counts = dict(unsettled.order_by().values_list("step").annotate(Count("pk")))
        rooms = {
            name: step.most_batches * BATCH_SIZE - counts.get(name, 0)
            for name, step in self._pipeline.steps.items()
        }
        # Claiming what little has room just now would break a backlog into small messages.
        return {step: room for step, room in rooms.items() if room >= BATCH_SIZE}

    def dispatch(self, batches: Sequence[Batch]) -> None:
        """Publishes `batches`; those that the broker did not confirm come back in seconds.

        One that the broker took without our hearing of it is sent twice, and its second
        message does nothing.
        """
        for index, batch in enumerate(batches):
            # What had lain in the queue too long is claimed without asking for room.
            if self._is_away() or not self._try_to_send(batch):
                release_batches(batches[index:], wait_seconds=_BROKER_AWAY_SECONDS)
                return

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _try_to_send(self, batch: Batch) -> bool:
        try:
            self._send(batch)
        # An AMQPError: the broker answers, and refuses (the queue's arguments, a right, a limit).
        except (BrokerError, AMQPError, OSError) as error:
            logger.warning("The broker did not take a task: %s", error)
            self._away_until = time.monotonic() + _BROKER_AWAY_SECONDS
            return False
        return True

    def _send(self, batch: Batch) -> None:
        step, count = self._pipeline.steps[batch.step], len(batch.run_ids)
        more = seconds_to_begin(count)
        fault_point("outbox.relay.before_publish")
        self._app.send_task(
            RUN_STEPS_TASK,
            args=write_batch(batch),
            # Arguments would stand in the message twice, once for people who watch workers.
            argsrepr=f"{batch.step}: {count}",
            retry=False,
            confirm_timeout=_CONFIRM_SECONDS,
            soft_time_limit=more + step.lease_seconds * _SOFT_SHARE,
            time_limit=more + step.lease_seconds * _HARD_SHARE,
        )
        fault_point("outbox.relay.after_publish")
