"""Who may see Operations, and who may act there."""

from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

VIEW: Final = "outbox.view_operations"
MANAGE: Final = "outbox.manage_operations"


def may_view(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether `user` sees Operations."""
    return bool(user.has_perm(VIEW))  # type: ignore[union-attr]


def may_manage(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether `user` may have steps done again, discard them and start schedules."""
    return may_view(user) and bool(user.has_perm(MANAGE))  # type: ignore[union-attr]


def operations_permissions() -> QuerySet[Permission]:
    """The two permissions, for the form of groups."""
    return Permission.objects.filter(
        content_type__app_label="outbox", codename__in=["view_operations", "manage_operations"]
    )


class OperationsMixin:
    """A view of Operations: refuses those who may not see it, in a POST those who may not act."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Asks before anything is looked up, so that nobody learns what there is."""
        allowed = may_manage if request.method == "POST" else may_view
        if not allowed(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def breadcrumbs(self, *trail: tuple[str, Any]) -> list[dict[str, Any]]:
        """Home, Operations, and what follows: (address, label) each, none for this page."""
        home: list[dict[str, Any]] = self.breadcrumbs_items  # type: ignore[attr-defined]
        below = ((reverse("operations"), _("Operations")), *trail)
        return [*home, *({"url": url, "label": label} for url, label in below)]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, Operations, this page."""
        return self.breadcrumbs(("", self.page_title))  # type: ignore[attr-defined]
