"""Wagtail's admin and pages."""

from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as admin_urls

from bench.stock.search_view import search

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include(admin_urls)),
    path("search/", search),
    path("", include(wagtail_urls)),
]
