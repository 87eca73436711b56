"""A batch of runs, from its beginning to its end, and what a failure in it means."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from core.interface import fault_point, log_context
from outbox.batches import Batch, lease_seconds, seconds_to_begin
from outbox.claiming import Begun, begin_batch, give_back
from outbox.errors import FinalError, RetryableError
from outbox.leases import first_lease, kept_leases
from outbox.models import LedgerEvent, StepStatus
from outbox.pipelines import Pipeline, Step
from outbox.settling import Outcome, settle_runs

logger = logging.getLogger(__name__)

# What has ended is written down so often: a process that dies repeats no more work than that,
# and runs of other steps that wait for these wait no longer.
_SETTLE_SECONDS: Final = 0.25


def run_batch(
    batch: Batch, pipeline: Pipeline, is_wanted: Callable[[], bool] = lambda: True
) -> dict[int, StepStatus]:
    """Runs what was claimed and settles it; gives where each run then stands, by its id.

    Left out are runs whose claim had gone to another meanwhile; with them nothing was done.
    Whatever a step raises ends on its run: a failure of one event never reaches its caller.
    Once `is_wanted` says no, the run in hand is ended and the others are given back.
    Three statements for steps that are quick, however many runs.
    """
    step = pipeline.steps[batch.step]
    fault_point("outbox.step.before_begin")
    most_seconds = lease_seconds(step, len(batch.run_ids))
    runs = begin_batch(batch, lease_seconds=first_lease(most_seconds))
    if not runs:
        return {}
    fault_point("outbox.step.after_begin")
    with kept_leases(batch, most_seconds):
        if step.run_many is not None:
            return _run_together(runs, step, step.run_many, is_wanted)
        return _run_each(runs, step, is_wanted, begun=time.monotonic())


def _run_each(
    runs: Sequence[Begun], step: Step, is_wanted: Callable[[], bool], *, begun: float
) -> dict[int, StepStatus]:
    settled_at = time.monotonic()
    ends = begun + seconds_to_begin(len(runs))
    statuses: dict[int, StepStatus] = {}
    outcomes: list[Outcome] = []
    left: Sequence[Begun] = ()
    for index, run in enumerate(runs):
        if not is_wanted() or (index and time.monotonic() > ends):
            left = runs[index:]
            break
        outcomes.append(_run_one(run, step))
        if time.monotonic() - settled_at > _SETTLE_SECONDS:
            statuses |= _settle(outcomes)
            outcomes, settled_at = [], time.monotonic()
    statuses |= _settle(outcomes)
    give_back(left)
    return statuses


def _run_one(run: Begun, step: Step) -> Outcome:
    started = time.monotonic()
    with log_context(event_id=str(run.event.id), step=step.name):
        fault_point("outbox.step.before_run")
        error = _call(run, step)
        fault_point("outbox.step.after_run")
    return Outcome(run, error, round((time.monotonic() - started) * 1000))


def _call(run: Begun, step: Step) -> Exception | None:
    try:
        step.run(run.event)
    except (RetryableError, FinalError) as error:
        return error
    except Exception as error:  # a step's own fault must not stop the relay
        logger.exception("A step failed in a way that it does not name.")
        return error
    return None


def _run_together(
    runs: Sequence[Begun],
    step: Step,
    run_many: Callable[[Sequence[LedgerEvent]], Sequence[Exception | None]],
    is_wanted: Callable[[], bool],
) -> dict[int, StepStatus]:
    """One call for all; one by one when it fails in a way that it does not name, in time.

    What cannot work for any of them (a service that is away) it raises as a `RetryableError`.
    """
    started = time.monotonic()
    errors: Sequence[Exception | None]
    with log_context(step=step.name):
        fault_point("outbox.step.before_run")
        try:
            errors = run_many([run.event for run in runs])
            if len(errors) != len(runs):
                raise ValueError(f"{step.name} gave {len(errors)} answers for {len(runs)} events.")
        except RetryableError as error:
            errors = [error] * len(runs)
        except Exception as error:  # the fault may be of one event alone
            if time.monotonic() < started + seconds_to_begin(len(runs)):
                logger.exception("A step failed for a whole batch; its events are run one by one.")
                return _run_each(runs, step, is_wanted, begun=started)
            # A worker's limit of time, too, arrives here, and is told of once.
            logger.exception("A step failed in a way that it does not name.")
            errors = [_of_all(error, runs)] * len(runs)
        fault_point("outbox.step.after_run")
    each_ms = round((time.monotonic() - started) * 1000 / len(runs))
    return _settle([Outcome(run, error, each_ms) for run, error in zip(runs, errors, strict=True)])


def _of_all(error: Exception, runs: Sequence[Begun]) -> Exception:
    """What can never succeed for one event says nothing of the others."""
    if isinstance(error, FinalError) and len(runs) > 1:
        return RetryableError(f"{type(error).__name__}: {error}")
    return error


def _settle(outcomes: Sequence[Outcome]) -> dict[int, StepStatus]:
    if not outcomes:
        return {}
    fault_point("outbox.step.before_settle")
    statuses = settle_runs(outcomes)
    fault_point("outbox.step.after_settle")
    return statuses
