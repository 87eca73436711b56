"""Errors as RFC 9457 asks: `application/problem+json`, in one shape, everywhere under /api."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse

from core.interface import Issue

CONTENT_TYPE: Final = "application/problem+json"
_LONGEST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of error: its code, which is the last part of its `type`, its status and its words."""

    code: str
    status: int
    title: str
    text: str


_ALL: Final = (
    Problem(
        "invalid-request",
        400,
        "The request was not understood",
        "A parameter is unknown, repeated, malformed or out of range. `errors` names each place "
        "in `pointer`, with a stable code.",
    ),
    Problem(
        "unauthenticated",
        401,
        "Sign in first",
        "There are no credentials, or they are wrong, expired or revoked.",
    ),
    Problem("forbidden", 403, "Not allowed", "You are known, and may not do this."),
    Problem(
        "not-found",
        404,
        "Nothing here",
        "There is nothing at this address, or nothing that is public. The two look the same.",
    ),
    Problem(
        "method-not-allowed",
        405,
        "The method is not allowed here",
        "The header `Allow` lists the methods that are.",
    ),
    Problem("conflict", 409, "The state does not allow this", "The thing has changed meanwhile."),
    Problem(
        "start-again",
        410,
        "Begin the sync anew",
        "What has changed since you last asked is no longer known. Read everything again with "
        "`initial=true`; keep the old copy until the new one is whole.",
    ),
    Problem(
        "before-history",
        410,
        "This far back, nothing is known",
        "`as_of` names an instant before the first of which the website's state is kept. `detail` "
        "says when that is.",
    ),
    Problem(
        "length-required",
        411,
        "Say how long the body is",
        "A body needs the header `Content-Length`; it cannot be sent in chunks of unknown number.",
    ),
    Problem(
        "precondition-failed",
        412,
        "The thing has changed meanwhile",
        "`If-Match` names another version than the present one. Read it again, and decide anew.",
    ),
    Problem("payload-too-large", 413, "The body is too large", "Send less at once."),
    Problem("uri-too-long", 414, "The address is too long", "A path has at most 2048 bytes."),
    Problem(
        "unsupported-media-type", 415, "The kind of body is not understood", "Send JSON in UTF-8."
    ),
    Problem(
        "key-reused",
        422,
        "This key belongs to another request",
        "An `Idempotency-Key` stands for one request. Take a new key for another body or address.",
    ),
    Problem(
        "precondition-required",
        428,
        "Say which version you change",
        "Send the `ETag` of the version that you have read as `If-Match`, so that nobody's changes "
        "are lost.",
    ),
    Problem("too-many-requests", 429, "Too many requests", "Wait as `Retry-After` says."),
    Problem(
        "internal-error",
        500,
        "Something went wrong here",
        "The fault is ours and has been noted. Quote `request_id` when you report it.",
    ),
    Problem("unavailable", 503, "Not available now", "Try again in a moment."),
)
PROBLEMS: Final[Mapping[str, Problem]] = {item.code: item for item in _ALL}
_BY_STATUS: Final[Mapping[int, Problem]] = {item.status: item for item in _ALL}


def problem_for_status(status: int) -> Problem:
    """The problem that stands for a status; the general one of its class where none does."""
    fallback = _BY_STATUS[500] if status >= 500 else _BY_STATUS[400]  # noqa: PLR2004
    return _BY_STATUS.get(status, fallback)


def problem_body(
    request: HttpRequest,
    problem: Problem,
    *,
    detail: str | None = None,
    issues: tuple[Issue, ...] = (),
) -> bytes:
    """The problem as JSON."""
    content = _content(problem, request.path, getattr(request, "request_id", ""))
    if detail:
        content["detail"] = detail
    if issues:
        content["errors"] = [
            {"pointer": item.pointer, "code": item.code, "detail": item.detail} for item in issues
        ]
    return orjson.dumps(content)


def problem_response(
    request: HttpRequest,
    problem: Problem,
    *,
    detail: str | None = None,
    issues: tuple[Issue, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The answer for a problem. Never stored by a cache."""
    body = problem_body(request, problem, detail=detail, issues=issues)
    response = HttpResponse(
        b"" if request.method == "HEAD" else body, status=problem.status, content_type=CONTENT_TYPE
    )
    response.headers["Content-Length"] = str(len(body))
    response.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def unavailable_problem(path: str, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body for a request that could not even be handed to Django."""
    problem = PROBLEMS["unavailable"]
    headers = {
        "content-type": CONTENT_TYPE,
        "cache-control": "no-store",
        "retry-after": "5",
        "x-request-id": request_id,
    }
    return problem.status, headers, orjson.dumps(_content(problem, path, request_id))


def _content(problem: Problem, path: str, request_id: str) -> dict[str, Any]:
    return {
        "type": f"/api/docs/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.text,
        "instance": path[:_LONGEST_SHOWN],
        "request_id": request_id,
    }
