"""What webhooks add to Wagtail's admin."""

from wagtail import hooks

from webhooks.admin.access import webhook_permissions
from webhooks.admin.health_panel import add_health_panel
from webhooks.admin.menu import webhooks_item, webhooks_stylesheet
from webhooks.admin.urls import webhook_urls

hooks.register("register_permissions", webhook_permissions)
hooks.register("register_admin_urls", webhook_urls)
hooks.register("register_operations_item", webhooks_item)
hooks.register("construct_operations_overview", add_health_panel)
hooks.register("insert_global_admin_css", webhooks_stylesheet)
