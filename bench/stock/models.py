"""A post with the fields of ours."""

from typing import ClassVar

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from bench.stock.blocks import StockBodyBlock


class StockHomePage(Page):
    """The top of the website."""


class StockProfilePage(Page):
    """A person."""

    role = models.CharField(max_length=100, blank=True)
    bio = RichTextField(blank=True)


class StockCategory(models.Model):
    """What a post is filed under."""

    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class StockPostTag(TaggedItemBase):
    """A tag on a post."""

    content_object = ParentalKey(
        "bench_stock.StockPostPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class StockPostAuthor(Orderable):
    """A profile that a post is by."""

    post = ParentalKey(
        "bench_stock.StockPostPage", on_delete=models.CASCADE, related_name="post_authors"
    )
    profile = models.ForeignKey(StockProfilePage, on_delete=models.CASCADE, related_name="+")

    panels: ClassVar = [FieldPanel("profile")]


class StockPostPage(Page):
    """A post of a blog."""

    date = models.DateField()
    intro = models.TextField(blank=True, max_length=500)
    cover_image = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = StreamField(StockBodyBlock(), blank=True)
    is_featured = models.BooleanField(default=False)
    tags = ClusterTaggableManager(through=StockPostTag, blank=True)
    categories = ParentalManyToManyField(StockCategory, blank=True, related_name="posts")
    social_title = models.CharField(max_length=120, blank=True)
    social_description = models.CharField(max_length=300, blank=True)
    social_image = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    canonical_url = models.URLField(blank=True)
    noindex = models.BooleanField(default=False)

    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("cover_image"),
        FieldPanel("body"),
        FieldPanel("date"),
        InlinePanel("post_authors"),
        FieldPanel("tags"),
        FieldPanel("categories"),
        FieldPanel("is_featured"),
    ]
    promote_panels: ClassVar = [
        *Page.promote_panels,
        FieldPanel("social_title"),
        FieldPanel("social_description"),
        FieldPanel("social_image"),
        FieldPanel("canonical_url"),
        FieldPanel("noindex"),
    ]
    search_fields: ClassVar = [
        *Page.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
        index.FilterField("date"),
    ]
