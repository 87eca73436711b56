"""Searches in the admin's menu."""

from typing import Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from search.admin.access import may_enter


class SearchItem(MenuItem):
    """Shown to those who may manage searches."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Costs nothing beyond the user's permissions, which are read once in a request."""
        return may_enter(request.user)


_MENU: Final = Menu(
    items=[
        SearchItem(
            _("Searches"),
            reverse_lazy("search_report"),
            icon_name="history",
            order=100,
            name="search-report",
        ),
        SearchItem(
            _("Try a query"),
            reverse_lazy("search_try"),
            icon_name="view",
            order=200,
            name="search-try",
        ),
        SearchItem(
            _("Synonyms"),
            reverse_lazy("search_synonyms"),
            icon_name="list-ul",
            order=300,
            name="search-synonyms",
        ),
        SearchItem(
            _("Results of queries"),
            reverse_lazy("search_rules"),
            icon_name="pick",
            order=400,
            name="search-rules",
        ),
    ]
)


def search_submenu() -> SubmenuMenuItem:
    """The entry in the main menu; shown where one of its own is."""
    return SubmenuMenuItem(
        _("Visitors' search"), _MENU, name="visitors-search", icon_name="search", order=700
    )


def search_stylesheet() -> str:
    """The few styles of our pages."""
    return format_html('<link rel="stylesheet" href="{}">', static("search/admin/search.css"))
