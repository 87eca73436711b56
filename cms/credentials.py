"""Wagtail's API tokens as credentials of the public API."""

from functools import partial

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest
from wagtail.api.v3.auth import BearerTokenAuth
from wagtail.models import Page, Site
from wagtail.permissions import page_permission_policy

from core.interface import (
    MANAGE_ALL_WEBHOOKS,
    MANAGE_WEBHOOKS,
    SEE_DRAFTS,
    Principal,
    register_credentials,
)

_ADMIN_PERMISSION = "wagtailadmin.access_admin"
_DRAFT_ACTIONS = {"add", "change", "publish"}
# As everywhere in Wagtail, who may add something may change his own, who may change it all of it.
_WEBHOOK_PERMISSIONS = {
    MANAGE_WEBHOOKS: ("webhooks.add_subscription", "webhooks.change_subscription"),
    MANAGE_ALL_WEBHOOKS: ("webhooks.change_subscription",),
}


def connect() -> None:
    """Makes `Authorization: Bearer wagtail_…` known."""
    register_credentials("Bearer", read_api_token)


def read_api_token(value: str) -> Principal | None:
    """The token's owner; None when it is wrong or revoked, or its owner is no longer active.

    Notes, once a minute, when the token was last used.
    """
    token = BearerTokenAuth().authenticate(HttpRequest(), value)
    if token is None:
        return None
    user = token.user
    return Principal(id=f"user:{user.pk}", may=partial(_may, user), user_id=user.pk)


def _may(user: AbstractUser, right: str) -> bool:
    if not user.has_perm(_ADMIN_PERMISSION):
        return False
    if right == SEE_DRAFTS:
        return _sees_drafts(user)
    return any(user.has_perm(name) for name in _WEBHOOK_PERMISSIONS.get(right, ()))


def _sees_drafts(user: AbstractUser) -> bool:
    """Drafts are for those who work on every website: what is scheduled is shown as a whole."""
    pages: list[Page] = page_permission_policy.instances_user_has_any_permission_for(
        user, _DRAFT_ACTIONS
    )
    return not Site.objects.exclude(root_page__in=pages).exists()
