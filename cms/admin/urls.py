"""Wagtail's admin, with our pages in front of the ones that they replace.

The names stay Wagtail's: the same paths, so each `reverse` leads to ours.
"""

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access

from cms.admin.account_page import OwnAccountView
from cms.admin.login_page import ThrottledLoginView

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", never_cache(ThrottledLoginView.as_view())),
    path("account/", never_cache(require_admin_access(OwnAccountView.as_view()))),
    path("", include(wagtailadmin_urls)),
]
