"""The addresses of webhooks, below the admin's."""

from django.db import transaction
from django.urls import URLPattern, path

from webhooks.admin.acting import (
    DryRunView,
    PauseView,
    ReplayDeliveryView,
    ReplayView,
    ResumeView,
    SendTestView,
)
from webhooks.admin.editing import CreateView, DeleteView, EditView, RotateView, SecretView
from webhooks.admin.log import DeliveryView, WebhookView
from webhooks.admin.overview import WebhooksView

_ALL = "operations/webhooks/"
_ONE = f"{_ALL}<uuid:webhook_id>/"


def webhook_urls() -> list[URLPattern]:
    """All of them."""
    return [
        path(_ALL, WebhooksView.as_view(), name="webhooks"),
        path(f"{_ALL}results/", WebhooksView.as_view(results_only=True), name="webhooks_results"),
        path(f"{_ALL}add/", CreateView.as_view(), name="webhook_add"),
        path(_ONE, WebhookView.as_view(), name="webhook"),
        path(f"{_ONE}results/", WebhookView.as_view(results_only=True), name="webhook_results"),
        path(f"{_ONE}edit/", EditView.as_view(), name="webhook_edit"),
        path(f"{_ONE}secret/", SecretView.as_view(), name="webhook_secret"),
        path(f"{_ONE}rotate-secret/", RotateView.as_view(), name="webhook_rotate"),
        path(f"{_ONE}delete/", DeleteView.as_view(), name="webhook_delete"),
        path(f"{_ONE}pause/", PauseView.as_view(), name="webhook_pause"),
        path(f"{_ONE}resume/", ResumeView.as_view(), name="webhook_resume"),
        path(f"{_ONE}test/", SendTestView.as_view(), name="webhook_test"),
        # A long replay is many transactions, so that it holds up nobody.
        path(
            f"{_ONE}replay/",
            transaction.non_atomic_requests(ReplayView.as_view()),
            name="webhook_replay",
        ),
        path(f"{_ONE}dry-run/", DryRunView.as_view(), name="webhook_dry_run"),
        path(
            f"{_ONE}deliveries/<int:delivery_id>/", DeliveryView.as_view(), name="webhook_delivery"
        ),
        path(
            f"{_ONE}deliveries/<int:delivery_id>/replay/",
            ReplayDeliveryView.as_view(),
            name="webhook_delivery_replay",
        ),
    ]
