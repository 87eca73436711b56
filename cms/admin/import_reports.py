"""Reports of imports in the admin: the list, and the two files of each."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Exists, OuterRef, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import ReportView
from wagtail.permissions import page_permission_policy

from cms.importing.report import HTML_NAME, JSON_NAME, Outcome
from cms.importing.report_files import ReportGone, open_report
from cms.importing.report_page import source_label
from cms.models import ImportRun
from media.interface import AsyncChunks

_BAR_WIDTH: Final = 120
_TYPES: Final = {
    HTML_NAME: "text/html; charset=utf-8",
    JSON_NAME: "application/json",
}
# What stands in a report came from elsewhere: it is escaped, and could not run if it were not.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)

_Person = AbstractBaseUser | AnonymousUser


def readable_runs(user: _Person) -> QuerySet[ImportRun]:
    """The imports into websites whose home page `user` may change: their reports name drafts."""
    pages = page_permission_policy.instances_user_has_permission_for(user, "change")
    later = ImportRun.objects.filter(
        source=OuterRef("source"), started_at__gt=OuterRef("started_at")
    )
    runs = ImportRun.objects.filter(source__site__root_page__in=pages.values("pk"))
    return runs.select_related("source__site", "user").annotate(was_followed=Exists(later))


def _may_read_any(user: _Person) -> bool:
    """Whether `user` may change the home page of any website. Few queries, whatever the tree."""
    pages = page_permission_policy.instances_user_has_permission_for(user, "change")
    return bool(pages.filter(sites_rooted_here__isnull=False).exists())


class ImportsMenuItem(MenuItem):
    """Shown to those who may read a report."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Costs one query for each page of the admin, as Wagtail's own entries do."""
        return _may_read_any(request.user)


class ImportReportsView(ReportView):
    """The imports, the latest first."""

    page_title = _("Imports")
    header_icon = "download"
    model = ImportRun
    results_template_name = "cms/admin/import_reports.html"
    index_url_name = "import_reports"
    index_results_url_name = "import_reports_results"
    is_export = False
    paginate_by = 20

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuses those who may read none."""
        if not _may_read_any(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_queryset(self) -> QuerySet[ImportRun]:
        """The runs that the person may read."""
        return readable_runs(self.request.user)

    def decorate_paginated_queryset(self, object_list: Any) -> list[dict[str, Any]]:
        """Each run with the numbers and the bars of its row."""
        return [_row(run) for run in object_list]


@require_safe
def serve_report(request: HttpRequest, run_id: UUID, name: str) -> HttpResponseBase:
    """A file of a report. 404 for those who may not read it, so that nobody learns of it."""
    run = readable_runs(request.user).filter(pk=run_id).first()
    if run is None:
        raise Http404
    try:
        file = open_report(run.pk, name)
    except ReportGone:
        raise Http404(
            _("This report is not in the store; the import may have been cut short.")
        ) from None
    response = _stream(request, file, _TYPES[name])
    begun = f"{run.started_at:%Y-%m-%d}"
    kind = "inline" if name == HTML_NAME else "attachment"
    response["Content-Disposition"] = f'{kind}; filename="import-{begun}-{name}"'
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _stream(request: HttpRequest, file: BinaryIO, content_type: str) -> StreamingHttpResponse:
    if isinstance(request, ASGIRequest):
        return StreamingHttpResponse(AsyncChunks(file), content_type=content_type)
    return FileResponse(file, content_type=content_type)


def _row(run: ImportRun) -> dict[str, Any]:
    counts = {
        kind: {outcome.value: int(numbers.get(outcome.value, 0)) for outcome in Outcome}
        for kind, numbers in run.counts.items()
    }
    totals = {
        outcome.value: sum(numbers[outcome.value] for numbers in counts.values())
        for outcome in Outcome
    }
    has_report = run.status != ImportRun.Status.RUNNING
    # Only one import of a source runs at a time.
    is_cut_short = not has_report and bool(getattr(run, "was_followed", False))
    return {
        "run": run,
        "format": source_label(run.source.name),
        "totals": [(Outcome(name), number) for name, number in totals.items() if number],
        "bars": list(_bars(totals)),
        "status": _("Cut short") if is_cut_short else run.get_status_display(),
        "status_class": "w-status--primary" if run.status == ImportRun.Status.FINISHED else "",
        "html_url": reverse("import_report_file", args=[run.pk, HTML_NAME]) if has_report else "",
        "json_url": reverse("import_report_file", args=[run.pk, JSON_NAME]) if has_report else "",
    }


def _bars(totals: dict[str, int]) -> Iterator[dict[str, Any]]:
    found, begin = sum(totals.values()), 0.0
    for outcome, number in totals.items():
        if number:
            width = max(1.5, number / found * _BAR_WIDTH)
            yield {"outcome": outcome, "x": f"{begin:.1f}", "width": f"{width:.1f}"}
            begin += width


def import_report_urls() -> list[URLPattern]:
    """Below the admin's address."""
    return [
        path("reports/imports/", ImportReportsView.as_view(), name="import_reports"),
        path(
            "reports/imports/results/",
            ImportReportsView.as_view(results_only=True),
            name="import_reports_results",
        ),
        path("reports/imports/<uuid:run_id>/<str:name>", serve_report, name="import_report_file"),
    ]


def imports_menu_item() -> ImportsMenuItem:
    """The entry among the reports."""
    return ImportsMenuItem(
        _("Imports"),
        reverse("import_reports"),
        name="imports",
        icon_name="download",
        order=600,
    )
