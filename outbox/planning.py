"""From events to runs: what each step has to do, written down once."""

from collections.abc import Iterable

from django.db import connection, transaction

from outbox.models import LedgerEvent, LedgerHead, LedgerReader, StepRun
from outbox.pipelines import Pipeline

_EVENTS_PER_PASS = 500


def ledger_position() -> int:
    """The last sequence number that was committed; 0 for an empty ledger."""
    return LedgerHead.objects.values_list("sequence", flat=True).first() or 0


def plan_runs(pipeline: Pipeline) -> int:
    """Lets each step read on in the ledger, and writes a run for each event that it acts on.

    Gives how many events were read, over all steps; 0 means that nothing is new, or that another
    relay is at it. A run and the position behind it commit together, so an event is neither
    passed over nor planned twice. Two selects when nothing is new.
    """
    head = ledger_position()
    positions = LedgerReader.objects.filter(step__in=pipeline.steps).values_list(
        "position", flat=True
    )
    if len(positions) == len(pipeline.steps) and all(position >= head for position in positions):
        return 0
    with transaction.atomic():
        readers = _lock_readers(pipeline)
        return sum(
            _read_on(reader, pipeline, _horizon(reader, pipeline, readers, head))
            for reader in readers.values()
        )


def _lock_readers(pipeline: Pipeline) -> dict[str, LedgerReader]:
    """The readers by step, in the pipeline's order; empty while another relay has them."""
    known = list(LedgerReader.objects.values_list("step", "position"))
    # The first relay of all starts at the beginning: nothing has been acted on yet. A step that
    # joins later starts where the others are, and leaves what happened before it alone.
    start = min((position for _, position in known), default=0)
    missing = set(pipeline.steps) - {step for step, _ in known}
    LedgerReader.objects.bulk_create(
        [LedgerReader(step=step, start=start, position=start) for step in sorted(missing)],
        ignore_conflicts=True,
    )
    rows = LedgerReader.objects.filter(step__in=pipeline.steps).order_by("step")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    locked = {reader.step: reader for reader in rows}
    if len(locked) < len(pipeline.steps):
        return {}
    return {step: locked[step] for step in pipeline.steps}


def _horizon(
    reader: LedgerReader, pipeline: Pipeline, readers: dict[str, LedgerReader], head: int
) -> int:
    """How far the step may read: not beyond the steps that it needs, whose runs it looks for."""
    needs: Iterable[str] = pipeline.steps[reader.step].needs
    return min([head, *(readers[step].position for step in needs)])


def _read_on(reader: LedgerReader, pipeline: Pipeline, horizon: int) -> int:
    if reader.position >= horizon:
        return 0
    end = min(horizon, reader.position + _EVENTS_PER_PASS)
    events = LedgerEvent.objects.filter(
        sequence__gt=reader.position,
        sequence__lte=end,
        type__in=pipeline.types_with(reader.step),
    )
    StepRun.objects.bulk_create(
        [
            StepRun(event_id=sequence, step=reader.step, subject=subject)
            for sequence, subject in events.values_list("sequence", "subject")
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    read = end - reader.position
    reader.position = end
    reader.save(update_fields=["position"])
    return read
