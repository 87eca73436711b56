"""What Galley adds to Wagtail's admin."""

from django.contrib.auth.models import Group
from wagtail import hooks
from wagtail.models import APIToken
from wagtail.permissions import register_permission_policy

from accounts.interface import User
from cms.admin.api_link import api_view_buttons
from cms.admin.import_log import register_import_action
from cms.admin.import_reports import import_report_urls, imports_menu_item
from cms.admin.page_progress import our_pages
from cms.admin.panels import admin_stylesheet, arrange_panels
from cms.admin.people_bulk_actions import AssignGroup, DeletePeople, SetActive
from cms.admin.permission_policies import PeoplePolicy, SuperusersOnlyPolicy
from cms.page_links import keep_link_places

# Before any view asks: these replace the wider policies that Wagtail's own apps register.
register_permission_policy(User, PeoplePolicy(User))
register_permission_policy(Group, SuperusersOnlyPolicy(Group))
register_permission_policy(APIToken, SuperusersOnlyPolicy(APIToken))

# The later action of a name wins, and hooks run in order: ours replace Wagtail's.
for _action in (AssignGroup, DeletePeople, SetActive):
    hooks.register("register_bulk_action", _action, order=100)

# Likewise the later views of all pages.
hooks.register("register_admin_viewset", our_pages, order=100)

# Likewise the later registration of the feature “link”.
hooks.register("register_rich_text_features", keep_link_places, order=100)
hooks.register("register_log_actions", register_import_action)
hooks.register("construct_homepage_panels", arrange_panels)
hooks.register("register_page_header_buttons", api_view_buttons)
hooks.register("insert_global_admin_css", admin_stylesheet)
hooks.register("register_admin_urls", import_report_urls)
hooks.register("register_reports_menu_item", imports_menu_item)
