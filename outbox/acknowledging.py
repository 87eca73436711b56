"""How a worker tells the broker that a message's task has ended."""

from celery.worker.request import Request

from core.interface import fault_point


class StepRequest(Request):  # type: ignore[misc]
    """Celery's own, with fault points on both sides of the acknowledgement."""

    def acknowledge(self) -> None:
        """Runs in the worker's main process, after the task has ended in its child."""
        fault_point("outbox.worker.before_acknowledge")
        super().acknowledge()
        fault_point("outbox.worker.after_acknowledge")
