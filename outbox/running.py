"""One run, from its beginning to its end, and what its failure means."""

import logging
import time
from datetime import timedelta

from core.interface import fault_point, log_context, utc_now
from outbox.claiming import Claim, begin_run, lost_runs
from outbox.errors import FinalError, RetryableError
from outbox.models import StepRun, StepStatus
from outbox.pipelines import Pipeline
from outbox.retries import wait_after

logger = logging.getLogger(__name__)

_MAX_ERROR_LENGTH = 2000


def run_claim(claim: Claim, pipeline: Pipeline) -> StepStatus | None:
    """Runs the step that was claimed and settles it; gives where the run then stands.

    None when the claim had gone to another meanwhile; then nothing was done. Whatever the step
    raises ends on its run: a failure of one event never reaches its caller.
    """
    step = pipeline.steps[claim.step]
    fault_point("outbox.step.before_begin")
    run = begin_run(claim, lease_seconds=step.lease_seconds)
    if run is None:
        return None
    fault_point("outbox.step.after_begin")
    with log_context(event_id=str(run.event.id), step=step.name):
        started = time.monotonic()
        fault_point("outbox.step.before_run")
        error = _call(run, pipeline)
        duration_ms = round((time.monotonic() - started) * 1000)
        fault_point("outbox.step.after_run")
        fault_point("outbox.step.before_settle")
        status = settle_run(run, error, duration_ms=duration_ms)
        fault_point("outbox.step.after_settle")
        return status


def _call(run: StepRun, pipeline: Pipeline) -> Exception | None:
    try:
        pipeline.steps[run.step].run(run.event)
    except (RetryableError, FinalError) as error:
        return error
    except Exception as error:  # a step's own fault must not stop the relay
        logger.exception("A step failed in a way that it does not name.")
        return error
    return None


def settle_run(run: StepRun, error: Exception | None, *, duration_ms: int) -> StepStatus | None:
    """Writes down how a try ended; None when the lease had gone to another.

    Success is done. A final error, or the last failed try, is dead. Else the run waits for
    its next try.
    """
    status, wait = StepStatus.DONE, None
    if error is not None:
        asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
        wait = None if isinstance(error, FinalError) else wait_after(run.tries, asked)
        status = StepStatus.DEAD if wait is None else StepStatus.WAITING
    now = utc_now()
    held = StepRun.objects.filter(pk=run.pk, lease_id=run.lease_id, status=StepStatus.RUNNING)
    settled = held.update(
        status=status,
        next_try_at=now + timedelta(seconds=wait or 0),
        lease_id=None,
        lease_until=None,
        last_error="" if error is None else _describe(error),
        duration_ms=duration_ms,
        settled_at=None if wait is not None else now,
    )
    if not settled:
        logger.warning("The lease of run %s had gone to another.", run.pk)
        return None
    _log_outcome(run, status, error, wait)
    return status


def _describe(error: Exception) -> str:
    # NUL cannot be stored in PostgreSQL's text, and a foreign answer may hold one.
    return f"{type(error).__name__}: {error}".replace("\0", "")[:_MAX_ERROR_LENGTH]


def _log_outcome(
    run: StepRun, status: StepStatus, error: Exception | None, wait: float | None
) -> None:
    if status is StepStatus.DEAD:
        logger.error("%s is dead after %s tries: %s", run, run.tries, error)
    elif status is StepStatus.WAITING:
        logger.warning("%s failed, next try in %.0f s: %s", run, wait or 0, error)
    else:
        logger.debug("%s after %s tries", run, run.tries)


def recover_lost_runs(*, limit: int = 100) -> int:
    """Counts runs whose holder vanished as failed tries, so that they wait and come back.

    A step that kills its process is thus dead after as many tries as any other.
    """
    runs = lost_runs(limit=limit)
    for run in runs:
        settle_run(run, RetryableError("The process that ran this step was lost."), duration_ms=0)
    return len(runs)
