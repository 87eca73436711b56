"""Where Wagtail asks us."""

from django.http import HttpRequest, HttpResponseBase
from wagtail import hooks
from wagtail.documents.models import document_served

from media.downloads import send_document
from media.models import CustomDocument


# After Wagtail's own hook, which turns away whoever may not have the file.
@hooks.register("before_serve_document", order=1000)
def serve_document(document: CustomDocument, request: HttpRequest) -> HttpResponseBase:
    """Wagtail's own answer would carry the name in the store, and could be shown in the page."""
    document_served.send(sender=CustomDocument, instance=document, request=request)
    return send_document(request, document)
