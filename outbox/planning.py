"""From events to runs: what each step has to do, written down once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Field

from core.interface import utc_now
from outbox.models import LedgerHead, LedgerReader, StepRun, StepStatus
from outbox.pipelines import Pipeline

_EVENTS_PER_PASS = 500
# The rows never pass through this process: a thousand of them cost it a statement.
_PLAN = """
    WITH plan (type, step, due) AS (VALUES {pairs})
    INSERT INTO outbox_steprun
      (event_id, step, subject, status, tries, losses, next_try_at, last_error)
    SELECT event.sequence, plan.step, event.subject, %s, 0, 0, plan.due, ''
    FROM outbox_ledgerevent event JOIN plan ON plan.type = event.type
    WHERE event.sequence > %s AND event.sequence <= %s
    ORDER BY event.sequence
    ON CONFLICT DO NOTHING
"""


def ledger_position() -> int:
    """The last sequence number that was committed; 0 for an empty ledger."""
    return LedgerHead.objects.values_list("sequence", flat=True).first() or 0


def plan_runs(pipeline: Pipeline) -> int:
    """Lets each step read on in the ledger, and writes a run for each event that it acts on.

    Gives how many events were read, over all steps; 0 means that nothing is new, or that another
    relay is at it. A run and the position behind it commit together, so an event is neither
    passed over nor planned twice. Two selects when nothing is new; four statements more when
    something is and all steps have read equally far.
    """
    head = ledger_position()
    positions = dict(
        LedgerReader.objects.filter(step__in=pipeline.steps).values_list("step", "position")
    )
    is_new = len(positions) < len(pipeline.steps)
    if not is_new and all(position >= head for position in positions.values()):
        return 0
    with transaction.atomic():
        if is_new:
            _add_readers(pipeline)
        readers = _lock_readers(pipeline)
        return sum(
            _read_on(start, end, steps, pipeline)
            for (start, end), steps in _stretches(readers, pipeline, head).items()
        )


def _add_readers(pipeline: Pipeline) -> None:
    known = dict(LedgerReader.objects.values_list("step", "position"))
    # The first relay of all starts at the beginning: nothing has been acted on yet. A step that
    # joins later starts where the others are, and leaves what happened before it alone. Steps
    # that left stay where they were then: they count only where all others left too.
    current = [position for step, position in known.items() if step in pipeline.steps]
    start = min(current, default=max(known.values(), default=0))
    LedgerReader.objects.bulk_create(
        [
            LedgerReader(step=step, start=start, position=start)
            for step in sorted(set(pipeline.steps) - set(known))
        ],
        ignore_conflicts=True,
    )


def _lock_readers(pipeline: Pipeline) -> dict[str, int]:
    """The positions by step, in the pipeline's order; empty while another relay has them."""
    rows = LedgerReader.objects.filter(step__in=pipeline.steps).order_by("step")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    locked = {reader.step: reader.position for reader in rows}
    if len(locked) < len(pipeline.steps):
        return {}
    return {step: locked[step] for step in pipeline.steps}


def _stretches(
    readers: dict[str, int], pipeline: Pipeline, head: int
) -> dict[tuple[int, int], list[str]]:
    """Which steps read on from where to where: not beyond those whose runs they look for."""
    reached: dict[str, int] = {}
    stretches: dict[tuple[int, int], list[str]] = {}
    for step, start in readers.items():
        needs = pipeline.steps[step].needs
        horizon = min([head, *(reached[needed] for needed in needs)])
        reached[step] = max(start, min(horizon, start + _EVENTS_PER_PASS))
        if reached[step] > start:
            stretches.setdefault((start, reached[step]), []).append(step)
    return stretches


def _read_on(start: int, end: int, steps: Collection[str], pipeline: Pipeline) -> int:
    column = cast("Field[Any, Any]", StepRun._meta.get_field("next_try_at"))
    now = utc_now()
    plan: list[Any] = []
    for step in steps:
        delay = timedelta(seconds=pipeline.steps[step].delay_seconds)
        due = column.get_db_prep_save(now + delay, connection)
        plan += [(kind, step, due) for kind in pipeline.types_with(step)]
    values = ", ".join(["(%s, %s, %s)"] * len(plan))
    with connection.cursor() as cursor:
        cursor.execute(
            _PLAN.format(pairs=values),
            [*(word for row in plan for word in row), StepStatus.WAITING.value, start, end],
        )
    LedgerReader.objects.filter(step__in=steps).update(position=end)
    return (end - start) * len(steps)
