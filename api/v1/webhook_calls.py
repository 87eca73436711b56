"""What every route under /webhooks does with its request."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from api.v1.bodies import faults_in, has_body, read_object
from api.v1.callers import caller_of, check_if_match
from api.v1.idempotency import answer_once
from api.v1.params import read_params
from core.interface import MANAGE_ALL_WEBHOOKS, Forbidden
from webhooks.interface import (
    Actor,
    NoSuchDelivery,
    NoSuchSubscription,
    get_subscription,
)

_DIGITS: Final = 18


def actor_of_request(request: HttpRequest) -> Actor:
    """The caller as the package of webhooks knows him. Rights are read once in a request."""
    caller = caller_of(request)
    if caller.user_id is None:
        raise Forbidden("Webhooks belong to people.")
    return Actor(user_id=caller.user_id, manages_all=caller.may(MANAGE_ALL_WEBHOOKS))


def query_of(request: HttpRequest) -> str:
    """The query as it was sent."""
    return str(request.META.get("QUERY_STRING", ""))


def subscription_id(text: str) -> UUID:
    """The id in a path. What is none is the id of nothing.

    Raises:
        NoSuchSubscription: it is no UUID.
    """
    try:
        found = UUID(text)
    except ValueError:
        raise NoSuchSubscription from None
    # Other spellings of an id (braces, no hyphens) are other addresses.
    if str(found) != text.lower():
        raise NoSuchSubscription
    return found


def delivery_number(text: str) -> int:
    """The number of a delivery in a path.

    Raises:
        NoSuchDelivery: it is no number that one could have.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS or text[0] == "0":
        raise NoSuchDelivery
    return int(text)


def read_optional_object(request: HttpRequest) -> dict[str, Any]:
    """The body, which may be left out where each member has a default."""
    return read_object(request) if has_body(request) else {}


def act_once(
    request: HttpRequest,
    webhook_id: str,
    content: Any,
    act: Callable[[Actor, UUID, int | None], HttpResponse],
    *,
    is_atomic: bool = True,
) -> HttpResponse:
    """Does something with a webhook, once for each key, at the version that `If-Match` names.

    `act` gets who does it, the webhook's id, and that version where one is named.
    """
    read_params(query_of(request), ())
    actor, wanted_id = actor_of_request(request), subscription_id(webhook_id)

    def run() -> HttpResponse:
        found = get_subscription(actor, wanted_id)
        expected = check_if_match(request, found.version, is_required=False)
        with faults_in("body"):
            return act(actor, found.pk, expected)

    return answer_once(request, caller_of(request), content, run, is_atomic=is_atomic)
