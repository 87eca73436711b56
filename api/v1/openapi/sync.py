"""The operation of the sync."""

from typing import Any, Final

from api.v1.openapi import parameters as given
from api.v1.openapi.operations import Operation, any_of, operation, success
from delivery.interface import SYNC_LIMIT, DocumentType, document_example

_DELETION: Final = {
    "id": "6f0c1c5e-54a2-5c1d-9c53-1de6dbd4b1a1",
    "type": "blog-posts",
    "locale": "en",
    "path": "/blog/a-blog-post/",
    "deleted_at": "2026-11-01T09:30:00Z",
}


def deletion_schema() -> dict[str, Any]:
    """What tells that a document is gone."""
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "A document that is no longer public here, or no longer one of those chosen.",
        "required": list(_DELETION),
        "properties": {
            **dict.fromkeys(_DELETION, text),
            "id": {"type": "string", "format": "uuid"},
            "path": {"type": "string", "description": "Where it was; empty without a page."},
            "deleted_at": {"type": "string", "format": "date-time"},
        },
    }


def _parameters(types: tuple[DocumentType, ...]) -> list[given.Parameter]:
    names = "|".join(item.name for item in types)
    return [
        given.query(
            "initial",
            "Begins: everything that is public, page by page.",
            {"type": "string", "enum": ["true"]},
            example="true",
        ),
        given.query(
            "sync_token",
            "Goes on: the `next_sync_token` of the last answer. Stands alone, or with `limit`.",
            {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        ),
        given.query(
            "type",
            "With `initial`: only these types; all without it.",
            {"type": "string", "pattern": f"^({names})(,({names}))*$"},
            example=types[0].name,
        ),
        given.query(
            "locale",
            "With `initial`: only documents in these languages, and those that belong to all.",
            given.LOCALES_SCHEMA,
            example="fr,en",
        ),
        given.query(
            "limit",
            "How many documents and deletions at most.",
            {"type": "integer", "minimum": 1, "maximum": SYNC_LIMIT, "default": SYNC_LIMIT},
        ),
    ]


def sync(types: tuple[DocumentType, ...]) -> dict[str, Operation]:
    """Everything, then what changed."""
    schema = {
        "type": "object",
        "required": ["data", "deleted", "next_sync_token", "has_more"],
        "properties": {
            "data": {"type": "array", "items": any_of(types)},
            "deleted": {"type": "array", "items": {"$ref": "#/components/schemas/Deletion"}},
            "next_sync_token": {"type": "string"},
            "has_more": {
                "type": "boolean",
                "description": "Whether to ask on at once. The copy is whole when it is false.",
            },
        },
    }
    example = {
        "data": [document_example(types[0])],
        "deleted": [_DELETION],
        "next_sync_token": "WzEsbnVsbCxudWxsLDEy",
        "has_more": False,
    }
    return operation(
        "syncContent",
        "Get everything, then what has changed",
        "Content",
        _parameters(types),
        success("Documents that are new or changed, and what is gone.", schema, example),
        more_problems=("410",),
    )
