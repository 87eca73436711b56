"""The addresses under /api."""

from django.urls import include, path

from api.v1.api import urlpatterns as v1_patterns

urlpatterns = [path("v1/", include((v1_patterns(), "api-v1")))]
