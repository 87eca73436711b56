"""The catalogue of services."""

from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable
from wagtail.search import index

from cms.blocks.body import BodyBlock
from cms.blocks.lists import QuestionsBlock, WordsBlock
from cms.currencies import CURRENCIES, exponent_of
from cms.fields import ContentStreamField
from cms.models.base import BasePage
from cms.service_form import ServiceForm


class ServiceIndexPage(BasePage):
    """The top of the catalogue."""

    document_type = "pages"
    intro = models.TextField(_("introduction"), blank=True, max_length=500)

    content_panels: ClassVar = [*BasePage.content_panels, FieldPanel("intro")]
    search_fields: ClassVar = [*BasePage.search_fields, index.SearchField("intro")]
    parent_page_types: ClassVar = ["cms.HomePage", "cms.StandardPage"]
    subpage_types: ClassVar = ["cms.ServicePage"]
    page_description = _("Lists the services below it.")

    class Meta:
        verbose_name = _("catalogue")


class ServiceRelatedPost(Orderable):
    """A post that tells more about a service."""

    service = ParentalKey(
        "cms.ServicePage", on_delete=models.CASCADE, related_name="service_related_posts"
    )
    post = models.ForeignKey(
        "cms.BlogPostPage", verbose_name=_("post"), on_delete=models.CASCADE, related_name="+"
    )

    panels: ClassVar = [FieldPanel("post")]


class ServicePage(BasePage):
    """Something that can be bought, with its price."""

    class BillingUnit(models.TextChoices):
        ONCE = "once", _("once")
        HOUR = "hour", _("per hour")
        DAY = "day", _("per day")
        MONTH = "month", _("per month")
        YEAR = "year", _("per year")

    class Availability(models.TextChoices):
        AVAILABLE = "available", _("Available")
        LIMITED = "limited", _("Limited")
        UNAVAILABLE = "unavailable", _("Not available")

    document_type = "services"
    base_form_class = ServiceForm
    lead_fields = ("summary",)
    body_field = "description"
    lead_image_field = "image"
    summary = models.TextField(
        _("summary"), blank=True, max_length=500, help_text=_("Two or three plain sentences.")
    )
    image = models.ForeignKey(
        "media.CustomImage",
        verbose_name=_("image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    description = ContentStreamField(BodyBlock(), verbose_name=_("description"), blank=True)
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=3, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES, default="EUR")
    billing_unit = models.CharField(
        _("billed"), max_length=8, choices=BillingUnit.choices, default=BillingUnit.ONCE
    )
    availability = models.CharField(
        _("availability"),
        max_length=16,
        choices=Availability.choices,
        default=Availability.AVAILABLE,
    )
    features = ContentStreamField(WordsBlock(), verbose_name=_("features"), blank=True)
    faq = ContentStreamField(QuestionsBlock(), verbose_name=_("questions"), blank=True)

    content_panels: ClassVar = [
        *BasePage.content_panels,
        FieldPanel("summary"),
        FieldPanel("image"),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [FieldPanel("price"), FieldPanel("currency"), FieldPanel("billing_unit")]
                ),
                FieldPanel("availability"),
            ],
            _("Offer"),
        ),
        FieldPanel("description"),
        FieldPanel("features"),
        FieldPanel("faq"),
        InlinePanel("service_related_posts", label=_("Post"), heading=_("Related posts")),
    ]
    search_fields: ClassVar = [
        *BasePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("description"),
        index.FilterField("price"),
    ]
    parent_page_types: ClassVar = ["cms.ServiceIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("A service with a price.")

    class Meta:
        verbose_name = _("service")

    def clean(self) -> None:
        """Refuses a price with more decimals than its currency has, such as 9.5 yen."""
        super().clean()
        if self.price is not None and self.currency:
            places = exponent_of(self.currency)
            if self.price != self.price.quantize(Decimal(1).scaleb(-places)):
                message = _("%(currency)s has %(places)d decimal places.")
                raise ValidationError(
                    {"price": message % {"currency": self.currency, "places": places}}
                )
