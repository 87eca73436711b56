"""Who may open the pages of searches, and what they have in common."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.interface import User
from core.interface import NotFound
from search.policy import may_manage_search


def may_enter(user: User | AnonymousUser) -> bool:
    """Whether `user` may manage searches."""
    return isinstance(user, User) and may_manage_search(user)


def search_permissions() -> QuerySet[Permission]:
    """The one permission, for the form of groups."""
    return Permission.objects.filter(content_type__app_label="search", codename="manage_search")


class SearchMixin:
    """A page of searches: refuses others before anything is looked up."""

    request: HttpRequest
    kwargs: dict[str, Any]
    breadcrumbs_items: list[dict[str, Any]]
    page_title: Any
    header_icon = "search"
    parent: tuple[str, Any] | None = None
    """The name of the address above, and its label."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What is not there is 404."""
        if not may_enter(request.user):
            raise PermissionDenied
        try:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except NotFound:
            raise Http404 from None
        return answer

    @property
    def user(self) -> User:
        """The person, who may manage searches."""
        return self.request.user  # type: ignore[return-value]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, Search, what lies above, this page."""
        trail: list[tuple[str, Any]] = [(reverse("search_report"), _("Search"))]
        if self.parent is not None:
            trail.append((reverse(self.parent[0]), self.parent[1]))
        trail.append(("", self.page_title))
        return [*self.breadcrumbs_items, *({"url": url, "label": label} for url, label in trail)]
