"""Whether the ledger is whole, and everything in it was acted on."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from outbox.models import OPEN_STATUSES, LedgerEvent, LedgerReader, StepRun, StepStatus
from outbox.pipelines import Pipeline
from outbox.planning import ledger_position
from outbox.retention import ledger_start

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of the ledger, with the first of the sequence numbers that show it."""

    code: str
    count: int
    detail: str


def verify_ledger(pipeline: Pipeline) -> list[Finding]:
    """The ledger's faults; none when it has no gap and no duplicate, and each step is done.

    A run that waits for its next try is a finding too: call it when the relay has had its time.
    Reads the whole ledger's index.
    """
    findings = [_gaps(), _duplicates()]
    readers = {reader.step: reader for reader in LedgerReader.objects.all()}
    for step in pipeline.steps:
        findings += _findings_of_step(step, readers.get(step), pipeline)
    unlisted = LedgerEvent.objects.exclude(type__in=pipeline.steps_by_type).order_by("type")
    types = sorted(set(unlisted.values_list("type", flat=True).distinct()))
    findings.append(Finding("unlisted", len(types), f"types that the pipeline lacks: {types}"))
    unknown = StepRun.objects.filter(status__in=OPEN_STATUSES).exclude(step__in=pipeline.steps)
    findings.append(_finding("unknown_step", unknown, "open, but no step of the pipeline"))
    return [finding for finding in findings if finding.count]


def _gaps() -> Finding:
    """Where a number is missing, or one is there that has been removed on purpose."""
    start = ledger_start()
    before = LedgerEvent.objects.filter(sequence=OuterRef("sequence") - 1)
    follows_gap = LedgerEvent.objects.filter(~Exists(before)).exclude(sequence=start + 1)
    shown = list(follows_gap.values_list("sequence", flat=True)[:_SHOWN])
    missing = ledger_position() - start - LedgerEvent.objects.count()
    detail = f"sequence numbers are missing, before {shown or 'the head'}"
    return Finding("gap", max(abs(missing), len(shown)), detail)


def _duplicates() -> Finding:
    """The database keeps ids and sequence numbers unique; a change must not be told twice."""
    told = LedgerEvent.objects.filter(data__has_key="version").order_by()
    twice = told.values("type", "subject", "data__version").annotate(n=Count("*")).filter(n__gt=1)
    shown = [row["subject"] for row in twice[:_SHOWN]]
    return Finding("duplicate", twice.count(), f"one version was recorded twice: {shown}")


def _findings_of_step(step: str, reader: LedgerReader | None, pipeline: Pipeline) -> list[Finding]:
    position = reader.position if reader else 0
    start = reader.start if reader else 0
    unread = max(0, ledger_position() - position)
    events = LedgerEvent.objects.filter(type__in=pipeline.types_with(step))
    run = StepRun.objects.filter(event=OuterRef("sequence"), step=step)
    unplanned = events.filter(~Exists(run), sequence__gt=start, sequence__lte=position)
    numbers = list(unplanned.values_list("sequence", flat=True)[:_SHOWN])
    runs = StepRun.objects.filter(step=step)
    return [
        Finding("unread", unread, f"events that {step} has not read"),
        Finding("unplanned", unplanned.count(), f"events that {step} passed over: {numbers}"),
        _finding("open", runs.filter(status__in=OPEN_STATUSES), f"not done: {step}"),
        _finding("dead", runs.filter(status=StepStatus.DEAD), f"dead: {step}"),
    ]


def _finding(code: str, runs: QuerySet[StepRun], detail: str) -> Finding:
    numbers = list(runs.order_by("event_id").values_list("event_id", flat=True)[:_SHOWN])
    return Finding(code, runs.count(), f"{detail}, events {numbers}")


def ledger_status(pipeline: Pipeline) -> dict[str, Any]:
    """Where the ledger and each step stand, as plain data."""
    counts = StepRun.objects.values("step", "status").annotate(n=Count("*")).order_by()
    by_step: dict[str, dict[str, Any]] = {
        reader.step: {"behind": ledger_position() - reader.position}
        for reader in LedgerReader.objects.order_by("step")
    }
    for row in counts:
        by_step.setdefault(row["step"], {})[row["status"]] = row["n"]
    oldest = (
        StepRun.objects.filter(status__in=OPEN_STATUSES)
        .order_by("event_id")
        .values(at=F("event__occurred_at"))
        .first()
    )
    dead = StepRun.objects.filter(status=StepStatus.DEAD).order_by("-event_id")[:5]
    return {
        "sequence": ledger_position(),
        "removed_up_to": ledger_start(),
        "steps": {
            name: by_step.get(name, {"behind": None}) for name in {*by_step, *pipeline.steps}
        },
        "oldest_open_since": oldest["at"].isoformat() if oldest else None,
        "latest_dead": [
            {"event": run.event_id, "step": run.step, "error": run.last_error} for run in dead
        ],
    }
