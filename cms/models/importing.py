"""What was imported from where, so that a second run knows what the first has done."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.interface import new_uuid7

KEY_LENGTH = 500


class ImportSource(models.Model):
    """A website elsewhere whose content comes into one of ours."""

    site = models.ForeignKey("wagtailcore.Site", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=50)
    """The format, such as "wordpress"."""
    identity = models.CharField(max_length=KEY_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["site", "name", "identity"], name="cms_importsource_once_on_site"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.identity}"


class ImportRun(models.Model):
    """One import that wrote something or tried to; a rehearsal leaves no row."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Not finished")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=new_uuid7)
    source = models.ForeignKey(ImportSource, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    counts: Any = models.JSONField(default=dict)
    """{kind: {outcome: number}}, with the words of the report."""
    report_folder = models.TextField(blank=True)
    error = models.TextField(blank=True)
    """Why nothing could be imported; empty where the source was read to its end."""

    class Meta:
        ordering: ClassVar = ["-started_at", "-id"]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.source} ({self.started_at:%Y-%m-%d %H:%M})"


class ImportedItem(models.Model):
    """One thing of a source and what it became here.

    At most one of the five links is set. All are empty where the thing was deleted here since: a
    later run leaves it deleted.
    """

    source = models.ForeignKey(ImportSource, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=KEY_LENGTH)
    kind = models.CharField(max_length=16)
    parent_key = models.CharField(max_length=KEY_LENGTH, blank=True)
    """Where it lay in the source: a page that an editor moved since stays where it is."""
    title = models.CharField(max_length=255, blank=True)
    where = models.TextField(blank=True)
    digest = models.CharField(max_length=40)
    """Of the item as it stood in the source; the same digest means that nothing has to be done."""
    written_digest = models.CharField(max_length=40, blank=True)
    """Of what the importer wrote, for things without revisions: another one now was edited here."""
    revision_id = models.BigIntegerField(null=True)
    """The importer's own latest revision of a page; a later one was made by an editor."""
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    image = models.ForeignKey(
        "media.CustomImage", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    document = models.ForeignKey(
        "media.CustomDocument", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    category = models.ForeignKey(
        "cms.Category", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    menu = models.ForeignKey(
        "cms.NavigationMenu", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_placeholder = models.BooleanField(default=False)
    """The file could not be had; `urls` says where it may be had later."""
    urls: Any = models.JSONField(default=list)
    has_pending_links = models.BooleanField(default=False)
    """It names things that did not exist yet when it was written."""
    has_pending_redirects = models.BooleanField(default=False)
    """Its addresses at the source do not lead to it yet."""

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "key"], name="cms_importeditem_key_in_source")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["source"],
                condition=models.Q(has_pending_links=True) | models.Q(has_pending_redirects=True),
                name="cms_importeditem_pending",
            ),
            models.Index(
                fields=["source"],
                condition=models.Q(is_placeholder=True),
                name="cms_importeditem_missing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
