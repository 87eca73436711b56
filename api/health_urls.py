"""The addresses under /health."""

from django.urls import path

from api import health

urlpatterns = [path("live", health.live), path("ready", health.ready)]
