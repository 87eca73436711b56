"""Local files over HTTP, for the demo and a developer's machine; an object store needs none of it."""

from pathlib import Path
from typing import Final

from django.core import signing
from django.core.files.storage import storages
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.views.decorators.http import require_safe

from media.responses import file_response
from media.storages import (
    IMAGE_TYPES,
    IMMUTABLE,
    PRIVATE_URL_SALT,
    SIGNED_URL_SECONDS,
    LocalPrivateStorage,
    LocalRenditionStorage,
    extension_of,
)

RENDITION_NAME: Final = r"images/[0-9a-f]{32}\.(?:avif|gif|jpg|png|webp)"
"""The only names that renditions have: no other is looked up, so none can leave the folder."""


@non_atomic_requests
@require_safe
def serve_rendition(request: HttpRequest, name: str) -> HttpResponse:
    """A rendition, to be cached for a year: its name is never given to other bytes."""
    storage = storages["renditions"]
    if not isinstance(storage, LocalRenditionStorage):
        raise Http404
    etag = f'"{Path(name).stem}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        try:
            content = Path(storage.path(name)).read_bytes()
        except OSError:
            raise Http404 from None
        response = HttpResponse(content, content_type=IMAGE_TYPES[extension_of(name)])
    response["Cache-Control"] = IMMUTABLE
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@non_atomic_requests
@require_safe
def serve_private(request: HttpRequest, token: str) -> HttpResponseBase:
    """What a signed address names: 403 when it was changed or is too old, 404 when the file is gone."""
    storage = storages["default"]
    if not isinstance(storage, LocalPrivateStorage):
        raise Http404
    try:
        name, disposition = signing.loads(token, salt=PRIVATE_URL_SALT, max_age=SIGNED_URL_SECONDS)
    except signing.BadSignature:
        refusal = HttpResponseForbidden("This address is not valid, or no longer.", "text/plain")
        refusal["Cache-Control"] = "private, no-store"
        return refusal
    is_image = name.startswith("originals/") and extension_of(name) in IMAGE_TYPES
    return file_response(
        request, Path(storage.path(name)), disposition or ("inline" if is_image else "attachment")
    )
