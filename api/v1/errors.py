"""Which problem each error of the product becomes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from api.problems import PROBLEMS, problem_response
from core.interface import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    Issue,
    NotFound,
    StartAgain,
    TooManyRequests,
    Unauthenticated,
)
from delivery.interface import BeforeHistory
from webhooks.interface import VersionMismatch

_CODES: Final[Mapping[type[DomainError], str]] = {
    Invalid: "invalid-request",
    NotFound: "not-found",
    Unauthenticated: "unauthenticated",
    Forbidden: "forbidden",
    Conflict: "conflict",
    VersionMismatch: "precondition-failed",
    StartAgain: "start-again",
    TooManyRequests: "too-many-requests",
    BeforeHistory: "before-history",
}
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="galley"'}


class Refused(Exception):
    """What only the HTTP edge knows to be wrong, such as a header; `code` names the problem."""

    def __init__(
        self, code: str, detail: str, *, pointer: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.problem = PROBLEMS[code]
        self.detail = detail
        self.issues = (Issue(pointer, code.replace("-", "_"), detail),) if pointer else ()
        self.headers = dict(headers or {})


def refusal_problem(request: HttpRequest, error: Refused) -> HttpResponse:
    """The problem for what the edge refuses."""
    return problem_response(
        request, error.problem, detail=error.detail, issues=error.issues, headers=error.headers
    )


def add_error_handlers(api: NinjaAPI) -> None:
    """Makes `api` answer errors as problems."""
    for error_type in _CODES:
        api.add_exception_handler(error_type, domain_problem)
    api.add_exception_handler(ValidationError, _validation_error)
    api.add_exception_handler(Http404, _not_found)


def domain_problem(request: HttpRequest, error: Any) -> HttpResponse:
    """The problem for an error of the product."""
    issues = tuple(_located(item) for item in error.issues)
    # A package may have errors of its own, each of one of the kinds that are known here.
    code = next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)
    return problem_response(
        request, PROBLEMS[code], detail=error.detail, issues=issues, headers=_headers(error)
    )


def _headers(error: DomainError) -> Mapping[str, str] | None:
    if isinstance(error, Unauthenticated):
        return _CHALLENGE
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after_seconds)}
    return None


def _located(issue: Issue) -> Issue:
    """The issue with the part of the request before its pointer; parameters are the usual part."""
    if issue.pointer.startswith(("query", "path/", "body", "header/")):
        return issue
    return replace(issue, pointer=f"query/{issue.pointer}")


def _validation_error(request: HttpRequest, error: Any) -> HttpResponse:
    issues = tuple(
        Issue(
            pointer="/".join(str(part) for part in item["loc"]),
            code=str(item["type"]),
            detail=str(item["msg"]),
        )
        for item in error.errors
    )
    return problem_response(request, PROBLEMS["invalid-request"], issues=issues)


def _not_found(request: HttpRequest, _error: object) -> HttpResponse:
    return problem_response(request, PROBLEMS["not-found"])
