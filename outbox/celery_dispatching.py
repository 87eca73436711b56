"""Handing claimed runs to Celery workers."""

import logging
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerError

from core.interface import fault_point
from outbox.claiming import Claim, release_claims
from outbox.models import StepRun, StepStatus
from outbox.pipelines import Pipeline

logger = logging.getLogger(__name__)

RUN_STEP_TASK: Final = "outbox.run_step"
# The ledger is the queue; the broker holds only what workers will take within a minute. So a
# lease that runs out in the queue, and is sent again, cannot pile up copies without end.
_MAX_UNSETTLED: Final = 200
# A broker that is down or blocks publishers must not hold the relay.
_CONFIRM_SECONDS: Final = 10
_BROKER_AWAY_SECONDS: Final = 5


class CeleryDispatcher:
    """Sends a task per run, and asks the broker to confirm each."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._app = import_string(settings.OUTBOX_CELERY_APP)

    def room(self) -> int:
        """What is left of the bound on runs that are queued or running."""
        unsettled = StepRun.objects.filter(status__in=[StepStatus.QUEUED, StepStatus.RUNNING])
        return max(0, _MAX_UNSETTLED - unsettled.count())

    def dispatch(self, claims: Sequence[Claim]) -> None:
        """Publishes `claims`; those that the broker did not confirm come back in seconds.

        One that the broker took without our hearing of it is sent twice, and its second
        message does nothing.
        """
        for index, claim in enumerate(claims):
            try:
                self._send(claim)
            except (BrokerError, OSError) as error:
                logger.warning("The broker did not take a task: %s", error)
                release_claims(claims[index:], wait_seconds=_BROKER_AWAY_SECONDS)
                return

    def _send(self, claim: Claim) -> None:
        lease_seconds = self._pipeline.steps[claim.step].lease_seconds
        fault_point("outbox.relay.before_publish")
        self._app.send_task(
            RUN_STEP_TASK,
            args=[claim.run_id, str(claim.lease_id), claim.step],
            retry=False,
            confirm_timeout=_CONFIRM_SECONDS,
            # The step is stopped before another may take it for lost.
            soft_time_limit=lease_seconds * 0.7,
            time_limit=lease_seconds * 0.9,
        )
        fault_point("outbox.relay.after_publish")
