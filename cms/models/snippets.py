"""Things that pages share: categories, menus, banners."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel, TitleFieldPanel
from wagtail.admin.widgets.slug import SlugInput
from wagtail.models import DraftStateMixin, Locale, RevisionMixin, TranslatableMixin
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from cms.blocks.lists import MenuBlock
from cms.fields import ContentStreamField
from cms.models.base import AtomicPublishingMixin
from cms.site_form import SiteForm


class Category(TranslatableMixin, index.Indexed, models.Model):
    """A subject that posts are filed under; it may lie within a wider one."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("wider category"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
    )

    panels: ClassVar = [
        TitleFieldPanel("name", classname="", placeholder=False),
        FieldPanel("slug", widget=SlugInput),
        FieldPanel("description"),
        FieldPanel("parent"),
    ]
    search_fields: ClassVar = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["locale", "slug"], name="cms_category_slug_in_locale")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses a category that would lie within itself."""
        super().clean()
        seen = {self.pk} if self.pk else set()
        wider = self.parent
        while wider is not None:
            if wider.pk in seen:
                raise ValidationError({"parent": _("A category cannot lie within itself.")})
            seen.add(wider.pk)
            wider = wider.parent


class NavigationMenu(TranslatableMixin, models.Model):
    """A menu of a website, such as the main one or the footer's, in one language."""

    base_form_class = SiteForm
    site = models.ForeignKey(
        "wagtailcore.Site", verbose_name=_("site"), on_delete=models.CASCADE, related_name="menus"
    )
    name = models.SlugField(
        _("name"), max_length=50, help_text=_("Websites ask by it: “main” or “footer”.")
    )
    items = ContentStreamField(MenuBlock(), verbose_name=_("entries"), blank=True)

    panels: ClassVar = [FieldPanel("site"), FieldPanel("name"), FieldPanel("items")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "locale", "name"], name="cms_menu_name_on_site")
        ]

    def __str__(self) -> str:
        return self.name


class Banner(
    AtomicPublishingMixin, DraftStateMixin, RevisionMixin, TranslatableMixin, models.Model
):
    """An announcement on every page of a website; it can be scheduled."""

    base_form_class = SiteForm

    class Kind(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        PROMOTION = "promotion", _("Promotion")

    site = models.ForeignKey(
        "wagtailcore.Site", verbose_name=_("site"), on_delete=models.CASCADE, related_name="banners"
    )
    text = models.CharField(_("text"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.INFO)
    link_label = models.CharField(_("link's label"), max_length=60, blank=True)
    link_page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("link to a page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    link_url = models.URLField(_("or to an address"), blank=True)

    panels: ClassVar = [
        FieldPanel("site"),
        FieldPanel("text"),
        FieldPanel("kind"),
        MultiFieldPanel(
            [FieldPanel("link_label"), FieldPanel("link_page"), FieldPanel("link_url")], _("Link")
        ),
        PublishingPanel(),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("banner")
        verbose_name_plural = _("banners")

    def __str__(self) -> str:
        return self.text

    def copy_for_translation(self, locale: Locale, exclude_fields: Any = None) -> "Banner":
        """A draft in that language, not saved yet.

        Wagtail's copy of a live banner is live, and carries what the latest draft says: who may
        translate but not publish would publish by it.
        """
        copy: Banner = super().copy_for_translation(locale, exclude_fields=exclude_fields)
        copy.live = False
        copy.has_unpublished_changes = True
        copy.first_published_at = copy.last_published_at = None
        copy.live_revision = copy.latest_revision = None
        return copy


for _viewset in ("CategoryViewSet", "NavigationMenuViewSet", "BannerViewSet"):
    register_snippet(f"cms.admin.snippet_lists.{_viewset}")
