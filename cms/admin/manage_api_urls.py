"""Wagtail's own management API (version 3), behind one gate.

Wagtail lets anonymous callers read published pages there, treats a wrong token as anonymous,
shows its schema to everybody, and sets no cache headers. Behind the gate each route asks for
a valid token (`Authorization: Bearer ...`) of somebody who may use the admin; the schema and
its pages also open for who is signed in to the admin. Answers are `private, no-store`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, include, path
from django.views.decorators.cache import never_cache
from wagtail.api.v3.auth import BearerTokenAuth
from wagtail.api.v3.urls import api

View = Callable[..., HttpResponse]

_ADMIN_PERMISSION: Final = "wagtailadmin.access_admin"
_SCHEMA_ROUTES: Final = frozenset({"openapi-json", "openapi-view", "api-root"})


def _refusal(status: int, title: str, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:  # noqa: PLR2004  # the status's own number says it best
        response["WWW-Authenticate"] = 'Bearer realm="manage"'
    return response


def _gated(view: View, *, allows_session: bool) -> View:
    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_session_enough = allows_session and "Authorization" not in request.headers
        if BearerTokenAuth()(request) is None and not is_session_enough:
            request.user = AnonymousUser()
        if not request.user.is_authenticated:
            return _refusal(401, "Unauthorized", "Send a valid API token.")
        if not request.user.has_perm(_ADMIN_PERMISSION):
            return _refusal(403, "Forbidden", "The token's owner may not use the admin.")
        return view(request, *args, **kwargs)

    return never_cache(gate)


def _gate_patterns() -> tuple[list[URLPattern], str, str]:
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        pattern.callback = _gated(pattern.callback, allows_session=pattern.name in _SCHEMA_ROUTES)
    return patterns, app_name, namespace


urlpatterns = [path("", include(_gate_patterns()[:2], namespace="wagtailapi_v3"))]
