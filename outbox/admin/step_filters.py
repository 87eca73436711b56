"""Which runs the list of steps shows."""

from typing import Any, Final

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from outbox.models import OPEN_STATUSES, StepRun, StepStatus
from outbox.pipelines import load_pipeline
from outbox.progress import labels_of

FAILING: Final = "failing"

STATUS_CHOICES: Final = (
    (StepStatus.DEAD, _("Given up")),
    (FAILING, _("Failed, tried again by itself")),
    (StepStatus.WAITING, _("Waiting")),
    (StepStatus.QUEUED, _("Queued")),
    (StepStatus.RUNNING, _("Running")),
    (StepStatus.DISCARDED, _("Discarded")),
)


def unsettled_runs() -> QuerySet[StepRun]:
    """All but what is done: of that there are millions, and the ledger shows it by event."""
    statuses = [*OPEN_STATUSES, StepStatus.DEAD, StepStatus.DISCARDED]
    return StepRun.objects.filter(status__in=statuses)


def step_choices() -> list[tuple[str, str]]:
    """The steps of the pipeline, and those that it lacks and that have runs all the same."""
    labels = labels_of(load_pipeline())
    strange = unsettled_runs().exclude(step__in=labels).order_by()
    labels |= {name: name for name in strange.values_list("step", flat=True).distinct()}
    return sorted(labels.items(), key=lambda item: item[1])


class StepFilterSet(WagtailFilterSet):
    """By step, status, the time of the event and its subject."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"),
        choices=STATUS_CHOICES,
        method="filter_status",
        distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )
    step = django_filters.MultipleChoiceFilter(
        label=_("Step"), choices=(), distinct=False, widget=forms.CheckboxSelectMultiple
    )
    happened = django_filters.DateFromToRangeFilter(
        field_name="event__occurred_at", label=_("Happened"), widget=DateRangePickerWidget
    )
    subject = django_filters.CharFilter(
        label=_("Subject"), help_text=_("What changed, such as a document's id.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # At each request, since tests and settings change them; once in it, for they cost a select.
        self.filters["step"].extra["choices"] = step_choices()

    def filter_status(self, runs: QuerySet[StepRun], _name: str, value: Any) -> QuerySet[StepRun]:
        """Failing runs wait for a next try, and say why the last one failed."""
        if not value:
            return runs
        plain = runs.filter(status__in=[status for status in value if status != FAILING])
        if FAILING not in value:
            return plain
        return plain | runs.filter(status=StepStatus.WAITING, tries__gt=0).exclude(last_error="")

    class Meta:
        model = StepRun
        fields: list[str] = []  # as django-filter has it
