"""Who may manage which webhooks."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.interface import User
from core.interface import Forbidden
from webhooks.errors import NoSuchSubscription
from webhooks.models import Subscription

# As everywhere in Wagtail, who may add something may change his own, who may change it all of it.
_MANAGE: Final = "webhooks.add_subscription"
_MANAGE_ALL: Final = "webhooks.change_subscription"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who may manage webhooks: his own, or everybody's."""

    user_id: UUID
    manages_all: bool = False


def actor_of(user: User) -> Actor:
    """What this person may do with webhooks.

    Raises:
        Forbidden: nothing.
    """
    manages_all = user.has_perm(_MANAGE_ALL)
    if not user.is_active or not (manages_all or user.has_perm(_MANAGE)):
        raise Forbidden("You may not manage webhooks.")
    return Actor(user_id=user.pk, manages_all=manages_all)


def visible_subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """Those of which the actor may know, with how their endpoints fare."""
    known = Subscription.objects.select_related("endpoint")
    return known if actor.manages_all else known.filter(owner_id=actor.user_id)


def require_subscription(
    actor: Actor, subscription_id: UUID, *, is_to_go: bool = False
) -> Subscription:
    """The subscription, locked against other changes until the commit.

    Deliveries can be made for it meanwhile, unless it `is_to_go`.

    Raises:
        NoSuchSubscription: there is none, or none that is the actor's.
    """
    # PostgreSQL's full lock would hold up every insert that refers to the row.
    rows = visible_subscriptions(actor).select_for_update(of=("self",), no_key=not is_to_go)
    found = rows.filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription
    return found
