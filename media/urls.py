"""The addresses of files. On S3 those below /media/ answer 404: the store has its own."""

from django.conf import settings
from django.urls import URLPattern, path, re_path
from django.views.generic import RedirectView

from media.downloads import serve_document
from media.local_files import RENDITION_NAME, serve_private, serve_rendition

# Wagtail sends those whom a collection asks who they are to this name.
sign_in = [
    path(
        "login/",
        RedirectView.as_view(pattern_name="wagtailadmin_login", query_string=True),
        name="wagtailcore_login",
    )
]

urlpatterns: list[URLPattern] = [
    path("media/private/<path:token>", serve_private),
    re_path(rf"^media/(?P<name>{RENDITION_NAME})$", serve_rendition),
    path(
        "documents/<int:document_id>/<path:document_filename>",
        serve_document,
        name="wagtaildocs_serve",
    ),
    *(sign_in if settings.SERVES_ADMIN else []),
]
