"""The ledger: one row for each change that the world may see, in the order of commits."""

from typing import ClassVar

from django.db import models

from core.interface import new_uuid7, utc_now


class LedgerHead(models.Model):
    """The last sequence number given out: one row, locked from the record to the commit.

    The lock makes writers of the ledger take turns, so that numbers follow the order of the
    commits, and a rolled-back number is given out again: no gap, nothing overtaken.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)

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

    def __str__(self) -> str:
        return f"{self.sequence} {self.type} {self.subject}"
