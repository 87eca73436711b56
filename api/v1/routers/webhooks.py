"""Webhooks: who is told of what, and how each delivery went.

Only callers with the right `MANAGE_WEBHOOKS` reach a view (api/v1/api.py); each sees his own, or
everybody's where he manages all, and 404 for the others'.
"""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.bodies import PATCH_TYPES, faults_in, read_no_body, read_object
from api.v1.callers import caller_of, check_if_match, entity_tag, private_json
from api.v1.idempotency import answer_once
from api.v1.paging import PAGE_PARAMETERS, page_response, read_page
from api.v1.params import read_params
from api.v1.shapes import read_shape
from api.v1.webhook_answers import webhook_json
from api.v1.webhook_calls import (
    act_once,
    actor_of_request,
    query_of,
    read_optional_object,
    subscription_id,
)
from api.v1.webhook_shapes import (
    Resumption,
    SecretRotation,
    WebhookChanges,
    WebhookCreation,
    given_members,
)
from webhooks.interface import (
    Actor,
    Subscription,
    WithSecret,
    create_subscription,
    delete_subscription,
    get_subscription,
    pause_subscription,
    resume_subscription,
    rotate_secret,
    subscription_page,
    update_subscription,
)

router = Router(tags=["Webhooks"])
_READ = ["GET", "HEAD"]
_ONE = "/webhooks/{webhook_id}"


@router.api_operation(_READ, "/webhooks")
def list_webhooks(request: HttpRequest) -> HttpResponse:
    """Lists the caller's webhooks, the newest first."""
    query = read_page(request, read_params(query_of(request), PAGE_PARAMETERS))
    page = subscription_page(
        actor_of_request(request), limit=query.limit, after=query.after, before=query.before
    )
    return page_response(
        request,
        query,
        page.rows,
        has_more=page.has_more,
        key=lambda row: row.pk,
        shape=webhook_json,
    )


@router.post("/webhooks")
def create_webhook(request: HttpRequest) -> HttpResponse:
    """Makes a webhook. Its secret stands in this answer and in no other."""
    read_params(query_of(request), ())
    wanted = read_shape(WebhookCreation, read_object(request))

    def run() -> HttpResponse:
        with faults_in("body"):
            made = create_subscription(actor=actor_of_request(request), **wanted.model_dump())
        where = f"{request.path}/{made.subscription.pk}"
        return _with_secret(request, made, status=201, location=where)

    return answer_once(request, caller_of(request), wanted.model_dump(), run)


@router.api_operation(_READ, _ONE)
def read_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Gives one webhook, with the ETag that a change of it names."""
    read_params(query_of(request), ())
    return _webhook(
        request, get_subscription(actor_of_request(request), subscription_id(webhook_id))
    )


@router.patch(_ONE)
def change_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Changes what is given, if the webhook is still at the version that `If-Match` names."""
    read_params(query_of(request), ())
    actor = actor_of_request(request)
    found = get_subscription(actor, subscription_id(webhook_id))
    changes = given_members(read_shape(WebhookChanges, read_object(request, PATCH_TYPES)))
    expected = check_if_match(request, found.version, is_required=True)
    with faults_in("body"):
        changed = update_subscription(
            actor=actor, subscription_id=found.pk, expected_version=expected, **changes
        )
    return _webhook(request, changed)


@router.delete(_ONE)
def delete_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Removes the webhook with its log."""
    read_params(query_of(request), ())
    read_no_body(request)
    actor = actor_of_request(request)
    found = get_subscription(actor, subscription_id(webhook_id))
    expected = check_if_match(request, found.version, is_required=False)
    delete_subscription(actor=actor, subscription_id=found.pk, expected_version=expected)
    return HttpResponse(status=204)


@router.post(f"{_ONE}/rotate-secret")
def rotate_webhook_secret(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Gives a new secret, in this answer alone; the former one signs too for a while."""
    wanted = read_shape(SecretRotation, read_optional_object(request))

    def act(actor: Actor, pk: UUID, expected: int | None) -> HttpResponse:
        made = rotate_secret(
            actor=actor,
            subscription_id=pk,
            scheme=wanted.scheme,
            overlap=timedelta(seconds=wanted.overlap_seconds),
            expected_version=expected,
        )
        return _with_secret(request, made)

    return act_once(request, webhook_id, wanted.model_dump(), act)


@router.post(f"{_ONE}/pause")
def pause_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Sends nothing until it is resumed; what happens meanwhile waits."""
    read_no_body(request)

    def act(actor: Actor, pk: UUID, expected: int | None) -> HttpResponse:
        paused = pause_subscription(actor=actor, subscription_id=pk, expected_version=expected)
        return _webhook(request, paused)

    return act_once(request, webhook_id, {}, act)


@router.post(f"{_ONE}/resume")
def resume_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Lets a paused webhook go on."""
    wanted = read_shape(Resumption, read_optional_object(request))

    def act(actor: Actor, pk: UUID, expected: int | None) -> HttpResponse:
        resumed = resume_subscription(
            actor=actor,
            subscription_id=pk,
            discard_waiting=wanted.discard_waiting,
            expected_version=expected,
        )
        return _webhook(request, resumed)

    return act_once(request, webhook_id, wanted.model_dump(), act)


def _webhook(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    tag = {"ETag": entity_tag(subscription.version)}
    return private_json(request, {"data": webhook_json(subscription)}, headers=tag)


def _with_secret(
    request: HttpRequest, made: WithSecret, *, status: int = 200, location: str = ""
) -> HttpResponse:
    content = webhook_json(made.subscription) | {"secret": made.secret}
    headers = {"ETag": entity_tag(made.subscription.version)}
    if location:
        headers["Location"] = location
    return private_json(request, {"data": content}, status=status, headers=headers)
