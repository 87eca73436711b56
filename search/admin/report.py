"""What visitors searched for, what they found nothing for, what they chose."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from search.admin.access import SearchMixin
from search.admin.export import csv_response
from search.admin.places import place_choices, read_place
from search.reports import (
    ClickRow,
    DayCount,
    QueryRow,
    Report,
    count_days,
    list_clicks,
    list_queries,
)

_SHOWN: Final = 100
_EXPORTED: Final = 5000
_TITLES: Final = {
    Report.POPULAR: _("Asked most"),
    Report.EMPTY: _("Found nothing"),
    Report.CLICKS: _("Chosen most"),
}
_DAYS: Final = ((1, _("Today")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days")))


class _Choice(forms.Form):
    """Of what the report is."""

    place = forms.ChoiceField(label=_("Website and language"))
    days = forms.TypedChoiceField(label=_("Time"), choices=_DAYS, coerce=int)
    show = forms.TypedChoiceField(
        label=_("Show"), choices=[(item.value, _TITLES[item]) for item in Report], coerce=Report
    )

    def __init__(self, data: Any) -> None:
        shown: Any = self.base_fields
        places = place_choices()
        usual = {"days": "30", "show": Report.POPULAR.value}
        first = {"place": places[0][0]} if places else {}
        super().__init__(usual | first | {name: data[name] for name in shown if name in data})
        shown = self.fields
        shown["place"].choices = places


class ReportView(SearchMixin, WagtailAdminTemplateMixin, TemplateView):
    """A report of some days, to be read or taken along. Three queries at most."""

    page_title = _("Searches")
    header_icon = "history"
    template_name = "search/admin/report.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, this page."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    @cached_property
    def choice(self) -> _Choice:
        """What was chosen, or is usual."""
        return _Choice(self.request.GET)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; the file, if that is asked for."""
        if request.GET.get("export") == "csv" and self.choice.is_valid():
            show = self.choice.cleaned_data["show"]
            return csv_response(f"searches-{show}", _cells(self._rows(_EXPORTED)))
        return super().get(request, *args, **kwargs)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """To the file."""
        if not self.choice.is_valid():
            return []
        given = {name: self.choice.cleaned_data[name] for name in ("place", "days")}
        query = urlencode(
            {**given, "show": self.choice.cleaned_data["show"].value, "export": "csv"}
        )
        url = f"{reverse('search_report')}?{query}"
        return [HeaderButton(_("Download CSV"), url=url, icon_name="download")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The rows, each with the length of its bar, and the days as columns."""
        context = super().get_context_data(**kwargs) | {"form": self.choice}
        if not self.choice.is_valid():
            return context
        given = self.choice.cleaned_data
        rows = self._rows(_SHOWN)
        days = count_days(read_place(given["place"]), days=given["days"])
        return context | {
            "show": given["show"].value,
            "place": given["place"],
            "language": read_place(given["place"]).locale,
            "rows": [(row, _share(_size(row, given["show"]), rows, given["show"])) for row in rows],
            "days": _columns(days),
            "total": sum(day.times for day in days),
            "in_vain": sum(day.empty for day in days),
        }

    def _rows(self, limit: int) -> Sequence[QueryRow | ClickRow]:
        given = self.choice.cleaned_data
        place, days = read_place(given["place"]), given["days"]
        if given["show"] == Report.CLICKS:
            return list_clicks(place, days=days, limit=limit)
        only_empty = given["show"] == Report.EMPTY
        return list_queries(place, days=days, limit=limit, only_empty=only_empty)


def _size(row: QueryRow | ClickRow, show: Report) -> int:
    if isinstance(row, ClickRow):
        return row.clicks
    return row.empty if show == Report.EMPTY else row.times


def _share(size: int, rows: Sequence[QueryRow | ClickRow], show: Report) -> int:
    """Per cent of the largest."""
    return round(100 * size / max(1, *(_size(row, show) for row in rows)))


def _columns(days: Sequence[DayCount]) -> list[dict[str, Any]]:
    """The days as a plot has them: heights in per cent, and words for those who do not see it."""
    most = max([1, *(day.times for day in days)])
    return [
        {
            "day": day.day,
            "times": day.times,
            "empty": day.empty,
            "height": round(100 * day.times / most, 1),
            "top": round(104 - 100 * day.times / most, 1),
            "empty_height": round(100 * day.empty / most, 1),
            "empty_top": round(104 - 100 * day.empty / most, 1),
            "x": number,
        }
        for number, day in enumerate(days)
    ]


def _cells(rows: Sequence[QueryRow | ClickRow]) -> list[tuple[object, ...]]:
    clicks = [row for row in rows if isinstance(row, ClickRow)]
    if clicks:
        return [
            (_t("Query"), _t("Page"), _t("Address"), _t("Clicks"), _t("Mean place")),
            *((row.query, row.title, row.path, row.clicks, row.place) for row in clicks),
        ]
    queries = [row for row in rows if isinstance(row, QueryRow)]
    return [
        (
            *(_t("Query"), _t("Asked"), _t("Found nothing")),
            *(_t("Most found"), _t("Clicks"), _t("Mean place")),
        ),
        *((r.query, r.times, r.empty, r.found, r.clicks, r.place) for r in queries),
    ]
