"""The ledger: one row for each change that the world may see, in the order of commits."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from core.interface import new_uuid7, utc_now


class LedgerHead(models.Model):
    """The last sequence number given out: one row, locked until the commit.

    The lock makes writers of the ledger take turns, so that numbers follow the order of the
    commits, and a rolled-back number is given out again: no gap, nothing overtaken.

    What it costs: publications take turns from `lock_ledger`, before their documents are built,
    to the commit, so a slow transaction holds up all. Two writers deadlock only if one of them
    takes another shared lock after this one: after it, write no row that others may hold. A
    database that finds such a circle ends one of the two with an error and loses nothing.
    Readers never wait.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    # The instant of the last transaction that wrote to the ledger (`outbox.moments`).
    moment = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="outbox_ledgerhead_single")
        ]


class LedgerEvent(models.Model):
    """A change, with all that later steps need, so that none of them looks back at its source."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    id = models.UUIDField(unique=True, default=new_uuid7, editable=False)
    type = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, help_text="What changed, such as a document's id.")
    occurred_at = models.DateTimeField(default=utc_now)
    data = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["sequence"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject", "sequence"], name="outbox_event_subject")
        ]
        permissions: ClassVar = [
            ("view_operations", "Can see Operations"),
            ("manage_operations", "Can retry and discard steps and start schedules"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type} {self.subject}"


class LedgerStart(models.Model):
    """One row: events up to this number have been removed on purpose. Without it, none have."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="outbox_ledgerstart_single")
        ]


class LedgerReader(models.Model):
    """How far a step has read the ledger.

    Sequence numbers have no gap and follow the commits, so one number says exactly which
    events the step knows of: those up to `position`, from the one after `start`.
    """

    step = models.CharField(max_length=64, primary_key=True)
    start = models.PositiveBigIntegerField(default=0)
    position = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.step} at {self.position}"


class StepStatus(models.TextChoices):
    """Where a run stands. Waiting, queued and running are open; the others are settled.

    A dead run was given up by the product and waits for a person; a discarded one was given up
    by a person.
    """

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    DISCARDED = "discarded"


OPEN_STATUSES = (StepStatus.WAITING, StepStatus.QUEUED, StepStatus.RUNNING)


class StepRun(models.Model):
    """One step of one event: how often it was tried, when again, and how it ended."""

    event = models.ForeignKey(
        LedgerEvent, on_delete=models.CASCADE, related_name="runs", db_index=False
    )
    step = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, help_text="The event's, for runs that keep order.")
    status = models.CharField(max_length=16, choices=StepStatus.choices, default=StepStatus.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often its process was lost with it."
    )
    next_try_at = models.DateTimeField(default=utc_now)
    lease_id = models.UUIDField(null=True, help_text="Whoever holds this value may run and end it.")
    lease_until = models.DateTimeField(null=True, help_text="Past it, the holder counts as lost.")
    last_error = models.TextField(blank=True, default="")
    duration_ms = models.PositiveIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "step"], name="outbox_run_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Open runs are few among many that are done; a relay asks for them each second.
            models.Index(fields=["status", "step", "event"], name="outbox_run_due"),
            # Whether an earlier event of the same subject is open: for each run of an ordered step.
            models.Index(fields=["subject", "step", "status", "event"], name="outbox_run_order"),
        ]

    def __str__(self) -> str:
        return f"{self.step} of event {self.event_id}: {self.status}"


class ScheduleState(models.Model):
    """How an entry of the schedule has fared. All times are the database's own."""

    name = models.CharField(max_length=64, primary_key=True)
    every_seconds = models.FloatField()
    known_since = models.DateTimeField(db_default=Now())
    last_started_at = models.DateTimeField(null=True)
    last_finished_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    failures_in_row = models.PositiveIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True)
    holder = models.CharField(
        max_length=255, blank=True, default="", help_text="Host and process that ran it last."
    )

    def __str__(self) -> str:
        return f"{self.name} every {self.every_seconds:g} s"
