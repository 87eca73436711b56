"""Files for download: who may have them is settled before, how they come is settled here."""

from pathlib import Path
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from media.models import CustomDocument
from media.responses import content_type_of, file_response
from media.storages import S3PrivateStorage


def is_public(document: CustomDocument) -> bool:
    """Whether everyone may have it: no collection above it asks who one is. One query or two."""
    return not document.collection.get_view_restrictions()


def send_document(request: HttpRequest, document: CustomDocument) -> HttpResponseBase:
    """The file under its editor's name, to be saved: streamed, or by an address of five minutes.

    For callers who have checked that the visitor may have it.
    """
    disposition = content_disposition_header(as_attachment=True, filename=document.filename) or ""
    if settings.MEDIA_S3 is None:
        return file_response(request, Path(document.file.path), disposition)
    storage = cast(S3PrivateStorage, document.file.storage)
    name = str(document.file.name)
    address = storage.url(
        name,
        {"ResponseContentDisposition": disposition, "ResponseContentType": content_type_of(name)},
    )
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def serve_public_document(
    request: HttpRequest, document_id: int, document_filename: str
) -> HttpResponseBase:
    """A file for everyone, where nobody can sign in: whatever is not for everyone is not there."""
    document = get_object_or_404(
        CustomDocument.objects.select_related("collection"), pk=document_id
    )
    if document.filename != document_filename or not is_public(document):
        raise Http404
    return send_document(request, document)
