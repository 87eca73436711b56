"""Operations in the admin's menu. Other packages add entries by `register_operations_item`."""

from typing import Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from outbox.admin.access import may_view

ITEM_HOOK: Final = "register_operations_item"
"""Functions of this name give a `MenuItem`; ours have the orders 100 to 400."""


class OperationsItem(MenuItem):
    """Shown to those who may see Operations."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Costs nothing beyond the user's permissions, which are read once in a request."""
        return may_view(request.user)


operations_menu: Final = Menu(
    register_hook_name=ITEM_HOOK, construct_hook_name="construct_operations_menu"
)


def operations_submenu() -> SubmenuMenuItem:
    """The entry in the main menu; shown where one of its own is."""
    return SubmenuMenuItem(
        _("Operations"), operations_menu, name="operations", icon_name="sliders", order=8000
    )


def overview_item() -> OperationsItem:
    """The overview."""
    return OperationsItem(
        _("Overview"),
        reverse("operations"),
        name="operations-overview",
        icon_name="view",
        order=100,
    )


def steps_item() -> OperationsItem:
    """What failed."""
    return OperationsItem(
        _("Steps"),
        reverse("operations_steps"),
        name="operations-steps",
        icon_name="list-ul",
        order=200,
    )


def schedules_item() -> OperationsItem:
    """What runs by the clock."""
    return OperationsItem(
        _("Schedules"),
        reverse("operations_schedules"),
        name="operations-schedules",
        icon_name="time",
        order=300,
    )


def ledger_item() -> OperationsItem:
    """What happened."""
    return OperationsItem(
        _("Ledger"),
        reverse("operations_ledger"),
        name="operations-ledger",
        icon_name="history",
        order=400,
    )


def operations_stylesheet() -> str:
    """Our few styles, on every page of the admin: bulk actions have pages of Wagtail's."""
    return format_html('<link rel="stylesheet" href="{}">', static("outbox/admin/operations.css"))
