"""Uploads of an export as images and files."""

from cms.importing.content import Change, ItemKind, Note, SourceItem
from cms.importing.sources.wordpress.catalogue import Catalogue
from cms.importing.sources.wordpress.custom_fields import note_custom_fields
from cms.importing.sources.wordpress.dates import read_dates
from cms.importing.sources.wordpress.entries import key_of, where_of
from cms.importing.sources.wordpress.markup import shorten, words
from cms.importing.sources.wordpress.media_urls import file_name, is_image
from cms.importing.sources.wordpress.old_addresses import OldAddresses
from cms.importing.sources.wordpress.records import RawItem

_MAX_TEXT = 255


def read_attachment(item: RawItem, catalogue: Catalogue, addresses: OldAddresses) -> SourceItem:
    """An upload; where its bytes are is for the importer's core to find."""
    attachment = catalogue.attachment(item.post_id)
    url = item.text("wp:attachment_url") or item.text("guid")
    notes = note_custom_fields(item)
    description = words(item.text("content:encoded"))
    if description:
        message = f"Its description has no place here: {shorten(description, 300)}"
        notes.append(Note(Change.DROPPED, "media-description", message))
    if item.comment_count:
        message = f"{item.comment_count} comments; they are in comments.json beside this report."
        notes.append(Note(Change.DROPPED, "comments", message))
    if attachment is None or not url.startswith(("http://", "https://")):
        message = "It does not say where its file is."
        notes.append(Note(Change.FAILED, "media-without-address", message))
    published, updated, date_notes = read_dates(item)
    return SourceItem(
        key=key_of(item),
        kind=ItemKind.IMAGE if is_image(url) else ItemKind.FILE,
        where=where_of(item),
        title=shorten(words(item.text("title")) or file_name(url), _MAX_TEXT),
        addresses=addresses.attachment(attachment) if attachment else (),
        published_at=published,
        updated_at=updated,
        details={
            "alt": shorten(words(item.meta_value("_wp_attachment_image_alt")), _MAX_TEXT),
            "caption": words(item.text("excerpt:encoded")),
            "credit": "",
            "filename": file_name(url),
            "urls": [url] if url else [],
        },
        notes=(*notes, *date_notes),
    )
