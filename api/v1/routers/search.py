"""Visitor search: results, suggestions, related documents."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.bodies import BEACON_TYPES, faults_in, read_object
from api.v1.moments import check_sees_drafts, content_response
from api.v1.params import check_path_part, read_params
from api.v1.responses import PRIVATE
from api.v1.search_shapes import Click
from api.v1.shapes import read_shape
from api.v1.site import site_of
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
    count_click,
    read_search,
    related_query,
    suggestion_query,
    tally,
)

router = Router(tags=["Search"])
_READ = ["GET", "HEAD"]
SOON_OVER: Final = "public, max-age=0, s-maxage=5"
"""For what the database answers while the search engine is away: not for long after its return."""


@lru_cache(maxsize=1024)
def _search(query_string: str) -> ReadSearch:
    return read_search(read_params(query_string, SEARCH_PARAMETERS, takes_filters=True))


def _response(request: HttpRequest, ask: Callable[[Site], Found]) -> HttpResponse:
    answers = []

    def read(site: Site) -> Answer:
        found = ask(site)
        answers.append(found)
        return found.answer

    response = content_response(request, None, read)
    is_public = response.headers["Cache-Control"].startswith("public")
    for found in answers:
        if found.is_degraded and is_public:
            response.headers["Cache-Control"] = SOON_OVER
        if found.asked is not None and is_public and request.method == "GET":
            tally().count_query(found.asked)
    return response


@router.api_operation(_READ, "/search")
def search_content(request: HttpRequest) -> HttpResponse:
    """Finds documents by their words."""
    search = _search(request.META.get("QUERY_STRING", ""))
    if search.query.wants_explanation:
        principal = principal_of(request.META.get("HTTP_AUTHORIZATION"))
        check_sees_drafts(principal, "how hits are scored")
    return _response(request, lambda site: answer_search(site, search))


@router.post("/search/clicks")
def report_click(request: HttpRequest) -> HttpResponse:
    """Takes note of a result that a visitor chose."""
    read_params(request.META.get("QUERY_STRING", ""), ())
    click = read_shape(Click, read_object(request, BEACON_TYPES))
    with faults_in("body"):
        count_click(
            site_of(request),
            q=click.q,
            locale=click.locale,
            document=UUID(click.document),
            position=click.position,
        )
    return HttpResponse(status=202, headers={"Cache-Control": PRIVATE})


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
