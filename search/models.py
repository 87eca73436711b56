"""The search index in the product's own database: made from documents alone, and made anew at will.

Two tables more are written in SQL alone (`search_posting`, `search_wordform`, see the first
migration): rows of numbers by the million, which no model should load.
"""

from typing import ClassVar

from django.db import models


class IndexTurn(models.Model):
    """One row, whose lock makes writers of the index take turns."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)


class IndexedDocument(models.Model):
    """A document as searches of the database find it.

    `stemmed` is its text as stems, in which phrases are looked up; `counted` is what was counted
    for it in the tables below, to be taken off again; `length` is that of its text, by weight.
    """

    id = models.AutoField(primary_key=True)
    document_id = models.UUIDField(unique=True)
    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    type = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    sequence = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=32)
    path = models.CharField(max_length=2048, blank=True)
    title = models.CharField(max_length=255)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    stemmed = models.TextField(blank=True)
    price = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    currency = models.CharField(max_length=8, blank=True)
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    popularity = models.FloatField(default=0)
    length = models.FloatField(default=0)
    counted = models.TextField(default="{}")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site_id", "locale", "-published_at", "id"], name="search_document_newest"
            ),
        ]


class Collection(models.Model):
    """How many documents a website has in a language, and how long they are together."""

    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    documents = models.IntegerField(default=0)
    length = models.FloatField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site_id", "locale"], name="search_collection_place")
        ]


class Term(models.Model):
    """A stem, and how many documents have a word of it."""

    id = models.AutoField(primary_key=True)
    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    stem = models.CharField(max_length=64)
    documents = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site_id", "locale", "stem"], name="search_term_stem")
        ]


class VocabularyWord(models.Model):
    """A word that published documents have: folded, as it is shown, and its stem.

    `backwards` is filled in languages that write compounds as one word, to find them by their
    ends.
    """

    id = models.AutoField(primary_key=True)
    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    word = models.CharField(max_length=64)
    shown = models.CharField(max_length=64)
    stem = models.CharField(max_length=64)
    backwards = models.CharField(max_length=64, blank=True)
    documents = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site_id", "locale", "word"], name="search_word_word")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site_id", "locale", "stem"], name="search_word_stem"),
            # Words that begin so: PostgreSQL needs to be told to compare bytes.
            models.Index(
                fields=["site_id", "locale", "word"],
                opclasses=["int4_ops", "varchar_ops", "varchar_pattern_ops"],
                name="search_word_beginning",
            ),
            models.Index(
                fields=["site_id", "locale", "backwards"],
                opclasses=["int4_ops", "varchar_ops", "varchar_pattern_ops"],
                name="search_word_end",
            ),
        ]


class FacetLabel(models.Model):
    """A tag, category or author that documents of a language show, and how many do."""

    id = models.AutoField(primary_key=True)
    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    facet = models.CharField(max_length=16)
    document_id = models.UUIDField()
    slug = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    documents = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["site_id", "locale", "facet", "document_id"], name="search_label_document"
            )
        ]


class FacetEntry(models.Model):
    """A document shows a label. Neither is a foreign key: both are written in bulk."""

    entry_id = models.IntegerField()
    label_id = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry_id", "label_id"], name="search_facet_entry")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["label_id", "entry_id"], name="search_facet_label")
        ]


class TitleStart(models.Model):
    """A title from one of its words on, folded: what suggestions look up."""

    entry_id = models.IntegerField(db_index=True)
    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    key = models.CharField(max_length=96)
    position = models.PositiveSmallIntegerField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site_id", "locale", "key"],
                opclasses=["int4_ops", "varchar_ops", "varchar_pattern_ops"],
                name="search_title_beginning",
            )
        ]
