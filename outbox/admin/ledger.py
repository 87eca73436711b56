"""The ledger, event by event: what changed, what others are told of it, and what followed."""

import json
from typing import Any, Final
from uuid import UUID

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import BaseListingView, WagtailAdminTemplateMixin

from outbox.admin.access import OperationsMixin, may_manage
from outbox.admin.log import decisions_about
from outbox.admin.steps import decorate
from outbox.announcements import announce
from outbox.models import LedgerEvent
from outbox.pipelines import load_pipeline
from outbox.planning import ledger_position
from outbox.progress import labels_of

SEARCHED_BACK: Final = 20_000
"""Titles and paths are looked for in so many of the latest events: no index helps there."""
MOST_COUNTED: Final = 10_000
_SAME_SUBJECT: Final = 10


def event_types() -> list[tuple[str, str]]:
    """The types that the pipeline knows."""
    return [(name, name) for name in sorted(load_pipeline().steps_by_type)]


def search_events(events: QuerySet[LedgerEvent], text: str) -> QuerySet[LedgerEvent]:
    """By sequence number, by an id of a document or of an event, else by title, path or slug."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return events.filter(sequence=min(int(text), 2**63 - 1))
    try:
        found = UUID(text)
    except ValueError:
        start = ledger_position() - SEARCHED_BACK
        words = (
            Q(data__title__icontains=text)
            | Q(data__path__icontains=text)
            | Q(data__slug__icontains=text)
            | Q(subject=text)
        )
        return events.filter(words, sequence__gt=start)
    return events.filter(Q(subject=str(found)) | Q(id=found))


class BoundedPaginator(WagtailPaginator):
    """Counts no further than a person would turn pages."""

    @cached_property
    def count(self) -> int:
        """At most `MOST_COUNTED`."""
        found: Any = self.object_list
        return int(found[:MOST_COUNTED].count())


class LedgerFilterSet(WagtailFilterSet):
    """By the type of event."""

    type = django_filters.MultipleChoiceFilter(
        label=_("Type"),
        choices=event_types,
        distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = LedgerEvent
        fields: list[str] = []  # as django-filter has it


class _SubjectColumn(Column):
    cell_template_name = "outbox/admin/cells/subject.html"


class LedgerView(OperationsMixin, BaseListingView):
    """All events, the latest first."""

    model = LedgerEvent
    page_title = _("Ledger")
    header_icon = "history"
    results_template_name = "outbox/admin/ledger_results.html"
    index_url_name = "operations_ledger"
    index_results_url_name = "operations_ledger_results"
    filterset_class = LedgerFilterSet
    is_searchable = True
    default_ordering = "-sequence"
    paginate_by = 50
    paginator_class: type[Paginator[Any]] = BoundedPaginator

    def order_queryset(self, queryset: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:
        """The latest first."""
        return queryset.order_by("-sequence")

    def search_queryset(self, queryset: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:
        """What the search field holds, if anything."""
        return search_events(queryset, self.search_query) if self.is_searching else queryset

    @cached_property
    def columns(self) -> list[Any]:
        """Number, type, what changed, when."""
        return [
            TitleColumn(
                "sequence",
                label=_("Number"),
                get_url=lambda event: reverse("operations_event", args=[event.sequence]),
                width="12%",
            ),
            Column("type", label=_("Type"), width="22%"),
            _SubjectColumn("subject", label=_("What changed")),
            DateColumn("occurred_at", label=_("Happened"), width="15%"),
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """How far back titles are looked for."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return context | {"searched_back": SEARCHED_BACK}


class EventView(OperationsMixin, WagtailAdminTemplateMixin, TemplateView):
    """One event. Eight selects, whatever it holds."""

    header_icon = "history"
    template_name = "outbox/admin/event.html"

    @cached_property
    def event(self) -> LedgerEvent:
        """The event of this address."""
        number = self.kwargs["sequence"]
        found = LedgerEvent.objects.filter(sequence=min(number, 2**63 - 1)).first()
        if found is None:
            raise Http404(_("The ledger has no event of this number, or has it no more."))
        return found

    def get_page_title(self) -> str:
        """Number and type."""
        return _("Event %(number)d") % {"number": self.event.sequence}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, Operations, the ledger, this event."""
        return self.breadcrumbs(
            (reverse("operations_ledger"), _("Ledger")), ("", self.get_page_title())
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The event, its runs in the pipeline's order, its announcement, and what was decided."""
        event, pipeline = self.event, load_pipeline()
        order = list(pipeline.steps)
        runs = sorted(
            event.runs.all(),
            key=lambda run: (order.index(run.step) if run.step in order else len(order), run.pk),
        )
        planned = {run.step for run in runs}
        expected = [step for step in pipeline.steps_for(event.type) if step.name not in planned]
        labels = labels_of(pipeline)
        same = LedgerEvent.objects.filter(subject=event.subject).exclude(pk=event.pk)
        return super().get_context_data(**kwargs) | {
            "event": event,
            "head": ledger_position(),
            "has_before": LedgerEvent.objects.filter(pk=event.pk - 1).exists(),
            "runs": [decorate(run, labels) for run in runs],
            "unplanned": [labels[step.name] for step in expected],
            "facts": _pretty(event.data),
            "announcement": _announcement(event),
            "same_subject": list(same.order_by("-sequence")[:_SAME_SUBJECT]),
            "decisions": list(decisions_about(event)),
            "may_manage": may_manage(self.request.user),
        }


def _announcement(event: LedgerEvent) -> str:
    found = announce(event)
    if found is None:
        return ""
    return _pretty(
        {
            "type": found.type,
            "id": found.id,
            "sequence": found.sequence,
            "subject": found.subject,
            "time": found.time,
            "data": dict(found.data),
        }
    )


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
