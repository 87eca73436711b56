"""The sync: for whoever keeps a copy of the published documents."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.params import read_params
from api.v1.responses import json_response
from api.v1.site import site_of
from delivery.interface import SYNC_LIMIT, SYNC_PARAMETERS, read_limit, read_sync, sync_query

router = Router(tags=["Content"])


@router.api_operation(["GET", "HEAD"], "/content/sync")
def sync_content(request: HttpRequest) -> HttpResponse:
    """Gives everything page by page, then what has changed since a token."""
    params = read_params(request.META.get("QUERY_STRING", ""), SYNC_PARAMETERS)
    limit = read_limit(params.get("limit"), most=SYNC_LIMIT, usual=SYNC_LIMIT)
    answer = read_sync(site_of(request), sync_query(params, limit))
    link = ""
    if answer.next is not None:
        size = f"&limit={limit}" if "limit" in params else ""
        link = f'<{request.path}?sync_token={answer.next}{size}>; rel="next"'
    return json_response(request, answer, link=link)
