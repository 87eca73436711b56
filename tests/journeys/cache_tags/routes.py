"""Which of the product's routes a shared cache may meet, so that none is forgotten."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from api.v1.openapi.document import openapi_bytes
from tests.journeys.cache_tags.model_cdn import Request

PRIVATE = ("admin/", "api/manage/", "api/v1/webhooks")
"""For those who are known: below these, every answer is `private, no-store`."""
NOT_STORED = {
    "": "leads to the admin",
    "login/": "leads to the admin",
    "health/live": "is of this moment",
    "health/ready": "is of this moment",
    "api/v1/search/clicks": "takes word of a click",
    "media/private/<path:token>": "shows a private file",
    "documents/<int:document_id>/<path:document_filename>": "asks who may have the file",
    r"documents/^(\d+)/(.*)$": "is never reached: ours stands before it",
    r"documents/authenticate_with_password/<int:restriction_id>/": "asks for a password",
}
"""Routes whose answers no shared cache may keep, and why; `example` asks some of them."""
NEVER_PURGED = {
    r"^media/(?P<name>images/[0-9a-f]{32}\.(?:avif|gif|jpg|png|webp))$": "a name has one content",
}
EXAMPLES = (
    *("/health/live", "/health/ready", "/api/v1/search/clicks"),
    *("/media/private/none", "/documents/1/none.txt"),
)
FROM_ANSWERS = frozenset({"after", "before", "as_of", "sync_token"})
"""Parameters that are asked for with what an answer, or the hour, gives."""


def routes() -> set[str]:
    """The patterns of all routes but the private ones."""
    return set(_below(get_resolver().url_patterns, ""))


def _below(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for item in patterns:
        pattern = before + str(item.pattern)
        if pattern.startswith(PRIVATE):
            continue
        if isinstance(item, URLPattern):
            yield pattern
        else:
            yield from _below(item.url_patterns, pattern)


def routes_of(requests: Iterable[Request]) -> set[str]:
    """The patterns that these addresses lead to."""
    return {_route(item.url) for item in requests}


def parameters() -> set[tuple[str, str]]:
    """Route and name of each parameter that the description of the API has; filters are one."""
    description: dict[str, Any] = orjson.loads(openapi_bytes())
    shared = description["components"]["parameters"]
    found = set()
    for path, methods in description["paths"].items():
        for item in methods.get("get", {}).get("parameters", ()):
            given = shared[item["$ref"].rpartition("/")[2]] if "$ref" in item else item
            if given["in"] == "query":
                found.add((_route(path.replace("{", "").replace("}", "")), _name(given["name"])))
    return {item for item in found if not item[0].startswith(PRIVATE)}


def parameters_of(requests: Iterable[Request]) -> set[tuple[str, str]]:
    """Those that these addresses use."""
    found = set()
    for request in requests:
        query = request.url.partition("?")[2]
        for part in filter(None, query.split("&")):
            found.add((_route(request.url), _name(part.partition("=")[0])))
    return found


def _route(url: str) -> str:
    return str(resolve(url.partition("?")[0]).route)


def _name(parameter: str) -> str:
    return parameter.partition("[")[0]
