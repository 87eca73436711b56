"""The operations under /webhooks."""

from typing import Any, Final

from api.v1.bodies import PATCH_TYPES
from api.v1.openapi.operations import Operation
from api.v1.openapi.parameters import query, shared
from api.v1.openapi.webhook_schemas import (
    DELIVERY_EXAMPLE,
    PREVIEW_EXAMPLE,
    REFS,
    SECRET_EXAMPLE,
    WEBHOOK_EXAMPLE,
    WHOLE_DELIVERY_EXAMPLE,
)

SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token of somebody who may manage webhooks; made in the admin.",
    }
}
_BASE: Final = "/api/v1/webhooks"
_ONE: Final = f"{_BASE}/{{webhook_id}}"
_LOG: Final = f"{_ONE}/deliveries"
_PAGE: Final = {"next": None, "prev": None, "has_more": False}
_PROBLEMS: Final = (400, 401, 403, 405, 411, 413, 414, 415, 500, 503)
_OF_KEYS: Final = (409, 422)
_OF_VERSIONS: Final = (412,)
_STATUSES: Final = "(pending|sending|delivered|failed|discarded)"


def webhook_paths() -> dict[str, Any]:
    """By address, each with its methods."""
    return {
        _BASE: {"get": _list_webhooks(), "post": _create()},
        _ONE: {"get": _read(), "patch": _change(), "delete": _delete()},
        f"{_ONE}/rotate-secret": {"post": _rotate()},
        f"{_ONE}/pause": {"post": _pause()},
        f"{_ONE}/resume": {"post": _resume()},
        f"{_ONE}/test": {"post": _test()},
        f"{_ONE}/dry-run": {"post": _dry_run()},
        f"{_ONE}/replay": {"post": _replay()},
        _LOG: {"get": _list_deliveries()},
        f"{_LOG}/{{delivery_id}}": {"get": _read_delivery()},
        f"{_LOG}/{{delivery_id}}/replay": {"post": _replay_delivery()},
    }


def _private(
    name: str,
    summary: str,
    parameters: list[dict[str, Any]],
    answers: dict[str, Operation],
    *,
    problems: tuple[int, ...] = (),
    body: dict[str, Any] | None = None,
) -> Operation:
    operation: Operation = {
        "operationId": name,
        "summary": summary,
        "tags": ["Webhooks"],
        "security": [{"token": []}],
        "parameters": parameters,
        "responses": {
            **answers,
            **{
                str(status): {"$ref": f"#/components/responses/Problem{status}"}
                for status in sorted({*_PROBLEMS, *problems})
            },
        },
    }
    if body is not None:
        operation["requestBody"] = body
    return operation


def _answer(
    status: int, schema: dict[str, Any], example: Any, *, headers: tuple[str, ...] = ()
) -> dict[str, Operation]:
    names = ("Cache-Control", "X-Request-ID", *headers)
    words = {200: "The answer.", 201: "It was made.", 202: "It will be sent."}
    return {
        str(status): {
            "description": words[status],
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }


def _one(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"$ref": f"{REFS}/{name}"}},
    }


def _many(name: str, *, is_paged: bool = True) -> dict[str, Any]:
    properties: dict[str, Any] = {"data": {"type": "array", "items": {"$ref": f"{REFS}/{name}"}}}
    if is_paged:
        properties["page"] = {"$ref": f"{REFS}/Cursors"}
    return {"type": "object", "required": list(properties), "properties": properties}


def _webhook_answer() -> dict[str, Operation]:
    return _answer(200, _one("Webhook"), {"data": WEBHOOK_EXAMPLE}, headers=("ETag",))


def _body(name: str, *, is_required: bool, types: tuple[str, ...] = ()) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"{REFS}/{name}"}}
    return {
        "required": is_required,
        "content": dict.fromkeys(types or ("application/json",), schema),
    }


def _path(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def _webhook_id() -> dict[str, Any]:
    return _path("webhook_id", {"type": "string", "format": "uuid"}, "The id of a webhook.")


def _delivery_id() -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return _path("delivery_id", schema, "The number of a delivery.")


def _header(
    name: str, description: str, schema: dict[str, Any], *, required: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }


def _if_match(*, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "pattern": '^(\\*|"[0-9]{1,9}")$'}
    return _header(
        "If-Match", "The ETag of the version that you have read.", schema, required=required
    )


def _key() -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[!-~]{1,255}$"}
    words = "Makes this request happen once, however often it is sent within 24 hours."
    return _header("Idempotency-Key", words, schema, required=False)


def _act(
    name: str, summary: str, answers: dict[str, Operation], *, body: str = "", **more: Any
) -> Operation:
    """A POST to one webhook."""
    parameters = [_webhook_id(), _key(), _if_match(required=False)]
    return _private(
        name,
        summary,
        [*parameters, *more.pop("parameters", ())],
        answers,
        problems=(404, *_OF_KEYS, *_OF_VERSIONS, *more.pop("problems", ())),
        body=_body(body, is_required=more.pop("is_body_required", False)) if body else None,
    )


def _list_webhooks() -> Operation:
    parameters = [shared(name) for name in ("limit", "after", "before")]
    example = {"data": [WEBHOOK_EXAMPLE], "page": _PAGE}
    answer = _answer(200, _many("Webhook"), example)
    return _private("listWebhooks", "List your webhooks", parameters, answer)


def _create() -> Operation:
    answer = _answer(
        201, _one("WebhookWithSecret"), {"data": SECRET_EXAMPLE}, headers=("ETag", "Location")
    )
    body = _body("WebhookCreation", is_required=True)
    return _private(
        "createWebhook", "Make a webhook", [_key()], answer, problems=_OF_KEYS, body=body
    )


def _read() -> Operation:
    return _private(
        "getWebhook", "Get one webhook", [_webhook_id()], _webhook_answer(), problems=(404,)
    )


def _change() -> Operation:
    return _private(
        "changeWebhook",
        "Change a webhook",
        [_webhook_id(), _if_match(required=True)],
        _webhook_answer(),
        problems=(404, 412, 428),
        body=_body("WebhookChanges", is_required=True, types=PATCH_TYPES),
    )


def _delete() -> Operation:
    return _private(
        "deleteWebhook",
        "Remove a webhook with its log",
        [_webhook_id(), _if_match(required=False)],
        {"204": {"description": "It is gone."}},
        problems=(404, 412),
    )


def _rotate() -> Operation:
    answer = _answer(200, _one("WebhookWithSecret"), {"data": SECRET_EXAMPLE}, headers=("ETag",))
    return _act("rotateWebhookSecret", "Change the secret", answer, body="SecretRotation")


def _pause() -> Operation:
    return _act("pauseWebhook", "Send nothing for now; what happens waits", _webhook_answer())


def _resume() -> Operation:
    return _act("resumeWebhook", "Let a paused webhook go on", _webhook_answer(), body="Resumption")


def _test() -> Operation:
    answer = _answer(202, _one("Delivery"), {"data": DELIVERY_EXAMPLE})
    return _act("testWebhook", "Send a test", answer, problems=(429,))


def _dry_run() -> Operation:
    answer = _answer(200, _many("PreviewedDelivery", is_paged=False), {"data": [PREVIEW_EXAMPLE]})
    return _private(
        "previewWebhook",
        "Show what would be sent",
        [_webhook_id()],
        answer,
        problems=(404,),
        body=_body("DryRun", is_required=False),
    )


def _replay() -> Operation:
    answer = _answer(202, _one("Replay"), {"data": {"count": 12, "first": 4700, "last": 4711}})
    return _act(
        "replayWebhook",
        "Send a stretch again",
        answer,
        body="Replaying",
        is_body_required=True,
    )


def _list_deliveries() -> Operation:
    parameters = [
        _webhook_id(),
        *(shared(name) for name in ("limit", "after", "before")),
        query(
            "status",
            "Only deliveries in these states.",
            {"type": "string", "pattern": f"^{_STATUSES}(,{_STATUSES})*$"},
            example="failed",
        ),
        query(
            "event_type",
            "Only events of this type.",
            {"type": "string", "minLength": 1, "maxLength": 64},
            example="content.published",
        ),
        query(
            "since",
            "Only deliveries made since this instant (RFC 3339).",
            {"type": "string", "format": "date-time"},
            example="2026-11-01T09:30:00Z",
        ),
    ]
    example = {"data": [DELIVERY_EXAMPLE], "page": _PAGE}
    answer = _answer(200, _many("Delivery"), example)
    return _private(
        "listWebhookDeliveries", "List what was sent", parameters, answer, problems=(404,)
    )


def _read_delivery() -> Operation:
    answer = _answer(200, _one("WholeDelivery"), {"data": WHOLE_DELIVERY_EXAMPLE})
    return _private(
        "getWebhookDelivery",
        "Get one delivery with every attempt",
        [_webhook_id(), _delivery_id()],
        answer,
        problems=(404,),
    )


def _replay_delivery() -> Operation:
    answer = _answer(202, _one("Delivery"), {"data": DELIVERY_EXAMPLE})
    return _act(
        "replayWebhookDelivery", "Send one delivery again", answer, parameters=[_delivery_id()]
    )
