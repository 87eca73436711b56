"""What others were told of the hours at which pages go live."""

from typing import ClassVar

from django.db import models


class AnnouncedSchedule(models.Model):
    """The last that was announced of a page that has yet to go live, or to change.

    The row stands until the hour has come or was taken back, so that a later look knows whether
    there is anything new to tell.
    """

    document_id = models.UUIDField(primary_key=True)
    document_type = models.CharField(max_length=32)
    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    go_live_at = models.DateTimeField()
    expire_at = models.DateTimeField(null=True)

    FACTS: ClassVar = ("document_type", "site_id", "locale", "go_live_at", "expire_at")

    def __str__(self) -> str:
        return f"{self.document_type} {self.document_id} at {self.go_live_at}"

    def says_as(self, other: "AnnouncedSchedule | None") -> bool:
        """Whether both tell the same."""
        return other is not None and all(
            getattr(self, name) == getattr(other, name) for name in self.FACTS
        )
