"""The sync: for whoever keeps a copy of the published documents."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from api.v1.moments import content_response
from api.v1.params import read_params
from delivery.interface import SYNC_LIMIT, SYNC_PARAMETERS, read_limit, read_sync, sync_query

router = Router(tags=["Content"])


@router.api_operation(["GET", "HEAD"], "/content/sync")
def sync_content(request: HttpRequest) -> HttpResponse:
    """Gives everything page by page, then what has changed since a token."""
    params = read_params(request.META.get("QUERY_STRING", ""), SYNC_PARAMETERS)
    limit = read_limit(params.get("limit"), most=SYNC_LIMIT, usual=SYNC_LIMIT)
    query = sync_query(params, limit)
    return content_response(request, None, lambda site: read_sync(site, query))
