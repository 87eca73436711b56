"""What the ledger adds to Wagtail's admin: Operations."""

from wagtail import hooks

from outbox.admin.access import operations_permissions
from outbox.admin.log import register_actions
from outbox.admin.menu import (
    ITEM_HOOK,
    ledger_item,
    operations_stylesheet,
    operations_submenu,
    overview_item,
    schedules_item,
    steps_item,
)
from outbox.admin.step_actions import DiscardSteps, RetrySteps
from outbox.admin.urls import operations_urls

hooks.register("register_permissions", operations_permissions)
hooks.register("register_admin_urls", operations_urls)
hooks.register("register_admin_menu_item", operations_submenu)
hooks.register("insert_global_admin_css", operations_stylesheet)
hooks.register("register_log_actions", register_actions)
for _item in (overview_item, steps_item, schedules_item, ledger_item):
    hooks.register(ITEM_HOOK, _item)
for _action in (RetrySteps, DiscardSteps):
    hooks.register("register_bulk_action", _action)
