"""Images and files for download, one at a time: each may take a while and much memory."""

import hashlib
from typing import Any

from django.db import transaction

from cms.importing.content import Change, ItemKind, SourceItem
from cms.importing.context import RunContext, result_of
from cms.importing.media_files import MediaFile, make_file
from cms.importing.reading import wanted_pictures
from cms.importing.resolve import ItemNotes
from cms.importing.scratch import Result, Spooled
from cms.models import ImportedItem
from media.interface import CustomDocument, CustomImage

_CREDIT_LENGTH = 255


def import_file(run: RunContext, spooled: Spooled) -> Result:
    """Makes or updates the image or file of an item.

    Where its bytes cannot be had or are refused, a placeholder stands in for it.
    """
    target = run.scratch.target_of(spooled.item.key)
    if target is None:
        return _create(run, spooled)
    return _update(run, spooled, target[1])


def _create(run: RunContext, spooled: Spooled) -> Result:
    notes = ItemNotes()
    made = _made(run, spooled.item)
    target_kind = _target_kind(spooled.item)
    thing: Any = CustomImage() if target_kind == "image" else CustomDocument()
    _set_words(thing, spooled.item, made.file.name or "", notes)
    thing.file = made.file
    if run.is_dry_run:
        run.scratch.set_target(spooled.item.key, target_kind, run.new_key())
    else:
        with transaction.atomic():
            thing.save()
            ImportedItem.objects.create(
                source=run.saved_source,
                key=spooled.item.key,
                kind=spooled.item.kind.value,
                title=thing.title[:255],
                where=spooled.item.where,
                digest=spooled.digest,
                written_digest=file_digest(thing),
                is_placeholder=made.is_placeholder,
                urls=_urls(spooled.item),
                **{target_kind: thing},
            )
        run.scratch.set_target(spooled.item.key, target_kind, thing.pk)
        if target_kind == "image" and run.scratch.is_shown(spooled.item.key):
            run.sizes.begin(thing.pk)
    return result_of(spooled, "imported", notes=(*made.notes, *notes.notes))


def _update(run: RunContext, spooled: Spooled, pk: int) -> Result:
    notes = ItemNotes()
    memory = ImportedItem.objects.get(source=run.saved_source, key=spooled.item.key)
    target_kind = _target_kind(spooled.item)
    thing: Any = (CustomImage if target_kind == "image" else CustomDocument).objects.get(pk=pk)
    if file_digest(thing) != memory.written_digest and not run.options.overwrites:
        message = "It was edited here since; what changed at the source was not taken over."
        notes.add(Change.DROPPED, "edited-here", message)
        return result_of(spooled, "skipped", notes=tuple(notes.notes))
    made = _made(run, spooled.item)
    before = file_digest(thing)
    _set_words(thing, spooled.item, made.file.name or "", notes)
    has_new_file = not made.is_placeholder and _hash_of(made) != thing.file_hash
    if has_new_file:
        thing.file = made.file
    is_changed = has_new_file or file_digest(thing) != before
    if not run.is_dry_run:
        with transaction.atomic():
            if is_changed:
                thing.save()
            memory.digest = spooled.digest
            memory.written_digest = file_digest(thing)
            memory.is_placeholder = memory.is_placeholder and not has_new_file
            memory.urls = _urls(spooled.item)
            memory.save()
    outcome = "updated" if is_changed else "unchanged"
    return result_of(spooled, outcome, notes=(*made.notes, *notes.notes))


def _made(run: RunContext, item: SourceItem) -> MediaFile:
    obtained = run.finder.obtain(item.details)
    return make_file(item.kind, obtained, urls=_urls(item))


def _target_kind(item: SourceItem) -> str:
    return "image" if item.kind is ItemKind.IMAGE else "document"


def _urls(item: SourceItem) -> list[str]:
    return [url for url in item.details.get("urls") or () if isinstance(url, str)]


def _set_words(thing: Any, item: SourceItem, filename: str, notes: ItemNotes) -> None:
    thing.title = notes.fit(item.title or filename, 255, "title") or "Untitled"
    if isinstance(thing, CustomImage):
        thing.description = notes.fit(str(item.details.get("alt") or ""), 255, "alternative text")
        thing.credit = notes.fit(str(item.details.get("credit") or ""), _CREDIT_LENGTH, "credit")


def file_digest(thing: Any) -> str:
    """Of what an editor may change of it."""
    words = [thing.title, thing.file_hash or ""]
    if isinstance(thing, CustomImage):
        words += [thing.description, thing.credit]
    return hashlib.blake2b("\x1f".join(words).encode(), digest_size=16).hexdigest()


def _hash_of(made: MediaFile) -> str:
    """As Wagtail hashes files."""
    made.file.seek(0)
    digest = hashlib.sha1(made.file.read(), usedforsecurity=False).hexdigest()
    made.file.seek(0)
    return digest


def await_public_sizes(run: RunContext, batch: list[Spooled]) -> None:
    """Waits for the sizes of the pictures that these items show, before anything is locked."""
    resolver = run.resolver()
    found = [
        resolver.find(text, is_image=True)
        for spooled in batch
        for text in wanted_pictures(spooled.item)
    ]
    run.sizes.wait_for({item.pk for item in found if item.kind == "image" and item.pk})
