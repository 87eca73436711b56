"""What the ledger adds to Wagtail's admin: Operations."""

from wagtail import hooks

from outbox.admin.access import operations_permissions
from outbox.admin.menu import ITEM_HOOK, operations_submenu, overview_item
from outbox.admin.urls import operations_urls

hooks.register("register_permissions", operations_permissions)
hooks.register("register_admin_urls", operations_urls)
hooks.register("register_admin_menu_item", operations_submenu)
hooks.register(ITEM_HOOK, overview_item)
