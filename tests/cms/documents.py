"""What tests of publishing look at: documents and ledger rows."""

from wagtail.models import Page

from cms.document_builders.context import page_document_id
from delivery.models import Document
from outbox.models import LedgerEvent


def document(page: Page) -> Document | None:
    return Document.objects.filter(id=page_document_id(page.pk)).first()


def events_since(sequence: int) -> list[tuple[str, str]]:
    rows = LedgerEvent.objects.filter(sequence__gt=sequence)
    return [(row.type, row.data.get("path", "")) for row in rows]


def last_sequence() -> int:
    return LedgerEvent.objects.order_by("-sequence").values_list("sequence", flat=True)[0]
