"""Pages of no special kind."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.blocks.body import BodyBlock
from cms.fields import ContentStreamField
from cms.models.base import BasePage


class TextPage(BasePage):
    """An introduction and a body."""

    document_type = "pages"
    intro = models.TextField(
        _("introduction"), blank=True, max_length=500, help_text=_("Two or three plain sentences.")
    )
    body = ContentStreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    content_panels: ClassVar = [
        *BasePage.content_panels,
        FieldPanel("intro"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar = [
        *BasePage.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
    ]

    class Meta:
        abstract = True


class HomePage(TextPage):
    """The top of a website."""

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    page_description = _("The first page of a website, in one language.")

    class Meta:
        verbose_name = _("home page")


class StandardPage(TextPage):
    """A page such as “About” or “Contact”."""

    parent_page_types: ClassVar = ["cms.HomePage", "cms.StandardPage"]
    page_description = _("A page of text, such as “About” or “Contact”.")

    class Meta:
        verbose_name = _("standard page")
