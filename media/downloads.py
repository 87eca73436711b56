"""Files for download: who may have them is settled before, how they come is settled here."""

from pathlib import Path
from typing import cast

from django.conf import settings
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.documents.models import document_served

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


# It reads; on SQLite a transaction of the request's would wait for every editor's.
@non_atomic_requests
@require_safe
def serve_document(
    request: HttpRequest, document_id: int, document_filename: str
) -> HttpResponseBase:
    """A file at the address that Wagtail gives it, instead of Wagtail's own view.

    That one would call the file by its name in the store, and let a browser show some types. Where
    nobody can sign in, a file that is not for everyone is not there.
    """
    document = get_object_or_404(
        CustomDocument.objects.select_related("collection"), pk=document_id
    )
    if document.filename != document_filename:
        raise Http404
    if settings.SERVES_ADMIN:
        for ask in hooks.get_hooks("before_serve_document"):
            refusal = ask(document, request)
            if isinstance(refusal, HttpResponseBase):
                return refusal
    elif not is_public(document):
        raise Http404
    document_served.send(sender=CustomDocument, instance=document, request=request)
    return send_document(request, document)
