"""Wagtail's own APIs, and nothing else."""

from django.urls import URLPattern, URLResolver, path
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.api.v3.urls import api

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", PagesAPIViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v2/", router.urls),
    path("api/v3/", api.urls),
]
