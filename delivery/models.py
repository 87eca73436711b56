"""What the public reads: documents, their history, and the rows that lists are cut from.

`Document` holds the present, one row for each published thing; `DocumentVersion` holds every
state that a document ever had. In the same way `DocumentReference`, `DocumentValue`, `Redirect`
and `DeliverySite` hold the present and have a table beside them with what once held, each row
from its `valid_from` until just before its `valid_to`. References and values repeat their
document's site, type, locale and date, so that one index answers "tagged so, newest first, from
here on" at the same cost on any page of the list.
"""

from datetime import UTC, datetime
from typing import ClassVar, Final

from django.db import models

UNDATED: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Stands in `sorted_at` for a document without a date, so that a list can be cut at any row."""


class DeliverySite(models.Model):
    """A website: which host names lead to it and which languages it speaks."""

    id = models.PositiveIntegerField(primary_key=True)
    hostname = models.CharField(max_length=255, db_index=True)
    port = models.PositiveIntegerField(default=80)
    is_default = models.BooleanField(default=False)
    default_locale = models.CharField(max_length=16)
    locales = models.JSONField(default=list)


class DocumentFields(models.Model):
    """What a document and each of its versions have in common."""

    site_id = models.PositiveIntegerField()
    type = models.CharField(max_length=32)
    locale = models.CharField(max_length=16)
    translation_key = models.UUIDField()
    slug = models.CharField(max_length=255)
    path = models.CharField(max_length=2048, blank=True)
    title = models.CharField(max_length=255)
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField()
    revision = models.PositiveBigIntegerField(null=True)
    # JSON as text: it is copied into answers far more often than looked into, and text
    # comes back from the database without a parse.
    head = models.TextField()
    content = models.TextField()

    class Meta:
        abstract = True


class Document(DocumentFields):
    """The present public state of one thing. A row is here exactly while it is public."""

    id = models.UUIDField(primary_key=True)
    # What it was made from, such as "page:12": how its maker finds it again.
    source = models.CharField(max_length=64, db_index=True)
    digest = models.CharField(max_length=32)
    # `published_at`, or `UNDATED`: never empty, since a row comparison with an empty value is
    # neither true nor false and the cursor of a list would lose documents there.
    sorted_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site_id", "type", "locale", "-sorted_at", "-id"],
                name="delivery_document_newest",
            ),
            # Lists of several types or languages: read in order, the others passed over.
            models.Index(fields=["site_id", "-sorted_at", "-id"], name="delivery_document_all"),
            models.Index(
                fields=["site_id", "type", "locale", "title", "id"], name="delivery_document_title"
            ),
            models.Index(fields=["site_id", "type", "slug"], name="delivery_document_slug"),
            models.Index(fields=["site_id", "path"], name="delivery_document_path"),
            models.Index(fields=["translation_key"], name="delivery_document_translation"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.path or self.slug}"


class DocumentVersion(DocumentFields):
    """One state that a document had, from `valid_from` until just before `valid_to`.

    Never changed once closed. `valid_to` is empty for the state that is public now; for a
    document that is no longer public, every version is closed.
    """

    document_id = models.UUIDField()
    references = models.TextField()
    values = models.TextField()
    sorted_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["document_id", "version"], name="delivery_version_number"
            ),
            models.UniqueConstraint(
                fields=["document_id"],
                condition=models.Q(valid_to__isnull=True),
                name="delivery_version_single_present",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The present's, once more: a past list is read in the order of the list too, and
            # passes over the versions of its documents that did not hold then.
            models.Index(
                fields=["site_id", "type", "locale", "-sorted_at", "-document_id"],
                name="delivery_version_newest",
            ),
            models.Index(
                fields=["site_id", "-sorted_at", "-document_id"], name="delivery_version_all"
            ),
            models.Index(
                fields=["site_id", "type", "locale", "title", "document_id"],
                name="delivery_version_title",
            ),
            models.Index(fields=["site_id", "type", "slug"], name="delivery_version_slug"),
            models.Index(fields=["site_id", "path"], name="delivery_version_path"),
            models.Index(fields=["translation_key"], name="delivery_version_translation"),
            models.Index(fields=["valid_to"], name="delivery_version_closed"),
        ]


class ReferenceFields(models.Model):
    """What an edge has in the present and in the history."""

    field = models.CharField(max_length=48)
    position = models.PositiveIntegerField(default=0)
    target_id = models.UUIDField()
    type = models.CharField(max_length=32)
    locale = models.CharField(max_length=16)
    sorted_at = models.DateTimeField()

    class Meta:
        abstract = True


class DocumentReference(ReferenceFields):
    """An edge: in `field`, at `position`, the source document names the target.

    The target need not be public (there is no row for it then), so it is no foreign key.
    """

    # Its index is the one below that begins with it.
    source = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="references", db_index=False
    )

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["target_id", "field", "type", "locale", "-sorted_at", "-source"],
                name="delivery_reference_newest",
            ),
            # What a document names, read from the index alone.
            models.Index(fields=["source", "field", "target_id"], name="delivery_reference_named"),
        ]


class ValueFields(models.Model):
    """What a value has in the present and in the history."""

    field = models.CharField(max_length=48)
    text = models.CharField(max_length=255, null=True)  # noqa: DJ001
    number = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    time = models.DateTimeField(null=True)
    site_id = models.PositiveIntegerField()
    type = models.CharField(max_length=32)
    locale = models.CharField(max_length=16)
    sorted_at = models.DateTimeField()

    class Meta:
        abstract = True


class DocumentValue(ValueFields):
    """One value of a field by which documents may be filtered or sorted; one column is set."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="values")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site_id", "type", "field", "text", "locale", "-sorted_at", "-document"],
                name="delivery_value_text",
            ),
            models.Index(
                fields=["site_id", "type", "field", "locale", "number", "document"],
                name="delivery_value_number",
            ),
            models.Index(
                fields=["site_id", "type", "field", "locale", "time", "document"],
                name="delivery_value_time",
            ),
        ]


class RedirectFields(models.Model):
    """What a redirect has in the present and in the history."""

    site_id = models.PositiveIntegerField()
    path = models.CharField(max_length=2048)
    document_id = models.UUIDField(null=True)
    url = models.CharField(max_length=2048, blank=True)
    is_permanent = models.BooleanField(default=True)

    class Meta:
        abstract = True


class Redirect(RedirectFields):
    """An old path and where it leads: to a document, wherever that is now, or to a URL."""

    source = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site_id", "source"], name="delivery_redirect_source")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site_id", "path"], name="delivery_redirect_path")
        ]


class Period(models.Model):
    """From when until when a row held; `valid_to` is empty for what holds now."""

    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, db_index=True)

    class Meta:
        abstract = True


class ReferenceVersion(ReferenceFields, Period):
    """A row that `DocumentReference` has or had. One stays open while edits leave it as it is."""

    source_id = models.UUIDField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["target_id", "field", "type", "locale", "-sorted_at", "-source_id"],
                name="delivery_referencev_newest",
            ),
            models.Index(
                fields=["source_id", "field", "target_id"], name="delivery_referencev_named"
            ),
        ]


class ValueVersion(ValueFields, Period):
    """A row that `DocumentValue` has or had."""

    document_id = models.UUIDField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site_id", "type", "field", "text", "locale", "-sorted_at", "-document_id"],
                name="delivery_valuev_text",
            ),
            models.Index(fields=["document_id", "field"], name="delivery_valuev_document"),
        ]


class RedirectVersion(RedirectFields, Period):
    """A row that `Redirect` has or had, with the key that it has there."""

    redirect_id = models.BigIntegerField(db_index=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site_id", "path"], name="delivery_redirectv_path")
        ]


class SiteVersion(Period):
    """A row that `DeliverySite` has or had."""

    site_id = models.PositiveIntegerField(db_index=True)
    hostname = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=80)
    is_default = models.BooleanField(default=False)
    default_locale = models.CharField(max_length=16)
    locales = models.JSONField(default=list)


class HistoryStart(models.Model):
    """One row: what held before `starts_at` has been removed. Without it, nothing has been."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    starts_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="delivery_historystart_single")
        ]
