"""The list of steps that are not done: what failed, why, and what can be done about it."""

from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import BaseListingView

from outbox.admin.access import OperationsMixin, may_manage
from outbox.admin.step_filters import FAILING, STATUS_CHOICES, StepFilterSet, unsettled_runs
from outbox.models import StepRun, StepStatus
from outbox.pipelines import load_pipeline
from outbox.progress import labels_of
from outbox.retries import MAX_TRIES

_STATUS_LABELS: Final = dict(STATUS_CHOICES)
_CRITICAL: Final = {StepStatus.DEAD.value, FAILING}


def shown_status(run: StepRun) -> str:
    """The status as the filter names it."""
    is_failing = run.status == StepStatus.WAITING and run.last_error and run.tries
    return FAILING if is_failing else str(run.status)


def decorate(run: StepRun, labels: dict[str, str]) -> StepRun:
    """Adds what the rows of a table show."""
    status = shown_status(run)
    shown: Any = run
    shown.label = labels.get(run.step, run.step)
    shown.status_label = _STATUS_LABELS.get(status, _("Done"))
    shown.is_critical = status in _CRITICAL
    shown.can_discard = run.status in (StepStatus.DEAD, StepStatus.WAITING, StepStatus.QUEUED)
    shown.can_retry = run.status not in (StepStatus.QUEUED, StepStatus.RUNNING)
    shown.most_tries = MAX_TRIES
    return run


class _EventColumn(Column):
    cell_template_name = "outbox/admin/cells/event.html"


class _StatusColumn(Column):
    cell_template_name = "outbox/admin/cells/status.html"


class _ErrorColumn(Column):
    cell_template_name = "outbox/admin/cells/error.html"


class StepsView(OperationsMixin, BaseListingView):
    """Runs that are not done, the latest event first."""

    model = StepRun
    page_title = _("Steps")
    header_icon = "list-ul"
    template_name = "outbox/admin/steps.html"
    results_template_name = "outbox/admin/steps_results.html"
    index_url_name = "operations_steps"
    index_results_url_name = "operations_steps_results"
    filterset_class = StepFilterSet
    default_ordering = "-event_id"
    paginate_by = 50
    table_classname = "listing galley-steps"

    def get_base_queryset(self) -> QuerySet[StepRun]:
        """What is not done."""
        return unsettled_runs().select_related("event")

    def filter_queryset(self, queryset: QuerySet[StepRun]) -> QuerySet[StepRun]:
        """Nothing where a filter makes no sense; the form says which."""
        if self.filters and not self.filters.is_valid():
            return queryset.none()
        found: QuerySet[StepRun] = super().filter_queryset(queryset)
        return found

    def order_queryset(self, queryset: QuerySet[StepRun]) -> QuerySet[StepRun]:
        """The latest event first, its steps in one order."""
        return queryset.order_by("-event_id", "pk")

    @cached_property
    def columns(self) -> list[Any]:
        """Without boxes to tick for those who may not act."""
        boxes = [BulkActionsCheckboxColumn("bulk_actions", obj_type="steprun")]
        return [
            *(boxes if may_manage(self.request.user) else []),
            TitleColumn(
                "label",
                label=_("Step"),
                get_url=lambda run: reverse("operations_event", args=[run.event_id]),
                get_title_id=lambda run: f"steprun_{run.pk}_title",
            ),
            _EventColumn("event", label=_("After")),
            _StatusColumn("status", label=_("Status")),
            _ErrorColumn("last_error", label=_("Last error"), width="40%"),
            DateColumn("happened", label=_("Happened"), accessor="event.occurred_at"),
        ]

    def get_table(self, object_list: Any) -> Any:
        """The rows with their words."""
        labels = labels_of(load_pipeline())
        return super().get_table([decorate(run, labels) for run in object_list])

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Whether the person may act."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return context | {
            "may_manage": may_manage(self.request.user),
            "app_label": StepRun._meta.app_label,
            "model_name": StepRun._meta.model_name,
        }
