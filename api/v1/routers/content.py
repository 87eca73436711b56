"""Published content: lists, single documents, what stands at a path."""

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from api.v1.moments import content_response
from api.v1.negotiation import prefers_lines
from api.v1.params import check_path_part, read_params
from api.v1.streaming import lines_response
from delivery.interface import (
    LIST_PARAMETERS,
    SELECTION_PARAMETERS,
    SINGLE_PARAMETERS,
    SITEMAP_LIMIT,
    ListQuery,
    SingleQuery,
    list_query,
    path_selection,
    read_as_of,
    read_document,
    read_limit,
    read_list,
    read_path,
    read_sitemap,
    resolve_path,
    single_query,
    site_query,
    stream_query,
)

router = Router(tags=["Content"])
_READ = ["GET", "HEAD"]


@lru_cache(maxsize=1024)
def _list_query(type_name: str | None, query_string: str) -> ListQuery:
    """A query is read once for each distinct address, since websites ask the same few."""
    return list_query(type_name, _list_params(type_name, query_string))


def _list_params(type_name: str | None, query_string: str) -> dict[str, str]:
    allowed = LIST_PARAMETERS if type_name is not None else (*LIST_PARAMETERS, "type")
    return read_params(query_string, allowed, takes_filters=True)


@lru_cache(maxsize=4096)
def _single_query(type_name: str, key: str, query_string: str) -> SingleQuery:
    params = read_params(query_string, SINGLE_PARAMETERS)
    return single_query(type_name, check_path_part("key", key), params)


def list_response(request: HttpRequest, type_name: str | None) -> HttpResponseBase:
    """One page of a list as a response, or all of it as lines where those are asked for."""
    query_string = request.META.get("QUERY_STRING", "")
    if prefers_lines(request):
        params = _list_params(type_name, query_string)
        return lines_response(request, stream_query(type_name, params))
    query = _list_query(type_name, query_string)
    response = content_response(request, query.as_of, lambda site: read_list(site, query))
    response.headers["Vary"] = "Accept"
    return response


def document_response(request: HttpRequest, type_name: str, key: str) -> HttpResponse:
    """One document as a response."""
    query = _single_query(type_name, key, request.META.get("QUERY_STRING", ""))
    return content_response(request, query.as_of, lambda site: read_document(site, query))


@router.api_operation(_READ, "/content")
def list_content(request: HttpRequest) -> HttpResponseBase:
    """Lists documents of all types, or of those that `type` names."""
    return list_response(request, None)


@router.api_operation(_READ, "/content/resolve")
def resolve_content(request: HttpRequest) -> HttpResponse:
    """Gives the document at a path of the website, or the redirect that stands there."""
    allowed = (*SELECTION_PARAMETERS, "path", "as_of")
    params = read_params(request.META.get("QUERY_STRING", ""), allowed)
    path = read_path(params.pop("path", None))
    selection, as_of = path_selection(params), read_as_of(params.get("as_of"))
    return content_response(request, as_of, lambda site: resolve_path(site, path, selection))


@router.api_operation(_READ, "/content/site")
def read_site(request: HttpRequest) -> HttpResponse:
    """Gives what holds for the whole website: brand, menus, banners, languages."""
    params = read_params(request.META.get("QUERY_STRING", ""), SINGLE_PARAMETERS)
    query = site_query(params)
    return content_response(request, query.as_of, lambda site: read_document(site, query))


@router.api_operation(_READ, "/content/sitemap")
def list_sitemap(request: HttpRequest) -> HttpResponse:
    """Lists the paths that search engines may know, with their translations."""
    params = read_params(request.META.get("QUERY_STRING", ""), ("limit", "after", "as_of"))
    limit = read_limit(params.get("limit"), most=SITEMAP_LIMIT, usual=SITEMAP_LIMIT)
    after, as_of = params.get("after"), read_as_of(params.get("as_of"))
    return content_response(
        request, as_of, lambda site: read_sitemap(site, limit=limit, after=after)
    )


@router.api_operation(_READ, "/content/{type_name}")
def list_type(request: HttpRequest, type_name: str) -> HttpResponseBase:
    """Lists documents of one type."""
    return list_response(request, type_name)


@router.api_operation(_READ, "/content/{type_name}/{key}")
def read_one(request: HttpRequest, type_name: str, key: str) -> HttpResponse:
    """Gives one document by its id or slug."""
    return document_response(request, type_name, key)
