"""The whole URL surface on a page."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from wagtail.documents import urls as wagtaildocs_urls

admin_patterns: list[URLPattern | URLResolver] = [
    path("admin/", include("cms.admin.urls")),
    path("api/manage/v3/", include("cms.admin.manage_api_urls")),
    path("documents/", include(wagtaildocs_urls)),
    # Websites are elsewhere; who opens the bare address wants to edit.
    path("", RedirectView.as_view(pattern_name="wagtailadmin_home")),
]

# Beside these, `/metrics` is answered by api.measuring, before hosts and sessions are looked at, and
# `/health/cache` by site_config.serving.gateway.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("api.urls")),
    path("health/", include("api.health_urls")),
    # Before Wagtail's, whose address for a file for download it shares.
    path("", include("media.urls")),
    *(admin_patterns if settings.SERVES_ADMIN else []),
]
