"""From a page's editor to the same page as websites get it."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from delivery.interface import Document, document_id_for


def api_view_buttons(page: Page, **_context: object) -> Iterator[Button]:
    """A link to the page's public document, while there is one. One select by key."""
    if not page.live or page.pk is None:
        return
    document_id = document_id_for("page", page.pk)
    found: Any = Document.objects.filter(pk=document_id).values_list("type", flat=True).first()
    if found is None:
        return
    yield Button(
        _("View in the API"),
        url=f"{settings.API_BASE_URL}/api/v1/content/{found}/{document_id}",
        icon_name="code",
        attrs={"target": "_blank", "rel": "noreferrer"},
        priority=5,
    )
