"""The shapes of what goes in and out under /webhooks."""

from typing import Any, Final

from api.v1.shapes import Body
from api.v1.webhook_shapes import (
    DryRun,
    Replaying,
    Resumption,
    SecretRotation,
    WebhookChanges,
    WebhookCreation,
)

REFS: Final = "#/components/schemas"
_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_ID: Final = {"type": "string", "format": "uuid"}
_TIME: Final = {"type": "string", "format": "date-time"}
_TIME_OR_NOT: Final = {"type": ["string", "null"], "format": "date-time"}
_TEXT_OR_NOT: Final = {"type": ["string", "null"]}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_STATUSES: Final = ("pending", "sending", "delivered", "failed", "discarded")
_BODIES: Final[tuple[type[Body], ...]] = (
    WebhookCreation,
    WebhookChanges,
    SecretRotation,
    Resumption,
    DryRun,
    Replaying,
)

_WEBHOOK: Final[dict[str, Any]] = {
    "id": _ID,
    "name": _TEXT,
    "url": _TEXT,
    "event_types": _TEXTS,
    "content_types": {**_TEXTS, "description": "Empty for all."},
    "locales": {**_TEXTS, "description": "Empty for all."},
    "site": {"type": ["integer", "null"], "description": "Null for all."},
    "fields": {**_TEXT, "description": "Empty for the whole document."},
    "is_active": {"type": "boolean"},
    "paused_at": {**_TIME_OR_NOT, "description": "Since when nothing is sent; what happens waits."},
    "paused_reason": {
        "enum": ["owner", "failing", "gone", None],
        "description": "By hand, after too many failures, or after an answer 410.",
    },
    "scheme": {"enum": ["v1", "v1a"], "description": "HMAC or ed25519."},
    "public_key": {**_TEXT_OR_NOT, "description": "Verifies signatures of the scheme v1a."},
    "previous_secret_until": {
        **_TIME_OR_NOT,
        "description": "Until then the former secret signs too.",
    },
    "owner": {"type": ["string", "null"], "format": "uuid"},
    "created_at": _TIME,
    "updated_at": _TIME,
    "version": {"type": "integer", "minimum": 1, "description": "The ETag has it in quotes."},
}
_DELIVERY: Final[dict[str, Any]] = {
    "id": _NUMBER,
    "event_id": {**_ID, "description": "The header webhook-id: the same however often it is sent."},
    "event_type": _TEXT,
    "sequence": {"type": ["integer", "null"], "description": "In the ledger; null for a test."},
    "subject": {**_TEXT, "description": "What happened to this arrives in order."},
    "status": {"enum": list(_STATUSES)},
    "tries": {**_NUMBER, "description": "Since it was last made due."},
    "next_try_at": {**_TIME_OR_NOT, "description": "Null once it is settled."},
    "created_at": _TIME,
    "settled_at": _TIME_OR_NOT,
}
_ATTEMPT: Final[dict[str, Any]] = {
    "started_at": _TIME,
    "duration_ms": _NUMBER,
    "status_code": {"type": ["integer", "null"], "description": "Null where nothing came back."},
    "error": _TEXT_OR_NOT,
    "response_excerpt": {
        **_TEXT_OR_NOT,
        "description": "The first bytes of the answer, as the receiver wrote them.",
    },
}
_SENT: Final = {"type": "object", "description": "What is posted, to the byte."}


def exact(properties: dict[str, Any], description: str) -> dict[str, Any]:
    """An object with these members and no others."""
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def webhook_schemas() -> dict[str, Any]:
    """By name."""
    secret = {"secret": {**_TEXT, "description": "Verifies (v1) or signs (v1a). Shown this once."}}
    attempts = {"type": "array", "items": exact(_ATTEMPT, "One request to the receiver.")}
    return {
        "Webhook": exact(_WEBHOOK, "Who is told of what."),
        "WebhookWithSecret": exact(_WEBHOOK | secret, "A webhook with its new secret."),
        "Delivery": exact(_DELIVERY, "One event for one webhook."),
        "WholeDelivery": exact(
            _DELIVERY | {"body": _SENT, "attempts": attempts}, "A delivery with every attempt."
        ),
        "PreviewedDelivery": exact(
            {"sequence": _NUMBER, "event_id": _ID, "event_type": _TEXT, "body": _SENT},
            "What would be sent.",
        ),
        "Replay": exact(
            {
                "count": {**_NUMBER, "description": "How many deliveries are sent again."},
                "first": {"type": ["integer", "null"]},
                "last": {"type": ["integer", "null"]},
            },
            "How much is sent again.",
        ),
        **{body.__name__: _body_schema(body) for body in _BODIES},
    }


def _body_schema(body: type[Body]) -> dict[str, Any]:
    schema = body.model_json_schema(ref_template=f"{REFS}/{{model}}")
    schema.pop("$defs", None)
    schema.pop("title", None)
    for item in schema["properties"].values():
        item.pop("title", None)
        if body is WebhookChanges:
            # What is left out stays; there is no value that stands for that.
            item.pop("default", None)
    return schema


WEBHOOK_EXAMPLE: Final = {
    "id": "0197a2b4-6f6e-7c3e-9d6a-0d5a4f3c2b1a",
    "name": "Website",
    "url": "https://www.example.com/hooks/galley",
    "event_types": ["content.*"],
    "content_types": ["blog-posts"],
    "locales": [],
    "site": None,
    "fields": "title,author(name)",
    "is_active": True,
    "paused_at": None,
    "paused_reason": None,
    "scheme": "v1",
    "public_key": None,
    "previous_secret_until": None,
    "owner": "0197a2b0-1111-7c3e-9d6a-0d5a4f3c2b1a",
    "created_at": "2026-11-01T09:30:00.000Z",
    "updated_at": "2026-11-01T09:30:00.000Z",
    "version": 1,
}
SECRET_EXAMPLE: Final = {
    **WEBHOOK_EXAMPLE,
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazgE27Xm2pQ=",
}
DELIVERY_EXAMPLE: Final = {
    "id": 17,
    "event_id": "0197a2b9-6f6e-7c3e-9d6a-0d5a4f3c2b1a",
    "event_type": "content.published",
    "sequence": 4711,
    "subject": "0b6c31c5-91c1-57f0-8b5a-6a0f2e1f4c11",
    "status": "delivered",
    "tries": 1,
    "next_try_at": None,
    "created_at": "2026-11-01T09:30:00.120Z",
    "settled_at": "2026-11-01T09:30:00.410Z",
}
_BODY_EXAMPLE: Final = {
    "type": "content.published",
    "timestamp": "2026-11-01T09:30:00Z",
    "sequence": 4711,
    "data": {"id": "0b6c31c5-91c1-57f0-8b5a-6a0f2e1f4c11", "type": "blog-posts"},
}
WHOLE_DELIVERY_EXAMPLE: Final = {
    **DELIVERY_EXAMPLE,
    "body": _BODY_EXAMPLE,
    "attempts": [
        {
            "started_at": "2026-11-01T09:30:00.180Z",
            "duration_ms": 230,
            "status_code": 204,
            "error": None,
            "response_excerpt": None,
        }
    ],
}
PREVIEW_EXAMPLE: Final = {
    "sequence": 4711,
    "event_id": "0197a2b9-6f6e-7c3e-9d6a-0d5a4f3c2b1a",
    "event_type": "content.published",
    "body": _BODY_EXAMPLE,
}
