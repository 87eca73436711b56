"""What a Celery worker does for the relay."""

from uuid import UUID

from celery import Task, shared_task

from outbox.celery_dispatching import RUN_STEP_TASK
from outbox.claiming import Claim
from outbox.pipelines import load_pipeline
from outbox.running import run_claim


class StepTask(Task):  # type: ignore[misc]
    """A task whose messages are acknowledged by `StepRequest`."""

    Request = "outbox.acknowledging:StepRequest"


@shared_task(name=RUN_STEP_TASK, base=StepTask)  # type: ignore[untyped-decorator]
def run_step(run_id: int, lease_id: str, step: str) -> None:
    """Runs one claimed step. The message may come late or twice: the claim tells."""
    run_claim(Claim(run_id, UUID(lease_id), step), load_pipeline())
