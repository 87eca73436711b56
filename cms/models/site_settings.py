"""What holds for a whole website."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms.blocks.lists import ExternalLinksBlock
from cms.fields import ContentStreamField


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    """Brand, social networks and defaults of one website."""

    brand_name = models.CharField(_("brand"), max_length=100, blank=True)
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    logo = models.ForeignKey(
        "media.CustomImage",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    social_links = ContentStreamField(
        ExternalLinksBlock(), verbose_name=_("social networks"), blank=True
    )
    seo_title_suffix = models.CharField(
        _("title suffix"), max_length=60, blank=True, help_text=_("Follows each page's title.")
    )
    seo_description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("For pages that have none.")
    )
    seo_image = models.ForeignKey(
        "media.CustomImage",
        verbose_name=_("social image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("For pages that have none."),
    )
    default_locale = models.ForeignKey(
        "wagtailcore.Locale",
        verbose_name=_("default language"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Served when a website asks for none; the home page's if left blank."),
    )

    panels: ClassVar = [
        MultiFieldPanel(
            [FieldPanel("brand_name"), FieldPanel("tagline"), FieldPanel("logo")], _("Brand")
        ),
        FieldPanel("social_links"),
        MultiFieldPanel(
            [
                FieldPanel("seo_title_suffix"),
                FieldPanel("seo_description"),
                FieldPanel("seo_image"),
            ],
            _("For search engines"),
        ),
        FieldPanel("default_locale"),
    ]

    class Meta:
        verbose_name = _("website settings")
