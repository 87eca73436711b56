"""The CDN that the settings name."""

from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from core.cdn.base import Cdn, PurgeFailed, PurgeImpossible

__all__ = ["Cdn", "PurgeFailed", "PurgeImpossible", "get_cdn"]


def get_cdn() -> Cdn:
    """The adapter of `settings.CDN`, made anew: adapters keep no connection."""
    adapter = import_string(settings.CDN["BACKEND"])
    return cast("Cdn", adapter(**settings.CDN["OPTIONS"]))
