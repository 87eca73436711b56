"""What a Celery worker does for the relay."""

import logging
from typing import Any

from celery import Task, shared_task
from celery.exceptions import Reject
from django.db import close_old_connections, connection

from outbox.messages import RUN_STEPS_TASK, BadMessage, read_batch
from outbox.pipelines import load_pipeline
from outbox.running import run_batch
from outbox.wakeups import wake_relays

logger = logging.getLogger(__name__)


class StepTask(Task):  # type: ignore[misc]
    """A task whose messages are `StepRequest`s."""

    Request = "outbox.celery_worker:StepRequest"
    # Celery's check of a call against the function's signature says nothing here.
    typing = False


@shared_task(name=RUN_STEPS_TASK, base=StepTask)  # type: ignore[untyped-decorator]
def run_steps(*arguments: Any, **named: Any) -> None:
    """Runs claimed runs of one step. The message may come late or twice: the claim tells."""
    try:
        batch = read_batch(*arguments, **named)
    except BadMessage as error:
        raise Reject(str(error), requeue=False) from error
    if not connection.in_atomic_block:
        close_old_connections()
    pipeline = load_pipeline()
    if batch.step not in pipeline.steps:
        # A worker of an older or a newer release: another one gets it when its lease is over.
        logger.warning("This worker knows no step %s.", batch.step)
        return
    if run_batch(batch, pipeline):
        wake_relays()
