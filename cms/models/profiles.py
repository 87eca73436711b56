"""People who write and work here, as visitors meet them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from cms.blocks.base import SHORT_TEXT_FEATURES
from cms.blocks.lists import ExternalLinksBlock, WordsBlock
from cms.fields import ContentStreamField
from cms.models.base import BasePage


class ProfileIndexPage(BasePage):
    """The top of the profiles."""

    document_type = "pages"
    intro = models.TextField(_("introduction"), blank=True, max_length=500)

    content_panels: ClassVar = [*BasePage.content_panels, FieldPanel("intro")]
    search_fields: ClassVar = [*BasePage.search_fields, index.SearchField("intro")]
    parent_page_types: ClassVar = ["cms.HomePage", "cms.StandardPage"]
    subpage_types: ClassVar = ["cms.ProfilePage"]
    page_description = _("Lists the profiles below it.")

    class Meta:
        verbose_name = _("people")


class ProfilePage(BasePage):
    """A person. The page's title is the name."""

    document_type = "profiles"
    lead_fields = ("role",)
    lead_image_field = "photo"
    role = models.CharField(_("role"), max_length=120, blank=True)
    bio = RichTextField(_("biography"), blank=True, features=SHORT_TEXT_FEATURES)
    photo = models.ForeignKey(
        "media.CustomImage",
        verbose_name=_("photo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    links = ContentStreamField(ExternalLinksBlock(), verbose_name=_("links"), blank=True)
    skills = ContentStreamField(WordsBlock(), verbose_name=_("skills"), blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The account of this person, if there is one; never shown to visitors."),
    )

    content_panels: ClassVar = [
        FieldPanel("title", heading=_("Name")),
        FieldPanel("role"),
        FieldPanel("photo"),
        FieldPanel("bio"),
        FieldPanel("skills"),
        FieldPanel("links"),
        MultiFieldPanel([FieldPanel("user")], _("Account")),
    ]
    search_fields: ClassVar = [
        *BasePage.search_fields,
        index.SearchField("role"),
        index.SearchField("bio"),
    ]
    parent_page_types: ClassVar = ["cms.ProfileIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("A person who writes or works here.")

    class Meta:
        verbose_name = _("profile")
