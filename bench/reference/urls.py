"""Wagtail's own APIs, and the pages that their answers link to."""

from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.api.v3.urls import api

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", PagesAPIViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v2/", router.urls),
    path("api/v3/", api.urls),
    # Without them each answer would look in vain for the address of every page that it shows.
    path("", include(wagtail_urls)),
]
