"""The search index in the product's own database: made from documents alone, and made anew at will.

Two tables more are written in SQL alone (`search_posting`, `search_wordform`, see the first
migration): rows of numbers by the million, which no model should load.
"""

from typing import Any, ClassVar

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


class SynonymRule(models.Model):
    """Words of a language that editors say mean the same, on one website or on all.

    With `others`, it goes one way: who searches for one of `words` finds `others` too, and not
    the other way round. Each line of the two is a word, or a few that belong together.
    """

    site_id = models.PositiveIntegerField(null=True, blank=True)
    locale = models.CharField(max_length=16)
    words = models.TextField()
    others = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name = "synonyms"

    def __str__(self) -> str:
        words = ", ".join(self.words.splitlines())
        return f"{words} → {', '.join(self.others.splitlines())}" if self.others else words


class SynonymKey(models.Model):
    """A rule as searches look it up: by the stems of one of its words, to all that it stands for.

    `meant` is a list in JSON.
    """

    rule = models.ForeignKey(SynonymRule, on_delete=models.CASCADE, related_name="keys")
    site_id = models.PositiveIntegerField(null=True)
    locale = models.CharField(max_length=16)
    key = models.CharField(max_length=255)
    meant = models.TextField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["locale", "key"], name="search_synonym_key")
        ]


class QueryRule(models.Model):
    """What editors want for one query (`search.query_key`): results of its own, or no suggestion."""

    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    query = models.CharField(max_length=128)
    is_suggested = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        permissions: ClassVar[list[tuple[str, Any]]] = [
            ("manage_search", "Can manage what searches find and see what is searched for")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site_id", "locale", "query"], name="search_rule_query")
        ]
        verbose_name = "results of a query"

    def __str__(self) -> str:
        return self.query


class RuledResult(models.Model):
    """A document that is on top of the results of a query, or in none of them."""

    rule = models.ForeignKey(QueryRule, on_delete=models.CASCADE, related_name="results")
    document_id = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    is_hidden = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rule", "document_id"], name="search_rule_result")
        ]


class Judgement(models.Model):
    """How well a document answers a query, from 0 (not at all) to 3, as somebody said."""

    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    query = models.CharField(max_length=128)
    document_id = models.UUIDField()
    grade = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["site_id", "locale", "query", "document_id"], name="search_judgement_result"
            )
        ]


class QueryCount(models.Model):
    """How often a query was answered on a day: of those who asked, it tells nothing.

    `empty` times nothing was found; `found` is the number of documents at the last time.
    """

    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    day = models.DateField()
    query = models.CharField(max_length=128)
    times = models.PositiveIntegerField()
    empty = models.PositiveIntegerField()
    found = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["site_id", "locale", "day", "query"], name="search_count_query"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day"], name="search_count_day")
        ]


class ClickCount(models.Model):
    """How often a result of a query was chosen on a day; `positions` is the sum of its places."""

    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    day = models.DateField()
    query = models.CharField(max_length=128)
    document_id = models.UUIDField()
    clicks = models.PositiveIntegerField()
    positions = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["site_id", "locale", "day", "query", "document_id"],
                name="search_click_result",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day"], name="search_click_day")
        ]


class PastQuery(models.Model):
    """A query that many have made and that found something, to be suggested to others.

    `words` are those that it has, folded, in JSON: it is suggested only while public documents
    have them all.
    """

    site_id = models.PositiveIntegerField()
    locale = models.CharField(max_length=16)
    query = models.CharField(max_length=128)
    key = models.CharField(max_length=128)
    words = models.TextField()
    times = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site_id", "locale", "query"], name="search_past_query")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["site_id", "locale", "key"],
                opclasses=["int4_ops", "varchar_ops", "varchar_pattern_ops"],
                name="search_past_beginning",
            )
        ]
