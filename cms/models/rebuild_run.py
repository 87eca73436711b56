"""How far a rebuild of the documents has got."""

from typing import ClassVar

from django.db import models


class RebuildRun(models.Model):
    """The one rebuild that may be under way; it is picked up where it was left."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.CharField(max_length=255, blank=True)
    changed = models.PositiveIntegerField(default=0)
    is_finished = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="cms_rebuildrun_single")
        ]
