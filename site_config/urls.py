"""The whole URL surface on a page."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from wagtail.documents import urls as wagtaildocs_urls

admin_patterns: list[URLPattern | URLResolver] = [
    path("admin/", include("cms.admin.urls")),
    path("api/manage/v3/", include("cms.admin.manage_api_urls")),
    path("documents/", include(wagtaildocs_urls)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("api.urls")),
    path("health/", include("api.health_urls")),
    *(admin_patterns if settings.SERVES_ADMIN else []),
    path("", include("media.urls")),
]
