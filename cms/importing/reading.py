"""From the source to the scratch file: everything once, one item in memory at a time."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from cms.importing.addresses import WEB, AddressReader, full_size_name
from cms.importing.content import Change, ItemKind, Note, Skipped, Source, SourceItem, Status
from cms.importing.options import Progress
from cms.importing.scratch import Result, Scratch
from cms.models.importing import KEY_LENGTH

STAGES: Final = {
    ItemKind.CATEGORY: 1,
    ItemKind.IMAGE: 2,
    ItemKind.FILE: 2,
    ItemKind.PROFILE: 3,
    ItemKind.SECTION: 4,
    ItemKind.PAGE: 4,
    ItemKind.POST: 5,
    ItemKind.MENU: 6,
}
_PICTURE: Final = re.compile(r"<img\b[^>]*?\bsrc=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def spool(source: Source, scratch: Scratch, reader: AddressReader, progress: Progress) -> None:
    """Reads the whole source; what is no content and what cannot be kept gets its result at once.

    Raises:
        SourceBroken: the source cannot be read to its end.
    """
    for thing in source.items():
        if isinstance(thing, Skipped):
            _keep_skipped(thing, scratch)
        else:
            _keep_item(thing, scratch, reader)
        progress.advance()
    _add_wanted_images(scratch)


def _keep_skipped(thing: Skipped, scratch: Scratch) -> None:
    note = Note(Change.DROPPED, "not-content", thing.reason)
    scratch.add_result(
        Result(
            seq=scratch.next_seq(),
            kind=thing.kind,
            key=thing.key,
            where=thing.where,
            title=thing.title,
            outcome="skipped",
            notes=(note,) if thing.reason else (),
        )
    )


def _keep_item(item: SourceItem, scratch: Scratch, reader: AddressReader) -> None:
    if any(note.change is Change.FAILED for note in item.notes):
        _keep_failed(item, scratch)
        return
    if not 0 < len(item.key) <= KEY_LENGTH:
        message = f"Its key has {len(item.key)} characters; at most {KEY_LENGTH} can be kept."
        _keep_failed(item, scratch, Note(Change.FAILED, "key-unfit", message))
        return
    names = [address.name for text in item.addresses if (address := reader.read(text))]
    try:
        is_kept = scratch.add_item(item, names=names, stage=STAGES[item.kind])
    except (TypeError, ValueError, OverflowError) as problem:
        message = f"The importer cannot keep it: {problem}"
        _keep_failed(item, scratch, Note(Change.FAILED, "item-unfit", message))
        return
    if not is_kept:
        message = "Another thing of the source has the same key; this one was left out."
        _keep_failed(item, scratch, Note(Change.FAILED, "key-twice", message))
        return
    for text in wanted_pictures(item):
        _want(text, item, scratch, reader)


def _keep_failed(item: SourceItem, scratch: Scratch, *notes: Note) -> None:
    scratch.add_result(
        Result(
            seq=scratch.next_seq(),
            kind=item.kind.value,
            key=item.key,
            where=item.where,
            title=item.title,
            outcome="failed",
            old_address=item.addresses[0] if item.addresses else "",
            notes=(*item.notes, *notes),
        )
    )


def wanted_pictures(item: SourceItem) -> Iterator[str]:
    """The addresses of all pictures that an item shows."""
    if item.cover:
        yield item.cover
    photo = item.details.get("photo")
    if isinstance(photo, str) and photo:
        yield photo
    yield from _pictures_in_html(item.details.get("bio"))
    for block in item.body:
        yield from _pictures_of_block(block)


def _pictures_of_block(block: Mapping[str, Any]) -> Iterator[str]:
    value = block.get("value")
    match block.get("type"):
        case "rich_text":
            yield from _pictures_in_html(value)
        case "image" if isinstance(value, Mapping):
            yield str(value.get("image") or "")
        case "gallery" if isinstance(value, Mapping):
            for image in value.get("images") or ():
                yield str(image.get("image") or "")
        case "callout" if isinstance(value, Mapping):
            yield from _pictures_in_html(value.get("text"))


def _pictures_in_html(html: Any) -> Iterator[str]:
    if isinstance(html, str) and "<img" in html:
        for match in _PICTURE.finditer(html):
            yield unescape(match.group(1) or match.group(2) or "")


def _want(text: str, item: SourceItem, scratch: Scratch, reader: AddressReader) -> None:
    address = reader.read(text)
    if address is not None and item.status is Status.PUBLISHED:
        names = {address.name, full_size_name(address.name) or address.name}
        scratch.db.executemany("INSERT OR IGNORE INTO shown VALUES (?)", [(n,) for n in names])
    if address is None or urlsplit(address.url).scheme not in WEB:
        return
    scratch.db.execute(
        "INSERT OR IGNORE INTO wanted VALUES (?, ?, ?)", (address.name, address.url, item.where)
    )


def _add_wanted_images(scratch: Scratch) -> None:
    """Pictures that no item offers come along as images of their own."""
    rows = scratch.db.execute(
        "SELECT name, url, place FROM wanted WHERE name NOT IN (SELECT name FROM addresses)"
        " ORDER BY name"
    ).fetchall()
    for name, url, place in rows:
        larger = full_size_name(name)
        if larger is not None and scratch.key_of(larger) is not None:
            continue
        filename = unquote(PurePosixPath(urlsplit(url).path).name)[-200:] or "picture"
        item = SourceItem(
            key=f"url:{url}"[:KEY_LENGTH],
            kind=ItemKind.IMAGE,
            where=place,
            title=PurePosixPath(filename).stem,
            addresses=(url,),
            details={"urls": [url], "filename": filename},
        )
        scratch.add_item(item, names=[name], stage=STAGES[ItemKind.IMAGE])
