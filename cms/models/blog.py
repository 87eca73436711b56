"""The blog: its index and its posts."""

import math
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable
from wagtail.search import index

from cms.blocks.body import BodyBlock
from cms.fields import ContentStreamField, words_are_kept
from cms.models.base import BasePage
from cms.post_form import PostForm

_WORDS_PER_MINUTE = 220


class BlogIndexPage(BasePage):
    """The top of a blog; its posts lie below it."""

    document_type = "blog-indexes"
    intro = models.TextField(_("introduction"), blank=True, max_length=500)

    content_panels: ClassVar = [*BasePage.content_panels, FieldPanel("intro")]
    search_fields: ClassVar = [*BasePage.search_fields, index.SearchField("intro")]
    parent_page_types: ClassVar = ["cms.HomePage", "cms.StandardPage"]
    subpage_types: ClassVar = ["cms.BlogPostPage"]
    page_description = _("Lists the posts below it.")

    class Meta:
        verbose_name = _("blog")


class BlogPostTag(TaggedItemBase):
    """A tag on a post."""

    content_object = ParentalKey(
        "cms.BlogPostPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class BlogPostAuthor(Orderable):
    """A profile that a post is by; the first is its main author."""

    post = ParentalKey("cms.BlogPostPage", on_delete=models.CASCADE, related_name="post_authors")
    profile = models.ForeignKey(
        "cms.ProfilePage", verbose_name=_("profile"), on_delete=models.CASCADE, related_name="+"
    )

    panels: ClassVar = [FieldPanel("profile")]


class CategoryBoxes(forms.CheckboxSelectMultiple):
    """Boxes to tick. In a list box, a click without a key held drops all that was chosen before."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "galley-categories"} | (attrs or {}))


class BlogPostPage(BasePage):
    """A post of a blog."""

    document_type = "blog-posts"
    base_form_class = PostForm
    lead_image_field = "cover_image"
    date = models.DateField(_("date"), default=timezone.localdate)
    intro = models.TextField(
        _("introduction"), blank=True, max_length=500, help_text=_("Two or three plain sentences.")
    )
    cover_image = models.ForeignKey(
        "media.CustomImage",
        verbose_name=_("cover image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    body = ContentStreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    is_featured = models.BooleanField(
        _("featured"),
        default=False,
        db_default=False,  # the release before this one writes posts without it
        help_text=_("A website may show it first or set it apart from the others."),
    )
    reading_minutes = models.PositiveSmallIntegerField(_("reading time"), default=1, editable=False)
    tags = ClusterTaggableManager(through=BlogPostTag, blank=True)
    categories = ParentalManyToManyField(
        "cms.Category", verbose_name=_("categories"), blank=True, related_name="posts"
    )

    content_panels: ClassVar = [
        *BasePage.content_panels,
        FieldPanel("intro"),
        FieldPanel("cover_image"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("date"),
                InlinePanel("post_authors", label=_("Author"), heading=_("Authors")),
                FieldPanel("tags"),
                FieldPanel("categories", widget=CategoryBoxes),
                FieldPanel("is_featured"),
            ],
            _("About this post"),
        ),
    ]
    search_fields: ClassVar = [
        *BasePage.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
        index.FilterField("date"),
    ]
    parent_page_types: ClassVar = ["cms.BlogIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("An article with authors, tags and categories.")

    class Meta:
        verbose_name = _("blog post")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As every page; the reading time follows the text."""
        fields = kwargs.get("update_fields")
        with words_are_kept():
            if fields is None or "body" in fields:
                self.reading_minutes = reading_minutes(self.intro, self.body)
                if fields is not None:
                    kwargs["update_fields"] = [*fields, "reading_minutes"]
            super().save(*args, **kwargs)


def reading_minutes(intro: str, body: Any) -> int:
    """Whole minutes, at least one, at 220 words a minute; code and captions count as words."""
    words = len(intro.split())
    if body:
        texts = BlogPostPage._meta.get_field("body").get_searchable_content(body)
        words += sum(len(text.split()) for text in texts)
    return max(1, math.ceil(words / _WORDS_PER_MINUTE))
