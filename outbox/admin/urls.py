"""The addresses of Operations, below the admin's."""

from django.urls import URLPattern, path

from outbox.admin.ledger import EventView, LedgerView
from outbox.admin.overview import OverviewView
from outbox.admin.schedules import SchedulesView
from outbox.admin.steps import StepsView


def operations_urls() -> list[URLPattern]:
    """All of them."""
    steps, ledger = "operations/steps/", "operations/ledger/"
    only_results = {"results_only": True}
    return [
        path("operations/", OverviewView.as_view(), name="operations"),
        path(steps, StepsView.as_view(), name="operations_steps"),
        path(
            f"{steps}results/", StepsView.as_view(**only_results), name="operations_steps_results"
        ),
        path("operations/schedules/", SchedulesView.as_view(), name="operations_schedules"),
        path(ledger, LedgerView.as_view(), name="operations_ledger"),
        path(
            f"{ledger}results/",
            LedgerView.as_view(**only_results),
            name="operations_ledger_results",
        ),
        path(f"{ledger}<int:sequence>/", EventView.as_view(), name="operations_event"),
    ]
