"""Redirects: whoever follows an address of the old website reaches the page here."""

from collections.abc import Iterator, Sequence

from django.db import transaction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from cms.importing.content import Change, Note
from cms.importing.context import RunContext
from cms.importing.scratch import Spooled
from cms.models import ImportedItem
from cms.redirects import keep_old_paths
from cms.site_map import read_site_map
from delivery.interface import Document

_BATCH = 200
_PATH_LENGTH = 255


def make_redirects(run: RunContext) -> None:
    """Makes the redirects that are still to be made, when all new paths are known.

    A path at which something is public is left to it, and a rule that is there already stays.
    What was done is remembered with it, so a rule that an editor deletes does not come back.
    """
    for memories in _waiting(run):
        with transaction.atomic():
            _make(run, memories)


def _waiting(run: RunContext) -> Iterator[list[ImportedItem]]:
    """Those whose item is in the source, by key."""
    last = ""
    waiting = ImportedItem.objects.filter(
        source=run.saved_source, has_pending_redirects=True
    ).order_by("key")
    while batch := list(waiting.filter(key__gt=last)[:_BATCH]):
        last = batch[-1].key
        yield batch


def _make(run: RunContext, memories: Sequence[ImportedItem]) -> None:
    site_map = read_site_map()
    pages = Page.objects.in_bulk([memory.page_id for memory in memories if memory.page_id])
    wanted: dict[str, tuple[Page, Spooled]] = {}
    for memory in memories:
        page = pages.get(memory.page_id or 0)
        spooled = run.scratch.find(memory.key)
        place = None if page is None else site_map.locate(page)
        if page is None or spooled is None or place is None or place[0] != run.site.pk:
            continue
        own = Redirect.normalise_path(place[1])
        for path in old_paths(run, spooled):
            if path != own:
                wanted.setdefault(path, (page, spooled))
    _note_long(run, wanted)
    free = set(wanted) - _taken(run, list(wanted))
    keep_old_paths([(run.site.pk, path, wanted[path][0]) for path in wanted if path in free])
    ImportedItem.objects.filter(pk__in=[memory.pk for memory in memories]).update(
        has_pending_redirects=False
    )


def old_paths(run: RunContext, spooled: Spooled) -> list[str]:
    """The paths at which visitors of the old website asked for the thing."""
    found: dict[str, None] = {}
    for text in spooled.item.addresses:
        address = run.reader.read(text)
        if address is None or not address.is_internal or not address.asked_path:
            continue
        for path in (address.asked_path, address.name):
            normal = Redirect.normalise_path(path)
            if normal != "/":
                found[normal] = None
    return list(found)


def _note_long(run: RunContext, wanted: dict[str, tuple[Page, Spooled]]) -> None:
    for path in [path for path in wanted if len(path) > _PATH_LENGTH]:
        _page, spooled = wanted.pop(path)
        message = f"The old address {path} is too long for a redirect."
        run.scratch.add_note(spooled.seq, Note(Change.DROPPED, "redirect-too-long", message))


def _taken(run: RunContext, paths: list[str]) -> set[str]:
    """Those at which something is public, or for which there is a rule."""
    forms = [form for path in paths for form in (path, f"{path}/")]
    public = Document.objects.filter(site_id=run.site.pk, path__in=forms)
    ruled = Redirect.objects.filter(old_path__in=paths, site_id__in=[run.site.pk])
    anywhere = Redirect.objects.filter(old_path__in=paths, site=None)
    return (
        {path.rstrip("/") for path in public.values_list("path", flat=True)}
        | set(ruled.values_list("old_path", flat=True))
        | set(anywhere.values_list("old_path", flat=True))
    )
