"""The overview of Operations: is everything where it should be, and if not, what to do."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from outbox.activity import HOURS, read_activity
from outbox.admin.access import OperationsMixin
from outbox.admin.charts import duration_chart, events_chart
from outbox.advice import advise
from outbox.broker_state import read_broker
from outbox.pipelines import load_pipeline
from outbox.schedules import late_schedules, load_schedule
from outbox.standing import read_standing

PANELS_HOOK: Final = "construct_operations_overview"
"""Functions of this name are called with the request and a list; they add Wagtail components to it,
which stand below the steps. A component may carry `advice`: what its package finds wrong."""


class OverviewView(OperationsMixin, WagtailAdminTemplateMixin, TemplateView):
    """The one page to open when something seems wrong.

    Nine selects of its own, however long the ledger is, and one question to the broker in five
    seconds.
    """

    page_title = _("Operations")
    header_icon = "sliders"
    template_name = "outbox/admin/overview.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, then this page."""
        return [*self.breadcrumbs_items, {"url": "", "label": _("Operations")}]

    def get_header_buttons(self) -> list[Any]:
        """One that asks anew: a page that changed by itself would take the focus from its reader."""
        return [HeaderButton(_("Refresh"), url=reverse("operations"), icon_name="rotate")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """All numbers, read one after the other: they may be of slightly different moments."""
        pipeline = load_pipeline()
        standing, broker, late = read_standing(pipeline), read_broker(), late_schedules()
        activity = read_activity(list(pipeline.steps))
        panels: list[Any] = []
        for add_panels in hooks.get_hooks(PANELS_HOOK):
            add_panels(self.request, panels)
        advice = advise(standing, broker, late)
        for panel in panels:
            advice += getattr(panel, "advice", [])
        labels = {step.name: step.label for step in standing.steps}
        return super().get_context_data(**kwargs) | {
            "standing": standing,
            "broker": broker,
            "late": late,
            "schedules": len(load_schedule()),
            "advice": advice,
            "panels": panels,
            "hours": HOURS,
            "activity": activity,
            "charts": [
                events_chart(activity),
                *(duration_chart(labels[name], spans) for name, spans in activity.steps.items()),
            ],
        }
