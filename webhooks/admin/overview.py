"""The list of webhooks, each with how it fares."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from webhooks.admin.access import WebhooksMixin
from webhooks.admin.choices import describe_events
from webhooks.admin.standing import standing_of
from webhooks.listing import count_settled
from webhooks.models import Subscription
from webhooks.selectors import count_waiting, list_subscriptions


class _Cell(Column):
    """A column whose cell has a template of its own."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.cell_template_name = f"webhooks/admin/cells/{name}.html"


class WebhooksView(WebhooksMixin, BaseListingView):
    """One's own webhooks; everybody's for who manages all."""

    model = Subscription
    page_title = _("Webhooks")
    index_url_name = "webhooks"
    index_results_url_name = "webhooks_results"
    results_template_name = "webhooks/admin/webhooks_results.html"
    table_classname = "listing galley-webhooks"
    paginate_by = 50
    default_ordering = "name"

    def get_base_queryset(self) -> QuerySet[Subscription]:
        """Those that the person may know of."""
        return list_subscriptions(self.actor).select_related("endpoint", "owner")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, this page."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """To a new one."""
        return [HeaderButton(_("Add webhook"), url=reverse("webhook_add"), icon_name="plus")]

    @cached_property
    def columns(self) -> list[Any]:
        """With the owners for those who see others' webhooks."""
        owner = [Column("owner", label=_("Owner"))] if self.actor.manages_all else []
        return [
            TitleColumn(
                "name", label=_("Name"), get_url=lambda row: reverse("webhook", args=[row.pk])
            ),
            _Cell("events", label=_("Events")),
            *owner,
            _Cell("standing", label=_("Status")),
            _Cell("lately", label=_("Last day")),
        ]

    def get_table(self, object_list: Any) -> Any:
        """The rows with their numbers, which cost two queries for all."""
        rows: list[Any] = list(object_list)
        ids = [row.pk for row in rows]
        settled, waiting = count_settled(ids), count_waiting(ids)
        for row in rows:
            row.shown_events = describe_events(row.event_types)
            row.shown_standing = standing_of(row)
            row.lately = settled[row.pk]
            row.waiting = waiting[row.pk].waiting if row.pk in waiting else 0
        return super().get_table(rows)
