"""The service catalogue, under a short address of its own."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from api.v1.routers.content import document_response, list_response

router = Router(tags=["Services"])
SERVICES = "services"


@router.api_operation(["GET", "HEAD"], "/services")
def list_services(request: HttpRequest) -> HttpResponseBase:
    """Lists services, as `/content/services` does."""
    return list_response(request, SERVICES)


@router.api_operation(["GET", "HEAD"], "/services/{key}")
def read_service(request: HttpRequest, key: str) -> HttpResponse:
    """Gives one service by its id or slug."""
    return document_response(request, SERVICES, key)
