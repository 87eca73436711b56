"""REST v1: the routers put together."""

from django.db import transaction
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI

from api.v1.errors import add_error_handlers
from api.v1.routers import content, services

api = NinjaAPI(
    title="Galley",
    version="1.0.0",
    urls_namespace="api-v1",
    openapi_url=None,
    docs_url=None,
)
api.add_router("", content.router)
api.add_router("", services.router)
add_error_handlers(api)


def urlpatterns() -> list[URLPattern | URLResolver]:
    """The routes. They only read: each select stands for itself, so no transaction is opened."""
    patterns, _, _ = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            transaction.non_atomic_requests(pattern.callback)
    return list(patterns)
