"""The addresses under /api."""

from django.urls import include, path

from api.docs import show_docs, show_event_schema, show_openapi, show_problem
from api.v1.api import urlpatterns as v1_patterns

urlpatterns = [
    path("v1/openapi.json", show_openapi),
    path("v1/schemas/events/<str:name>.schema.json", show_event_schema),
    path("v1/", include((v1_patterns(), "api-v1"))),
    path("docs", show_docs),
    path("docs/problems/<str:code>", show_problem),
]
