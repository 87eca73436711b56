"""The log of a webhook: what was sent, what came back, what would be sent, and sending again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.bodies import faults_in, read_no_body, read_object
from api.v1.callers import private_json
from api.v1.paging import PAGE_PARAMETERS, page_response, read_page
from api.v1.params import read_params
from api.v1.shapes import read_shape
from api.v1.webhook_answers import (
    delivery_json,
    preview_json,
    replay_json,
    whole_delivery_json,
)
from api.v1.webhook_calls import (
    act_once,
    actor_of_request,
    delivery_number,
    query_of,
    read_optional_object,
    subscription_id,
)
from api.v1.webhook_shapes import DryRun, Replaying, given_members
from core.interface import Invalid, Issue
from delivery.interface import read_as_of
from webhooks.interface import (
    Actor,
    DeliveryStatus,
    delivery_page,
    get_delivery,
    get_subscription,
    list_attempts,
    preview_subscription,
    replay_delivery,
    replay_range,
    replay_since,
    send_test,
)

router = Router(tags=["Webhooks"])
_READ = ["GET", "HEAD"]
_ONE: Final = "/webhooks/{webhook_id}"
_LOG: Final = f"{_ONE}/deliveries"
_FILTERS: Final = ("status", "event_type", "since")


@router.api_operation(_READ, _LOG)
def list_webhook_deliveries(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Lists what was or is to be sent to a webhook, the newest first."""
    params = read_params(query_of(request), (*PAGE_PARAMETERS, *_FILTERS))
    query = read_page(request, params)
    statuses = _statuses(params)
    since = read_as_of(params.get("since"), "since")
    found = get_subscription(actor_of_request(request), subscription_id(webhook_id))
    page = delivery_page(
        found,
        limit=query.limit,
        after=query.after,
        before=query.before,
        statuses=statuses,
        event_type=params.get("event_type"),
        since=since,
    )
    return page_response(
        request,
        query,
        page.rows,
        has_more=page.has_more,
        key=lambda row: row.pk,
        shape=delivery_json,
    )


@router.api_operation(_READ, f"{_LOG}/{{delivery_id}}")
def read_webhook_delivery(request: HttpRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    """Gives one delivery with its body and every attempt."""
    read_params(query_of(request), ())
    found = get_subscription(actor_of_request(request), subscription_id(webhook_id))
    delivery = get_delivery(found, delivery_number(delivery_id))
    content = whole_delivery_json(delivery, list_attempts(delivery))
    return private_json(request, {"data": content})


@router.post(f"{_LOG}/{{delivery_id}}/replay")
def replay_webhook_delivery(
    request: HttpRequest, webhook_id: str, delivery_id: str
) -> HttpResponse:
    """Sends one delivery again, with the id and the body that it had."""
    read_no_body(request)
    number = delivery_number(delivery_id)

    def act(actor: Actor, pk: UUID, _expected: int | None) -> HttpResponse:
        again = replay_delivery(actor=actor, subscription_id=pk, delivery_id=number)
        return private_json(request, {"data": delivery_json(again)}, status=202)

    return act_once(request, webhook_id, {}, act)


@router.post(f"{_ONE}/replay")
def replay_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Sends again what happened since a time, or from one sequence number to another."""
    wanted = read_shape(Replaying, read_object(request))
    since = _since(wanted)

    def act(actor: Actor, pk: UUID, _expected: int | None) -> HttpResponse:
        if since is not None:
            again = replay_since(actor=actor, subscription_id=pk, since=since)
        else:
            again = replay_range(
                actor=actor,
                subscription_id=pk,
                first=wanted.first or 0,
                last=wanted.last or 0,
            )
        return private_json(request, {"data": replay_json(again)}, status=202)

    return act_once(request, webhook_id, wanted.model_dump(), act, is_atomic=False)


@router.post(f"{_ONE}/dry-run")
def preview_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Shows what of the latest events would be sent, also as if the webhook were changed."""
    read_params(query_of(request), ())
    wanted = read_shape(DryRun, read_optional_object(request))
    changes = {} if wanted.changes is None else given_members(wanted.changes)
    with faults_in("body/changes"):
        previews = preview_subscription(
            actor=actor_of_request(request),
            subscription_id=subscription_id(webhook_id),
            events=wanted.events,
            **changes,
        )
    return private_json(request, {"data": [preview_json(item) for item in previews]})


@router.post(f"{_ONE}/test")
def test_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Sends a test; the log tells what came back. A few in a minute, and no more."""
    read_no_body(request)

    def act(actor: Actor, pk: UUID, _expected: int | None) -> HttpResponse:
        sent = send_test(actor=actor, subscription_id=pk)
        return private_json(request, {"data": delivery_json(sent)}, status=202)

    return act_once(request, webhook_id, {}, act)


def _statuses(params: Mapping[str, str]) -> tuple[str, ...]:
    named = tuple(params["status"].split(",")) if "status" in params else ()
    for name in named:
        if name not in DeliveryStatus.values:
            detail = f"The status of a delivery is one of {', '.join(DeliveryStatus.values)}."
            raise Invalid(detail, (Issue("query/status", "unknown_value", detail),))
    return named


def _since(wanted: Replaying) -> datetime | None:
    """The instant from which to replay; None where sequence numbers are given."""
    numbers = (wanted.first is None) + (wanted.last is None)
    if wanted.since is not None and numbers == 2:  # noqa: PLR2004 — neither of two
        return read_as_of(wanted.since, "body/since")
    if wanted.since is None and numbers == 0:
        return None
    detail = "Give since, or first and last."
    raise Invalid(detail, (Issue("body", "contradiction", detail),))
