"""The addresses of local files. On S3 they answer 404: the store has its own addresses."""

from django.urls import path, re_path

from media.local_files import RENDITION_NAME, serve_private, serve_rendition

urlpatterns = [
    path("media/private/<path:token>", serve_private),
    re_path(rf"^media/(?P<name>{RENDITION_NAME})$", serve_rendition),
]
