"""Who may open the pages of webhooks, and which webhooks he finds there."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.interface import User
from core.interface import Forbidden
from webhooks.errors import NoSuchDelivery, NoSuchSubscription
from webhooks.models import Subscription
from webhooks.policy import Actor, actor_of
from webhooks.selectors import get_subscription


def may_enter(user: User | AnonymousUser) -> bool:
    """Whether `user` may manage any webhook."""
    try:
        actor_of(user)  # type: ignore[arg-type]  # an anonymous one is not active
    except Forbidden:
        return False
    return True


def webhook_permissions() -> QuerySet[Permission]:
    """The two permissions, for the form of groups."""
    return Permission.objects.filter(
        content_type__app_label="webhooks", content_type__model="subscription"
    )


class WebhooksMixin:
    """A page of webhooks: refuses those who may manage none before anything is looked up."""

    request: HttpRequest
    kwargs: dict[str, Any]
    breadcrumbs_items: list[dict[str, Any]]
    page_title: Any
    header_icon = "globe"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Others' webhooks are not there, as those that do not exist."""
        if not may_enter(request.user):
            raise PermissionDenied
        try:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except (NoSuchSubscription, NoSuchDelivery):
            raise Http404 from None
        return answer

    @cached_property
    def actor(self) -> Actor:
        """The person as the package knows him."""
        return actor_of(self.request.user)  # type: ignore[arg-type]

    def breadcrumbs(self, *trail: tuple[str, Any]) -> list[dict[str, Any]]:
        """Home, Webhooks, and what lies between there and this page: addresses and labels."""
        listing = (reverse("webhooks"), _("Webhooks"))
        return [
            *self.breadcrumbs_items,
            *({"url": url, "label": label} for url, label in (listing, *trail)),
        ]


class OneWebhookMixin(WebhooksMixin):
    """A page of one webhook."""

    @property
    def webhook_id(self) -> UUID:
        """The id in the address."""
        found: UUID = self.kwargs["webhook_id"]
        return found

    @cached_property
    def webhook(self) -> Subscription:
        """The webhook, with how its endpoint fares. One query."""
        return get_subscription(self.actor, self.webhook_id)

    def webhook_url(self) -> str:
        """Where the webhook's own page is."""
        return reverse("webhook", args=[self.webhook_id])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, Webhooks, the webhook, this page."""
        return self.breadcrumbs((self.webhook_url(), self.webhook.name), ("", self.page_title))
