"""The overview of Operations: is everything where it should be, and if not, what to do."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from outbox.admin.access import OperationsMixin
from outbox.pipelines import load_pipeline
from outbox.standing import read_standing


class OverviewView(OperationsMixin, WagtailAdminTemplateMixin, TemplateView):
    """The one page to open when something seems wrong."""

    page_title = _("Operations")
    header_icon = "sliders"
    template_name = "outbox/admin/overview.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, then this page."""
        return [*self.breadcrumbs_items, {"url": "", "label": _("Operations")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The numbers of the ledger and its steps."""
        return super().get_context_data(**kwargs) | {"standing": read_standing(load_pipeline())}
