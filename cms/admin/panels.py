"""Panels of the dashboard."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import (
    UserObjectsInWorkflowModerationPanel,
    WorkflowObjectsToModeratePanel,
)

from cms.admin import waiting


class WaitingPanel(Component):
    """What waits for the person who looks, and what of his waits for others.

    It stands in for two of Wagtail's panels, which ask the database about each row.
    """

    name = "waiting"
    template_name = "cms/admin/waiting.html"
    order = 100

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        # The heading, an icon, whether the moment lies ahead, and the rows.
        lists = (
            (_("To review"), "tasks", False, waiting.pages_to_review(user)),
            (_("Sent back to you"), "undo", False, waiting.pages_sent_back(user)),
            (_("Comments to answer"), "comment", False, waiting.comments_to_answer(user)),
            (_("Your submissions under review"), "time", False, waiting.pages_under_review(user)),
            (_("Scheduled to be published"), "calendar-check", True, waiting.pages_scheduled(user)),
            (_("Scheduled to be taken down"), "calendar-alt", True, waiting.pages_expiring(user)),
        )
        return {"lists": [entry for entry in lists if entry[-1]]}


def admin_stylesheet() -> str:
    """Our few styles, on every page of the admin."""
    return format_html('<link rel="stylesheet" href="{}">', static("cms/admin/galley.css"))


def arrange_panels(request: HttpRequest, panels: list[Any]) -> None:  # noqa: ARG001  # Wagtail's hook
    """Puts our panel in place of Wagtail's two about reviews."""
    replaced = (WorkflowObjectsToModeratePanel, UserObjectsInWorkflowModerationPanel)
    panels[:] = [panel for panel in panels if not isinstance(panel, replaced)]
    panels.append(WaitingPanel())
