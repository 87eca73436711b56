"""The OpenAPI 3.1 description of REST v1, made from the declared types of documents."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from api.problems import CONTENT_TYPE, PROBLEMS, Problem
from api.v1.openapi import operations
from api.v1.openapi.parameters import shared_parameters
from api.v1.openapi.search import search_paths, search_schemas
from api.v1.openapi.sync import deletion_schema, sync
from api.v1.openapi.webhook_schemas import webhook_schemas
from api.v1.openapi.webhooks import SECURITY, webhook_paths
from delivery.interface import (
    DocumentType,
    all_types,
    as_json,
    document_schema,
    get_type,
    image_reference_schema,
    schema_name,
    shared_schemas,
)

SNAPSHOT: Final = Path(__file__).parents[1] / "openapi.json"
_REFS: Final = "#/components/schemas"
_CONTENT: Final = "/api/v1/content"
_SERVICES: Final = "services"
_TEXT: Final = {"type": "string"}


@cache
def openapi_bytes() -> bytes:
    """The description as it is served and kept under version control."""
    return as_json(openapi_document())


def openapi_document() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Galley API",
            "version": "1.0.0",
            "description": "Published content of a website, which is public and is only read; and "
            "webhooks, for which an API token is needed. A parameter or member that is unknown, "
            "repeated or malformed is refused with 400.",
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "Content", "description": "Posts, pages, people, images, by type or path."},
            {"name": "Services", "description": "The catalogue of services."},
            {"name": "Search", "description": "Documents by their words; suggestions."},
            {"name": "Webhooks", "description": "Who is told of changes, and what was sent."},
        ],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": shared_parameters(),
            "responses": _responses(),
            "headers": _headers(),
            "securitySchemes": SECURITY,
        },
    }


def _paths() -> dict[str, Any]:
    types = tuple(item for item in all_types() if item.is_listed)
    paths = {
        _CONTENT: operations.all_list(types),
        f"{_CONTENT}/resolve": operations.resolve(types),
        f"{_CONTENT}/sitemap": operations.sitemap(),
        f"{_CONTENT}/sync": sync(all_types()),
    }
    site = get_type("site")
    if site is not None:
        paths[f"{_CONTENT}/site"] = operations.site(site)
    for item in types:
        name = schema_name(item)
        paths[f"{_CONTENT}/{item.name}"] = operations.type_list(item, "Content", f"list{name}")
        paths[f"{_CONTENT}/{item.name}/{{key}}"] = operations.type_single(
            item, "Content", f"get{name}"
        )
    services = get_type(_SERVICES)
    if services is not None:
        paths["/api/v1/services"] = operations.type_list(services, "Services", "listServices")
        paths["/api/v1/services/{key}"] = operations.type_single(
            services, "Services", "readService"
        )
    return paths | search_paths() | webhook_paths()


def _schemas() -> dict[str, Any]:
    def named(item: DocumentType) -> tuple[str, dict[str, Any]]:
        return schema_name(item), document_schema(item, _REFS)

    return {
        **dict(named(item) for item in all_types()),
        **shared_schemas(),
        "ImageReference": image_reference_schema(_REFS),
        "Cursors": {
            "type": "object",
            "required": ["next", "prev", "has_more"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "description": "For `after`; null at the end.",
                },
                "prev": {"type": ["string", "null"], "description": "For `before`."},
                "has_more": {"type": "boolean"},
                "total": {"type": "integer", "minimum": 0, "description": "By `count=true`."},
            },
        },
        "Included": {
            "type": "object",
            "description": "By id, the documents that `include` asks for, each once; one that "
            "stands whole in `data` is not repeated.",
            "additionalProperties": {
                "type": "object",
                "required": ["id", "type"],
            },
        },
        "SitemapEntry": {
            "type": "object",
            "required": ["path", "locale", "updated_at", "alternates"],
            "properties": {
                "path": _TEXT,
                "locale": _TEXT,
                "updated_at": {"type": ["string", "null"], "format": "date-time"},
                "alternates": {"type": "object", "additionalProperties": _TEXT},
            },
        },
        "Deletion": deletion_schema(),
        "Problem": _problem_schema(),
        **search_schemas(),
        **webhook_schemas(),
    }


def _problem_schema() -> dict[str, Any]:
    required = ["type", "title", "status", "detail", "instance", "request_id"]
    issue = {
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT},
    }
    return {
        "type": "object",
        "description": "An error (RFC 9457).",
        "required": required,
        "properties": {
            **dict.fromkeys(required, _TEXT),
            "status": {"type": "integer"},
            "errors": {"type": "array", "items": issue},
        },
    }


def _responses() -> dict[str, Any]:
    # Two kinds of problem may have one status: what is gone can be of several kinds.
    problems: dict[int, list[Problem]] = {}
    for item in PROBLEMS.values():
        problems.setdefault(item.status, []).append(item)
    return {
        "NotModified": {"description": "You have these very bytes (If-None-Match)."},
        **{
            f"Problem{status}": {
                "description": "; or: ".join(item.title for item in items),
                "content": {
                    CONTENT_TYPE: {
                        "schema": {"$ref": f"{_REFS}/Problem"},
                        "example": _problem_example(items[0]),
                    }
                },
            }
            for status, items in sorted(problems.items())
        },
    }


def _problem_example(item: Problem) -> dict[str, Any]:
    return {
        "type": f"/api/docs/problems/{item.code}",
        "title": item.title,
        "status": item.status,
        "detail": item.text,
        "instance": "/api/v1/content/blog-posts",
        "request_id": "0e5c1f6ab1c24b0f9d0e1d2a7b9c3f44",
    }


def _headers() -> dict[str, Any]:
    words = {
        "ETag": "Identifies these bytes; send it back in If-None-Match.",
        "Cache-Control": "How long caches may keep this.",
        "Surrogate-Key": "What this depends on, for a purge by tag; also sent as Cache-Tag.",
        "Vary": "Accept, since a list has two forms.",
        "Location": "Where the new thing is.",
        "X-Request-ID": "Names this request in our logs.",
    }
    return {name: {"description": text, "schema": _TEXT} for name, text in words.items()}
