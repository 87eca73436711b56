"""What holds for every request: an id, and one shape of error under /api."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.problems import CONTENT_TYPE, PROBLEMS, problem_for_status, problem_response
from api.request_ids import request_id_from
from core.interface import log_context

_MAX_PATH: Final = 2048
_FIRST_ERROR: Final = 400
_PUBLIC: Final = "/api/v1/"
_WITHOUT_COOKIES: Final = (_PUBLIC, "/api/docs")
_ANY_ORIGIN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Language, ETag, Link, X-Request-ID",
}
"""What v1 publishes asks for no cookie, so a page of any website may read it."""

_FOR_CALLERS: Final = "/api/v1/webhooks"
"""Below it, answers are for those alone who send a token: no website's page has one to send."""

_MANAGEMENT: Final = "/api/manage/"
"""Wagtail's own API for trusted writers: its errors are Wagtail's."""


class EdgeMiddleware:
    """Gives each request an id, refuses what is too large, and turns errors into problems.

    It stands outermost, so that the errors of the router, of other middleware and of a crash
    pass through it too. The caller's id is kept only if it cannot harm a log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = request_id_from(request.META.get("HTTP_X_REQUEST_ID"))
        request.request_id = request_id  # type: ignore[attr-defined]
        is_public = request.path.startswith(_PUBLIC)
        if request.path.startswith(_WITHOUT_COOKIES):
            # Where the admin answers too, an outdated session's cookie would be deleted by a public
            # answer, which then varies by cookie and which a careless cache hands to everyone.
            request.META.pop("HTTP_COOKIE", None)
        with log_context(request_id=request_id):
            response = self._answer(request)
        response.headers["X-Request-ID"] = request_id
        if is_public and not request.path.startswith(_FOR_CALLERS):
            for name, value in _ANY_ORIGIN.items():
                response.headers[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/api/") and not request.path.startswith(_MANAGEMENT):
            refusal = self._refuse(request)
            response = self._get_response(request) if refusal is None else refusal
            if (
                response.status_code >= _FIRST_ERROR
                and response.headers.get("Content-Type") != CONTENT_TYPE
            ):
                response = _as_problem(request, response)
        else:
            response = self._get_response(request)
        return response

    def _refuse(self, request: HttpRequest) -> HttpResponseBase | None:
        if len(request.META.get("PATH_INFO", "")) > _MAX_PATH:
            return problem_response(request, PROBLEMS["uri-too-long"])
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdecimal()):
            return problem_response(request, PROBLEMS["invalid-request"])
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if len(length) > len(str(most)) or int(length) > most:
            return problem_response(request, PROBLEMS["payload-too-large"])
        return None


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The error of another layer in our shape; the status and what it says of methods stay."""
    names = ("Allow", "Retry-After", "WWW-Authenticate")
    headers = {name: response.headers[name] for name in names if name in response.headers}
    problem = problem_for_status(response.status_code)
    return problem_response(request, problem, headers=headers)
