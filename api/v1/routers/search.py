"""Visitor search: results, suggestions, related documents."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.moments import check_sees_drafts, content_response
from api.v1.params import check_path_part, read_params
from core.interface import principal_of
from delivery.interface import Answer, Site
from search.interface import (
    RELATED_PARAMETERS,
    SEARCH_PARAMETERS,
    SUGGEST_PARAMETERS,
    Found,
    ReadSearch,
    answer_related,
    answer_search,
    answer_suggestions,
    read_search,
    related_query,
    suggestion_query,
)

router = Router(tags=["Search"])
_READ = ["GET", "HEAD"]
SOON_OVER: Final = "public, max-age=0, s-maxage=5"
"""For what the database answers while the search engine is away: not for long after its return."""


@lru_cache(maxsize=1024)
def _search(query_string: str) -> ReadSearch:
    return read_search(read_params(query_string, SEARCH_PARAMETERS, takes_filters=True))


def _response(request: HttpRequest, ask: Callable[[Site], Found]) -> HttpResponse:
    degraded = []

    def read(site: Site) -> Answer:
        found = ask(site)
        degraded.append(found.is_degraded)
        return found.answer

    response = content_response(request, None, read)
    if any(degraded) and response.headers["Cache-Control"].startswith("public"):
        response.headers["Cache-Control"] = SOON_OVER
    return response


@router.api_operation(_READ, "/search")
def search_content(request: HttpRequest) -> HttpResponse:
    """Finds documents by their words."""
    search = _search(request.META.get("QUERY_STRING", ""))
    if search.query.wants_explanation:
        principal = principal_of(request.META.get("HTTP_AUTHORIZATION"))
        check_sees_drafts(principal, "how hits are scored")
    return _response(request, lambda site: answer_search(site, search))


@router.api_operation(_READ, "/search/suggest")
def suggest_content(request: HttpRequest) -> HttpResponse:
    """Suggests how to go on with what is being typed."""
    params = read_params(request.META.get("QUERY_STRING", ""), SUGGEST_PARAMETERS)
    query = suggestion_query(params)
    return _response(request, lambda site: answer_suggestions(site, query))


@router.api_operation(_READ, "/search/related/{searched_type}/{key}")
def list_related(request: HttpRequest, searched_type: str, key: str) -> HttpResponse:
    """Lists documents like one."""
    params = read_params(request.META.get("QUERY_STRING", ""), RELATED_PARAMETERS)
    query = related_query(searched_type, check_path_part("key", key), params)
    return _response(request, lambda site: answer_related(site, query))
