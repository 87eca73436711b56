"""The addresses of Operations, below the admin's."""

from django.urls import URLPattern, path

from outbox.admin.overview import OverviewView


def operations_urls() -> list[URLPattern]:
    """All of them."""
    return [path("operations/", OverviewView.as_view(), name="operations")]
