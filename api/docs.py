"""The API's documentation for people: the interactive one, and a page for each problem."""

from typing import Final

import orjson
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.problems import PROBLEMS
from api.v1.openapi.document import openapi_bytes
from api.v1.responses import json_response
from delivery.interface import Answer, as_json
from outbox.interface import event_schema

OPENAPI_PATH: Final = "/api/v1/openapi.json"
_RELEASE_TAG: Final = "r-release"
"""Of answers that only a new release changes."""
_HEADERS: Final = {
    "Cache-Control": "public, max-age=300",
    # The interface writes styles into the page, and shows icons as data.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
}


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def show_docs(request: HttpRequest) -> HttpResponse:
    """The interactive documentation: ninja's bundled Swagger UI, with nothing from elsewhere."""
    settings = {"url": OPENAPI_PATH, "layout": "BaseLayout", "deepLinking": True}
    context = {
        "api": {"title": "Galley API"},
        "swagger_settings": orjson.dumps(settings).decode(),
        "add_csrf": False,
    }
    return _page(request, "ninja/swagger.html", context)


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def show_problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem means: the page that its `type` leads to."""
    problem = PROBLEMS.get(code)
    if problem is None:
        raise Http404
    return _page(request, "api/problem.html", {"problem": problem})


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def show_openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description, which is the same until the next release."""
    # A query means nothing here, and must not make another answer of the same one.
    tags = () if request.META.get("QUERY_STRING") else (_RELEASE_TAG,)
    answer = Answer(body=openapi_bytes(), tags=tags)
    return json_response(request, answer)


@transaction.non_atomic_requests
@csrf_exempt
@require_safe
def show_event_schema(request: HttpRequest, name: str) -> HttpResponse:
    """What messages about changes hold: the schema that their `dataschema` names."""
    schema = event_schema(name)
    if schema is None:
        raise Http404
    tags = () if request.META.get("QUERY_STRING") else (_RELEASE_TAG,)
    return json_response(request, Answer(body=as_json(schema), tags=tags))


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, template, context)
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response
