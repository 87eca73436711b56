"""Writing down how tries ended: many runs in one statement."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction

from core.interface import utc_now
from outbox.claiming import Begun, lost_runs
from outbox.errors import FinalError, RetryableError
from outbox.models import StepRun, StepStatus
from outbox.retries import MAX_LOSSES, wait_after
from outbox.sql import adapted, among

logger = logging.getLogger(__name__)

_MAX_ERROR_LENGTH: Final = 2000
_ROW: Final = "(%s, %s, %s, %s, %s, %s, %s)"
# One statement for all, on both databases. What a row held before it was lost to another holder
# is not touched, since the lease is asked for.
_SETTLE: Final = """
    WITH outcome (id, lease_id, status, next_try_at, last_error, duration_ms, is_loss)
      AS (VALUES {rows})
    UPDATE outbox_steprun SET
      status = outcome.status,
      next_try_at = outcome.next_try_at,
      last_error = outcome.last_error,
      duration_ms = outcome.duration_ms,
      losses = losses + outcome.is_loss,
      lease_id = NULL,
      lease_until = NULL,
      settled_at = CASE WHEN outcome.status = 'waiting' THEN NULL ELSE %s END
    FROM outcome
    WHERE outbox_steprun.id = outcome.id
      AND outbox_steprun.lease_id = outcome.lease_id
      AND outbox_steprun.status = 'running'
    RETURNING outbox_steprun.id
"""
# What a batch comes to mostly: done, all of it, in the same time. One value instead of seven each.
_DONE: Final = """
    UPDATE outbox_steprun SET
      status = 'done', next_try_at = %s, last_error = '', duration_ms = %s,
      lease_id = NULL, lease_until = NULL, settled_at = %s
    WHERE id {among} AND lease_id = %s AND status = 'running'
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended. `is_loss`: its process is gone, perhaps by the run's own doing."""

    run: Begun | StepRun
    error: Exception | None = None
    duration_ms: int = 0
    is_loss: bool = False

    def decide(self) -> tuple[StepStatus, float]:
        """Where the run stands now, and in how many seconds it is tried again, if it is."""
        if self.error is None:
            return StepStatus.DONE, 0
        if isinstance(self.error, FinalError):
            return StepStatus.DEAD, 0
        if self.is_loss and self.run.losses + 1 >= MAX_LOSSES:
            return StepStatus.DEAD, 0
        asked = None
        if isinstance(self.error, RetryableError):
            asked = self.error.retry_after_seconds
        wait = wait_after(self.run.tries, asked)
        return (StepStatus.DEAD, 0) if wait is None else (StepStatus.WAITING, wait)


def settle_runs(outcomes: Sequence[Outcome]) -> dict[int, StepStatus]:
    """Writes down how the tries ended; gives the status of each run, by its id.

    Success is done. A final error, or the last failed try, is dead. Else the run waits for its
    next try. Left out, and left alone, are runs whose lease had gone to another. One statement.
    """
    if not outcomes:
        return {}
    kinds = {(item.error is None, item.run.lease_id, item.duration_ms) for item in outcomes}
    are_alike = len(kinds) == 1 and outcomes[0].error is None
    wanted, statement, values = (_all_done if are_alike else _each_its_own)(outcomes)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        settled = {pk for (pk,) in cursor.fetchall()}
    if len(settled) < len(wanted):
        logger.warning("The lease of runs %s had gone to another.", sorted(set(wanted) - settled))
    statuses = {pk: status for pk, status in wanted.items() if pk in settled}
    _log_failures(outcomes, statuses)
    return statuses


_Settling = tuple[dict[int, StepStatus], str, list[Any]]
"""The status that each run is to have, and the statement with its values that gives it."""


def _all_done(outcomes: Sequence[Outcome]) -> _Settling:
    now = adapted("settled_at", utc_now())
    condition, ids = among([outcome.run.pk for outcome in outcomes])
    lease_id = adapted("lease_id", outcomes[0].run.lease_id)
    return (
        {outcome.run.pk: StepStatus.DONE for outcome in outcomes},
        _DONE.format(among=condition),
        [now, outcomes[0].duration_ms, now, ids, lease_id],
    )


def _each_its_own(outcomes: Sequence[Outcome]) -> _Settling:
    now = utc_now()
    wanted: dict[int, StepStatus] = {}
    rows: list[Any] = []
    for outcome in outcomes:
        status, wait = outcome.decide()
        wanted[outcome.run.pk] = status
        rows += [
            outcome.run.pk,
            adapted("lease_id", outcome.run.lease_id),
            status.value,
            adapted("next_try_at", now + timedelta(seconds=wait)),
            "" if outcome.error is None else _describe(outcome.error),
            outcome.duration_ms,
            int(outcome.is_loss),
        ]
    statement = _SETTLE.format(rows=", ".join([_ROW] * len(outcomes)))
    return wanted, statement, [*rows, adapted("settled_at", now)]


def _describe(error: Exception) -> str:
    # NUL cannot be stored in PostgreSQL's text, and a foreign answer may hold one.
    return f"{type(error).__name__}: {error}".replace("\0", "")[:_MAX_ERROR_LENGTH]


def _log_failures(outcomes: Sequence[Outcome], statuses: Mapping[int, StepStatus]) -> None:
    for outcome in outcomes:
        run = outcome.run
        told = f"{run.step} of event {run.event_id}", run.tries, outcome.error
        match statuses.get(run.pk):
            case StepStatus.DEAD:
                logger.error("%s is dead after %s tries: %s", *told)
            case StepStatus.WAITING:
                logger.warning("%s failed and will be tried again, try %s: %s", *told)


def lose_runs(runs: Sequence[StepRun]) -> dict[int, StepStatus]:
    """Counts runs whose process is gone as failed tries, so that they wait and come back.

    From then on each travels alone. One that takes its process with it each time is dead after
    `MAX_LOSSES` of them; what ran beside it the first time has lost one try.
    """
    lost = RetryableError("The process that ran this step was lost.")
    return settle_runs([Outcome(run, lost, is_loss=True) for run in runs])


def recover_lost_runs(*, limit: int = 100) -> int:
    """Counts what was begun and not ended within its lease as lost; gives how many that were."""
    with transaction.atomic():
        runs = lost_runs(limit=limit)
        lose_runs(runs)
    return len(runs)
