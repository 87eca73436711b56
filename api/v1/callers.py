"""Who calls a private route, and answers that are for him alone."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from api.v1.errors import Refused
from api.v1.responses import PRIVATE
from core.interface import Forbidden, Principal, Unauthenticated, principal_of

_STRONG_TAG: Final = re.compile(r'"[\x21\x23-\x7e]*"')
_IF_MATCH: Final = re.compile(
    r'\s*(?:W/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]*"\s*)*'
)
_CALLER: Final = "_galley_caller"

R = TypeVar("R", bound=HttpResponseBase)


def require_caller(request: HttpRequest, right: str) -> None:
    """Lets only those pass who have the right; `caller_of` tells who it was.

    Raises:
        Unauthenticated: no credential, or one that is not valid. Nobody is silently anonymous.
        Forbidden: the caller is known and lacks the right.
    """
    principal = principal_of(request.META.get("HTTP_AUTHORIZATION"))
    if principal is None:
        raise Unauthenticated("Send an API token as Authorization: Bearer.")
    if principal.user_id is None or not principal.may(right):
        raise Forbidden("Your account lacks the permission for this.")
    setattr(request, _CALLER, principal)


def caller_of(request: HttpRequest) -> Principal:
    """Who sent a request that `require_caller` let pass; an AttributeError for any other."""
    caller: Principal = getattr(request, _CALLER)
    return caller


def private_json(
    request: HttpRequest,
    content: Any,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """An answer that no cache keeps."""
    body = orjson.dumps(content)
    sent = b"" if request.method == "HEAD" else body
    response = HttpResponse(sent, status=status, content_type="application/json")
    response.headers["Content-Length"] = str(len(body))
    return make_private(response, headers)


def make_private(response: R, headers: Mapping[str, str] | None = None) -> R:
    """The response with the header that keeps it from every cache, and with others."""
    response.headers["Cache-Control"] = PRIVATE
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def entity_tag(version: int) -> str:
    """The strong validator of a version of a resource."""
    return f'"{version}"'


def check_if_match(request: HttpRequest, version: int, *, is_required: bool) -> int | None:
    """Lets a change pass that is made to the present version, and gives that version.

    None where the caller names none, or `*`: then he changes whatever version there is.

    Raises:
        Refused: no `If-Match` (428), none that can be read (400), or another version (412).
    """
    given = request.META.get("HTTP_IF_MATCH")
    if given is None:
        if not is_required:
            return None
        raise Refused(
            "precondition-required",
            "Send If-Match with the ETag of the version that you have read.",
            pointer="header/If-Match",
        )
    if given.strip() == "*":
        return None
    if not _IF_MATCH.fullmatch(given):
        raise Refused(
            "invalid-request", "If-Match lists ETags in quotes.", pointer="header/If-Match"
        )
    # A weak one never matches (RFC 9110, section 13.1.1).
    tags = [item.strip() for item in given.split(",")]
    if entity_tag(version) not in [item for item in tags if _STRONG_TAG.fullmatch(item)]:
        raise Refused(
            "precondition-failed",
            f"The present version is {entity_tag(version)}. Read it again.",
            pointer="header/If-Match",
            headers={"ETag": entity_tag(version)},
        )
    return version
