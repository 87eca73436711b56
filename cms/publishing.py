"""From an edit to the documents that it changes. Every path of the editor's side ends here.

There is one way to bring documents up to date: look at the sources as the database has them
now, build what the public may know of them, save that, and remove what is no longer public.
Publishing looks at one page, a move at a subtree, a rebuild at everything; so the documents
after any history of edits are those that a rebuild would make.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Length, Substr
from wagtail.models import Page, Revision

from cms.dependants import new_dependant_states, remove_orphans
from cms.document_builders.context import Dependant, page_document_id
from cms.document_builders.pages import BUILDERS, build_page_document
from cms.redirects import keep_old_paths
from cms.schedules import have_schedules, sync_schedules
from cms.site_map import SiteMap, read_site_map
from delivery.interface import (
    Document,
    DocumentState,
    read_present,
    remove_documents,
    save_documents,
)
from outbox.interface import lock_ledger

BATCH_SIZE = 100


def sync_pages(pks: Sequence[int], *, model: type[Page] = Page) -> int:
    """Brings the documents of these pages up to date; gives how many came, changed or went.

    Waits for its turn at the ledger before it reads anything, so that what it builds includes
    what others committed meanwhile: a restriction above the page, a new name of its author.
    Also writes the documents of images, tags and categories that become public with the pages,
    removes those that nothing shows any more (they are not counted), and keeps a redirect from
    each path that changed.
    Pages that are all of one class are read with fewer queries if `model` says which.

    Raises:
        NotInTransaction: no transaction is open.
    """
    lock_ledger()
    return _apply(fresh_pages(pks, model), read_site_map())


def _apply(pages: Sequence[Any], site_map: SiteMap) -> int:
    states, dependants, gone = _build(pages, site_map)
    wanted = [*(state.id for state in states), *(item.document_id for item in dependants)]
    present = read_present(wanted)
    new = new_dependant_states(dependants, public=present)
    changes = save_documents([*states, *new], present=present)
    removed = remove_documents(gone)
    _keep_redirects(pages, changes.moved_from)
    remove_orphans(changes.dropped | removed.dropped)
    if any(page.is_scheduled for page in pages):
        sync_schedules(pages, site_map)
    return len(changes.published) + len(changes.updated) + len(removed.removed)


def _build(
    pages: Sequence[Any], site_map: SiteMap
) -> tuple[list[DocumentState], set[Dependant], list[UUID]]:
    states: list[DocumentState] = []
    dependants: set[Dependant] = set()
    gone: list[UUID] = []
    for page in pages:
        place = site_map.locate(page)
        is_public = page.live and not site_map.is_restricted(page)
        if not is_public or place is None or type(page) not in BUILDERS:
            gone.append(page_document_id(page.pk))
            continue
        state, context = build_page_document(
            page,
            parent_id=None if site_map.is_top(page) else page.parent_id,
            place=place,
            locale=site_map.language_codes[page.locale_id],
        )
        states.append(state)
        dependants |= context.dependants
    return states, dependants, gone


def _keep_redirects(pages: Sequence[Page], moved_from: Mapping[UUID, tuple[int, str]]) -> None:
    by_id = {page_document_id(page.pk): page for page in pages}
    keep_old_paths([(*place, by_id[document_id]) for document_id, place in moved_from.items()])


def fresh_pages(pks: Iterable[int], model: type[Page] = Page) -> list[Any]:
    """These pages, specific, as the database has them; those that are gone are left out.

    Each has the key of the page above it as `parent_id`, and as `is_scheduled` whether an hour
    of any of them is known or was announced.
    """
    keys = list(pks)
    above = Substr(OuterRef("path"), 1, Length(OuterRef("path")) - Page.steplen)
    pages = model.objects.filter(pk__in=keys).annotate(
        parent_id=Subquery(Page.objects.order_by().filter(path=above).values("pk")),
        is_scheduled=have_schedules(keys),
    )
    return list((pages.specific() if model is Page else pages).order_by("path"))


def _batches_of_subtree(page: Page, *, with_top: bool) -> Iterator[list[int]]:
    """The keys of the page and all below it, in the order of the tree."""
    keys = (
        Page.objects.descendant_of(page, inclusive=with_top)
        .order_by("path")
        .values_list("pk", flat=True)
    )
    pks = list(keys)
    for start in range(0, len(pks), BATCH_SIZE):
        yield pks[start : start + BATCH_SIZE]


def sync_schedule(revision: Revision) -> None:
    """The page of this revision is to go live at an hour, at another one, or not any more."""
    lock_ledger()
    sync_schedules(fresh_pages([int(revision.object_id)]), read_site_map(), saved=revision)


def publish_page(page: Page) -> int:
    """The page was published, or published again."""
    return sync_pages([page.pk], model=type(page))


def withdraw_page(page: Page) -> int:
    """The page was unpublished."""
    return sync_pages([page.pk])


def sync_subtree(page: Page, *, with_top: bool = True) -> int:
    """The page was moved, or who may see it changed: the page and all below it."""
    lock_ledger()
    site_map = read_site_map()
    batches = _batches_of_subtree(page, with_top=with_top)
    return sum(_apply(fresh_pages(batch), site_map) for batch in batches)


def delete_page(page: Page) -> int:
    """The page was deleted."""
    lock_ledger()
    removed = remove_documents([page_document_id(page.pk)], is_deleted=True)
    remove_orphans(removed.dropped)
    sync_schedules([page], read_site_map(), is_deleted=True)
    return len(removed.removed)


def sources_naming(document_ids: Iterable[UUID]) -> set[str]:
    """What the documents that refer to these were made from."""
    return set(
        Document.objects.filter(references__target_id__in=list(document_ids)).values_list(
            "source", flat=True
        )
    )


def sync_page_sources(sources: Iterable[str]) -> int:
    """Brings the documents of those sources that are pages up to date."""
    pks = [int(key) for kind, _, key in (s.partition(":") for s in sources) if kind == "page"]
    return sync_pages(pks) if pks else 0
