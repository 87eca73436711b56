"""What each kind of edit means for the public side: the verbs that signal handlers call.

Publishing must happen in a transaction and is refused outside one, because the page and its
document would not commit together. Whatever may take something out of the public's sight
opens a transaction of its own where the caller has none: refusing there would leave the page
hidden and its document public.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from taggit.models import Tag
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction, Revision

from cms.dependants import public_dependants, sync_dependants
from cms.document_builders.context import DependantKind, file_reference_id, page_document_id
from cms.models import Category
from cms.publishing import (
    delete_page,
    publish_page,
    sources_naming,
    sync_page_sources,
    sync_schedule,
    sync_subtree,
    withdraw_page,
)
from cms.schedules import is_announced
from cms.site_documents import sync_everything_on_sites, sync_sites
from media.interface import CustomDocument, CustomImage
from outbox.interface import lock_ledger

_SITE_ROOT_DEPTH = 2


def page_published(page: Page) -> None:
    """A page is live with a new text."""
    publish_page(page)
    _sync_sites_of(page)


def revision_saved(revision: Revision, *, is_new: bool, fields: Collection[str] | None) -> None:
    """A draft was kept, or a text was approved for a later hour, or that was taken back.

    Drafts are kept all the time: those that are to go live at no hour cost nothing here, or one
    query where an older one is written over.
    """
    is_approved = revision.approved_go_live_at is not None
    if fields is not None and "approved_go_live_at" not in fields:
        return
    if is_new and not is_approved:
        return
    if revision.base_content_type != ContentType.objects.get_for_model(Page):
        return
    if is_approved or is_announced(int(revision.object_id)):
        with transaction.atomic():
            sync_schedule(revision)


@transaction.atomic
def page_withdrawn(page: Page) -> None:
    """A page is no longer live."""
    withdraw_page(page)
    _sync_sites_of(page)


@transaction.atomic
def page_relocated(page: Page) -> None:
    """A page lies elsewhere, with all below it."""
    sync_subtree(page)
    _sync_sites_of(page)


@transaction.atomic
def paths_below_changed(page: Page) -> None:
    """The slug of a page changed, so that all below it have new paths."""
    sync_subtree(page, with_top=False)


@transaction.atomic
def page_deleted(page: Page) -> None:
    """A page is gone: what named it is built again, without it."""
    lock_ledger()
    sources = sources_naming([page_document_id(page.pk)])
    delete_page(page)
    _sync_sources(sources)
    _sync_sites_of(page)


@transaction.atomic
def visibility_changed(restriction: PageViewRestriction, *, origin: Any = None) -> None:
    """Who may see a page, and all below it, changed.

    Where a restriction goes because its page does (`origin`, see `sites_changed`), there is
    nothing to show again.
    """
    if _begins_with_page(origin):
        return
    page = Page.objects.filter(pk=restriction.page_id).first()
    if page is not None:
        sync_subtree(page)


@transaction.atomic
def dependant_changed(instance: CustomImage | Tag | Category) -> None:
    """An image, a tag or a category was saved; where it is public, its document follows."""
    sync_dependants(public_dependants(_kind_of(instance), instance.pk))


@transaction.atomic
def dependant_deleted(instance: CustomImage | Tag | Category) -> None:
    """An image, a tag or a category is gone: what named it is built again, without it."""
    dependants = public_dependants(_kind_of(instance), instance.pk)
    sources = sources_naming([dependant.document_id for dependant in dependants])
    _sync_sources(sources)
    sync_dependants(dependants)


@transaction.atomic
def file_changed(document: CustomDocument) -> None:
    """A file for download was saved or deleted: what offers it is built again."""
    lock_ledger()
    sync_page_sources(sources_naming([file_reference_id(document.pk)]))


@transaction.atomic
def collection_visibility_changed(restriction: CollectionViewRestriction) -> None:
    """A collection was closed or opened: what offers its files is built again."""
    collections = restriction.collection.get_descendants(inclusive=True)
    files = CustomDocument.objects.filter(collection__in=collections).values_list("pk", flat=True)
    sync_page_sources(sources_naming([file_reference_id(pk) for pk in files]))


@transaction.atomic
def site_content_changed(_instance: Any) -> None:
    """Settings, a menu or a banner of a website changed."""
    sync_sites()


@transaction.atomic
def sites_changed(_instance: Any, *, origin: Any = None) -> None:
    """A website or a language was added, changed or removed.

    `origin` is what a deletion began with. Where that is a page, the website goes because its
    top page does: the tree is half gone then, and each page's own deletion sees to its document.
    """
    if _begins_with_page(origin):
        sync_sites()
    else:
        sync_everything_on_sites()


def _sync_sources(sources: set[str]) -> None:
    sync_page_sources(sources)
    for source in sorted(sources):
        kind, _, key = source.partition(":")
        if kind == "category":
            sync_dependants(public_dependants("category", int(key)))
    if any(source.startswith("site:") for source in sources):
        sync_sites()


def _begins_with_page(origin: Any) -> bool:
    # Django names what a deletion began with: an object or a queryset.
    return issubclass(getattr(origin, "model", type(origin)), Page)


def _sync_sites_of(page: Page) -> None:
    # The languages of a website are those in which its home page is live.
    if page.depth == _SITE_ROOT_DEPTH:
        sync_sites()


def _kind_of(instance: CustomImage | Tag | Category) -> DependantKind:
    if isinstance(instance, CustomImage):
        return "image"
    return "tag" if isinstance(instance, Tag) else "category"
