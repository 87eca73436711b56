"""Security headers of the editors' side."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

# Wagtail's date fields and inline panels start themselves by inline scripts, and its rich-text
# editor sets inline styles; what comes from another host runs in no case. Embedded videos are
# shown in frames from their providers.
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self';"
    " frame-src 'self' https:; object-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'self'"
)
_PREFIXES: Final = ("/admin/", "/api/manage/")


class AdminHeadersMiddleware:
    """Adds the headers to every answer of the admin and of the management API, errors included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(_PREFIXES):
            response.setdefault("Content-Security-Policy", _POLICY)
            response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
            response["Cache-Control"] = "private, no-store"
        return response
