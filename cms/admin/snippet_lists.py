"""Lists of the things that pages share, with what tells one from another."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import (
    Column,
    LiveStatusTagColumn,
    LocaleColumn,
    UpdatedAtColumn,
)
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import Banner, Category, NavigationMenu


class _ListViewSet(SnippetViewSet):
    """As Wagtail's; a list reads what its rows refer to with them."""

    related: ClassVar[tuple[str, ...]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:  # noqa: ARG002  # Wagtail's
        """All of them."""
        found: QuerySet[Any] = self.model._default_manager.select_related("locale", *self.related)  # noqa: SLF001
        return found


class CategoryViewSet(_ListViewSet):
    """Categories, with the wider one."""

    model = Category
    icon = "tag"
    related = ("parent",)
    list_display: ClassVar = [
        "name",
        LocaleColumn(),
        Column("parent", label=_("Wider category")),
        UpdatedAtColumn(),
    ]
    list_per_page = 50


class NavigationMenuViewSet(_ListViewSet):
    """Menus: each website has a main one, in each of its languages."""

    model = NavigationMenu
    icon = "list-ul"
    related = ("site",)
    list_display: ClassVar = [
        "name",
        LocaleColumn(),
        Column("site", label=_("Website")),
        UpdatedAtColumn(),
    ]
    list_filter: ClassVar = ["site"]


class BannerViewSet(_ListViewSet):
    """Banners, with when each goes up and comes down."""

    model = Banner
    icon = "info-circle"
    related = ("site",)
    list_display: ClassVar = [
        "text",
        LocaleColumn(),
        Column("get_kind_display", label=_("Kind")),
        Column("site", label=_("Website")),
        Column("expire_at", label=_("Until")),
        UpdatedAtColumn(),
        LiveStatusTagColumn(),
    ]
    list_filter: ClassVar = ["kind", "site"]
