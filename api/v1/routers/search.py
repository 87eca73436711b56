"""Visitor search: results, suggestions, related documents."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.moments import content_response
from api.v1.params import check_path_part, read_params
from search.interface import (
    RELATED_PARAMETERS,
    SEARCH_PARAMETERS,
    SUGGEST_PARAMETERS,
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


@lru_cache(maxsize=1024)
def _search(query_string: str) -> ReadSearch:
    return read_search(read_params(query_string, SEARCH_PARAMETERS, takes_filters=True))


@router.api_operation(_READ, "/search")
def search_content(request: HttpRequest) -> HttpResponse:
    """Finds documents by their words."""
    search = _search(request.META.get("QUERY_STRING", ""))
    return content_response(request, None, lambda site: answer_search(site, search).answer)


@router.api_operation(_READ, "/search/suggest")
def suggest_content(request: HttpRequest) -> HttpResponse:
    """Suggests how to go on with what is being typed."""
    params = read_params(request.META.get("QUERY_STRING", ""), SUGGEST_PARAMETERS)
    query = suggestion_query(params)
    return content_response(request, None, lambda site: answer_suggestions(site, query).answer)


@router.api_operation(_READ, "/search/related/{searched_type}/{key}")
def list_related(request: HttpRequest, searched_type: str, key: str) -> HttpResponse:
    """Lists documents like one."""
    params = read_params(request.META.get("QUERY_STRING", ""), RELATED_PARAMETERS)
    query = related_query(searched_type, check_path_part("key", key), params)
    return content_response(request, None, lambda site: answer_related(site, query).answer)
