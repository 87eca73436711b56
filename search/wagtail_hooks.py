"""What searches add to Wagtail's admin."""

from wagtail import hooks

from search.admin.access import search_permissions
from search.admin.menu import search_stylesheet, search_submenu
from search.admin.urls import search_urls

hooks.register("register_permissions", search_permissions)
hooks.register("register_admin_urls", search_urls)
hooks.register("register_admin_menu_item", search_submenu)
hooks.register("insert_global_admin_css", search_stylesheet)
