"""Webhooks in the admin's menu."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from webhooks.admin.access import may_enter


class WebhooksItem(MenuItem):
    """Shown to those who may manage webhooks."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Costs nothing beyond the user's permissions, which are read once in a request."""
        return may_enter(request.user)


def webhooks_item() -> WebhooksItem:
    """The entry under Operations."""
    return WebhooksItem(
        _("Webhooks"), reverse("webhooks"), name="webhooks", icon_name="globe", order=500
    )


def webhooks_stylesheet() -> str:
    """The few styles of our pages."""
    return format_html('<link rel="stylesheet" href="{}">', static("webhooks/admin/webhooks.css"))
