"""A webhook's own page with its log, and the page of one delivery."""

from typing import Any

import django_filters
import orjson
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from core.interface import utc_now
from outbox.interface import ANNOUNCED_TYPES
from webhooks.actions.send_test import TEST_EVENT
from webhooks.admin.access import OneWebhookMixin
from webhooks.admin.choices import describe_events, locale_choices, site_choices
from webhooks.admin.standing import standing_of, tone_of
from webhooks.listing import count_settled
from webhooks.models import Delivery, DeliveryStatus, Subscription
from webhooks.selectors import count_waiting, get_delivery, list_attempts


class DeliveryFilterSet(WagtailFilterSet):
    """By status, type of event, time and subject."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=DeliveryStatus.choices, widget=forms.CheckboxSelectMultiple
    )
    event_type = django_filters.MultipleChoiceFilter(
        label=_("Event"),
        choices=[(name, name) for name in (*ANNOUNCED_TYPES, TEST_EVENT)],
        widget=forms.CheckboxSelectMultiple,
    )
    created_at = django_filters.DateFromToRangeFilter(label=_("Made"), widget=DateRangePickerWidget)
    subject = django_filters.CharFilter(
        label=_("Subject"), help_text=_("What changed, such as a document's id.")
    )

    class Meta:
        model = Delivery
        fields: list[str] = []  # as django-filter has it


class _StatusColumn(Column):
    cell_template_name = "webhooks/admin/cells/delivery_status.html"


class _DeliveryPaginator(WagtailPaginator):
    """Counts in our words."""

    verbose_name = _("delivery")
    verbose_name_plural = _("deliveries")


class WebhookView(OneWebhookMixin, BaseListingView):
    """How a webhook stands, what can be done with it, and its log."""

    model = Delivery
    page_title = _("Webhook")
    template_name = "webhooks/admin/webhook.html"
    results_template_name = "webhooks/admin/log_results.html"
    table_classname = "listing galley-deliveries"
    filterset_class = DeliveryFilterSet
    default_ordering = "-pk"
    paginate_by = 50
    paginator_class = _DeliveryPaginator

    def get_base_queryset(self) -> QuerySet[Delivery]:
        """The log, without bodies."""
        return Delivery.objects.filter(subscription=self.webhook).defer("body")

    def order_queryset(self, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """The newest first."""
        return queryset.order_by("-pk")

    def get_index_url(self) -> str:
        """This very page."""
        return self.webhook_url()

    def get_index_results_url(self) -> str:
        """The table alone."""
        return reverse("webhook_results", args=[self.webhook_id])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, Webhooks, this page."""
        return self.breadcrumbs(("", self.webhook.name))

    def get_page_title(self) -> str:
        """The name that the owner gave."""
        return self.webhook.name

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """To the form."""
        url = reverse("webhook_edit", args=[self.webhook_id])
        return [HeaderButton(_("Edit"), url=url, icon_name="edit")]

    @cached_property
    def columns(self) -> list[Any]:
        """What happened, and what became of it."""
        return [
            TitleColumn(
                "event_type",
                label=_("Event"),
                get_url=lambda row: reverse("webhook_delivery", args=[self.webhook_id, row.pk]),
            ),
            Column("sequence", label=_("Number")),
            _StatusColumn("status", label=_("Status")),
            Column("tries", label=_("Tries")),
            DateColumn("created_at", label=_("Made")),
            DateColumn("settled_at", label=_("Settled")),
        ]

    def get_table(self, object_list: Any) -> Any:
        """The rows with the colours of their status."""
        rows: list[Any] = list(object_list)
        for row in rows:
            row.tone = tone_of(row.status)
        return super().get_table(rows)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What stands above the log."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        webhook = self.webhook
        waiting = count_waiting([webhook.pk]).get(webhook.pk)
        until = webhook.previous_secret_until
        return context | {
            "webhook": webhook,
            "standing": standing_of(webhook),
            "lately": count_settled([webhook.pk])[webhook.pk],
            "waiting": waiting,
            "facts": _facts(webhook),
            "both_sign_until": until if until is not None and until > utc_now() else None,
        }


def _facts(webhook: Subscription) -> list[tuple[Any, Any]]:
    locales, sites = dict(locale_choices()), dict(site_choices(webhook.site))
    site = "" if webhook.site is None else str(webhook.site)
    everything = _("all")
    return [
        (_("URL"), webhook.url),
        (_("Events"), ", ".join(describe_events(webhook.event_types))),
        (_("Types of documents"), ", ".join(webhook.content_types) or everything),
        (
            _("Languages"),
            ", ".join(str(locales.get(tag, tag)) for tag in webhook.locales) or everything,
        ),
        (_("Website"), sites.get(site, site)),
        (_("Fields"), webhook.fields or everything),
        (_("Signature"), "ed25519 (v1a)" if webhook.public_key else "HMAC (v1)"),
        *([(_("Public key"), webhook.public_key)] if webhook.public_key else []),
    ]


class DeliveryView(OneWebhookMixin, WagtailAdminTemplateMixin, TemplateView):
    """One delivery: what was sent, and each answer."""

    page_title = _("Delivery")
    template_name = "webhooks/admin/delivery.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The delivery with its attempts. What receivers answered is only ever shown as text."""
        delivery = get_delivery(self.webhook, self.kwargs["delivery_id"])
        return super().get_context_data(**kwargs) | {
            "webhook": self.webhook,
            "delivery": delivery,
            "tone": tone_of(delivery.status),
            "is_open": delivery.settled_at is None,
            "is_test": delivery.event_type == TEST_EVENT,
            "attempts": list_attempts(delivery),
            "body": pretty(delivery.body),
        }


def pretty(body: str) -> str:
    """The body with one member on each line, for reading."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
