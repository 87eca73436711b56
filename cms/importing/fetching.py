"""Asks again for files that an import could not have, and puts them where their placeholders are."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from cms.importing.content import ItemKind, Note
from cms.importing.files import file_digest
from cms.importing.media import MediaFinder
from cms.importing.media_files import MediaFile, is_placeholder, make_file
from cms.models import ImportedItem
from media.interface import CustomDocument, CustomImage


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one placeholder: replaced, or still there for the reason in `notes`."""

    title: str
    where: str
    is_replaced: bool
    notes: tuple[Note, ...]


def missing_media(source: str = "") -> QuerySet[ImportedItem]:
    """The placeholders, the oldest first; of one source by its format or its identity."""
    items = ImportedItem.objects.filter(is_placeholder=True).exclude(image=None, document=None)
    if source:
        items = items.filter(Q(source__name=source) | Q(source__identity=source))
    return items.order_by("pk")


def fetch_item(pk: int, finder: MediaFinder) -> Fetched | None:
    """Replaces one placeholder's file in place, so that whatever shows it shows the real one.

    The server is asked before the transaction begins. None where somebody else has dealt with
    the item meanwhile; safe to run again.
    """
    item = missing_media().select_related("image", "document").filter(pk=pk).first()
    if item is None:
        return None
    thing = item.image or item.document
    if thing is None or not is_placeholder(thing.file):
        # An editor was quicker.
        ImportedItem.objects.filter(pk=pk).update(is_placeholder=False)
        return None
    kind = ItemKind.IMAGE if item.image else ItemKind.FILE
    obtained = finder.obtain({"urls": item.urls, "filename": "" if item.urls else item.title})
    made = make_file(kind, obtained, urls=item.urls)
    if not made.is_placeholder and not _replace(pk, str(thing.file.name), made):
        return None
    return Fetched(item.title, item.where, not made.is_placeholder, made.notes)


@transaction.atomic
def _replace(pk: int, outdated: str, made: MediaFile) -> bool:
    """Whether the placeholder was still there to be replaced."""
    item = missing_media().select_for_update(of=("self",)).filter(pk=pk).first()
    thing = _lock_thing(item) if item else None
    if item is None or thing is None or thing.file.name != outdated:
        return False
    had_own_words = file_digest(thing) != item.written_digest
    thing.file = made.file
    thing.save()
    item.is_placeholder = False
    if not had_own_words:
        item.written_digest = file_digest(thing)
    item.save(update_fields=["is_placeholder", "written_digest"])
    return True


def _lock_thing(item: ImportedItem) -> CustomImage | CustomDocument | None:
    if item.image_id:
        return CustomImage.objects.select_for_update().filter(pk=item.image_id).first()
    return CustomDocument.objects.select_for_update().filter(pk=item.document_id).first()
