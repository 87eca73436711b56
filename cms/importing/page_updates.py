"""Pages that are here already: what changed at the source changes here, and nothing else."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wagtail.models import Page, PageViewRestriction

from cms.importing.content import Change
from cms.importing.context import RunContext, result_of
from cms.importing.page_fields import (
    PageFields,
    Publication,
    fields_of,
    publication_of,
    wished_slug,
)
from cms.importing.page_rows import LOG_ACTION, set_fields, set_lists
from cms.importing.places import Places
from cms.importing.resolve import Resolver
from cms.importing.scratch import Result, Spooled
from cms.importing.slugs import free_slug
from cms.models import ImportedItem


def update_page(run: RunContext, spooled: Spooled, pk: int, places: Places) -> tuple[Result, bool]:
    """Brings one page up to date with its item; gives the result and whether anything changed.

    A page that an editor has changed since is left alone unless the run overwrites.
    """
    memory = ImportedItem.objects.get(source=run.saved_source, key=spooled.item.key)
    page = Page.objects.get(pk=pk).specific
    resolver = run.resolver()
    if page.latest_revision_id != memory.revision_id and not run.options.overwrites:
        message = "It was edited here since; what changed at the source was not taken over."
        resolver.notes.add(Change.DROPPED, "edited-here", message)
        return _result(spooled, page, "skipped", resolver), False
    fields = fields_of(spooled.item, resolver)
    publication = publication_of(spooled.item, run, resolver)
    was_moved = (spooled.parent or "") != memory.parent_key
    is_moved = was_moved and _move(run, spooled, page, places=places, resolver=resolver)
    slug = _slug(run, spooled, page, places, resolver)
    is_changed = (
        is_moved
        or slug != page.slug
        or differs(page, fields)
        or _is_published_otherwise(page, publication)
    )
    if is_changed and not run.is_dry_run:
        if is_moved:
            page = Page.objects.get(pk=pk).specific
        page.slug = slug
        _write(run, page, fields, publication)
    if not run.is_dry_run:
        _remember(spooled, page, memory, resolver)
    if resolver.is_forward:
        run.scratch.add_pending(spooled.seq)
    return _result(spooled, page, "updated" if is_changed else "unchanged", resolver), is_changed


def _result(spooled: Spooled, page: Any, outcome: str, resolver: Resolver) -> Result:
    return result_of(spooled, outcome, page_id=page.pk, notes=tuple(resolver.notes.notes))


def _slug(run: RunContext, spooled: Spooled, page: Any, places: Places, resolver: Resolver) -> str:
    """The present one, unless the source asks for another now."""
    wish = wished_slug(spooled.item, page.title)
    if not spooled.item.slug or re.fullmatch(rf"{re.escape(wish)}(-\d+)?", page.slug):
        return str(page.slug)
    parent = places.parent_of(spooled, type(resolver.notes)())
    return (
        str(page.slug)
        if parent is None
        else free_slug(run, parent, wish, spooled.item.key, own=page.pk)
    )


def _move(
    run: RunContext, spooled: Spooled, page: Any, *, places: Places, resolver: Resolver
) -> bool:
    """Moves the page where the source moved it; where an editor did, it stays."""
    parent = places.parent_of(spooled, resolver.notes)
    if parent is None or parent.path == page.path[: -Page.steplen]:
        return False
    if parent.path.startswith(page.path):
        message = "The source moved it below itself; it stays where it is."
        resolver.notes.add(Change.CHANGED, "parent-cycle", message)
        return False
    if not run.is_dry_run:
        page.slug = free_slug(run, parent, page.slug, spooled.item.key, own=page.pk)
        page.save(update_fields=["slug"], clean=False)
        page.move(Page.objects.get(pk=parent.pk), pos="last-child")
    return True


def differs(page: Any, fields: PageFields) -> bool:
    """Whether the page says anything else than these fields."""
    if any(getattr(page, name) != value for name, value in fields.plain.items()):
        return True
    if any(_raw(page, name) != list(raw) for name, raw in fields.streams.items()):
        return True
    return lists_differ(page, fields)


def lists_differ(page: Any, fields: PageFields) -> bool:
    """Whether a post has other authors, categories or tags."""
    if fields.authors is None:
        return False
    authors = page.post_authors.order_by("sort_order").values_list("profile_id", flat=True)
    return (
        tuple(authors) != fields.authors
        or set(page.categories.values_list("pk", flat=True)) != set(fields.categories or ())
        or {tag.name for tag in page.tags.all()} != set(fields.tags or ())
    )


def _raw(page: Any, name: str) -> list[Mapping[str, Any]]:
    value = getattr(page, name)
    raw: list[Mapping[str, Any]] = json.loads(
        json.dumps(value.stream_block.get_prep_value(value), default=str)
    )
    return raw


def _is_published_otherwise(page: Any, publication: Publication) -> bool:
    if page.live != publication.live:
        return True
    if not page.live and page.go_live_at != publication.go_live_at:
        return True
    if publication.is_dated and page.first_published_at != publication.first_published_at:
        return True
    return _is_private(page) != publication.is_private


def _is_private(page: Any) -> bool:
    return bool(PageViewRestriction.objects.filter(page_id=page.pk).exists())


def _write(run: RunContext, page: Any, fields: PageFields, publication: Publication) -> None:
    set_fields(page, fields)
    if fields.authors is not None:
        set_lists(page, fields)
    if publication.is_private != _is_private(page):
        _set_private(page, is_private=publication.is_private)
    if page.live and not publication.live:
        page.unpublish(log_action=LOG_ACTION)
    page.go_live_at = publication.go_live_at
    page.draft_title = page.title
    page.live = publication.live
    page.save(log_action=False)
    page.revisions.exclude(approved_go_live_at=None).update(approved_go_live_at=None)
    revision = page.save_revision(
        clean=False, log_action=LOG_ACTION, approved_go_live_at=publication.go_live_at
    )
    if publication.live:
        page.live_revision = revision
        page.has_unpublished_changes = False
        if publication.is_dated or page.first_published_at is None:
            page.first_published_at = publication.first_published_at
        page.last_published_at = _last_published(run, publication)
    page.save(
        clean=False,
        update_fields=[
            *("live_revision", "has_unpublished_changes"),
            *("first_published_at", "last_published_at"),
        ],
    )


def _last_published(run: RunContext, publication: Publication) -> datetime | None:
    """The source's own word; the present where it names no day for this change."""
    if publication.last_published_at != publication.first_published_at:
        return publication.last_published_at
    return run.now


def _set_private(page: Any, *, is_private: bool) -> None:
    if is_private:
        PageViewRestriction.objects.create(
            page_id=page.pk, restriction_type=PageViewRestriction.LOGIN
        )
    else:
        for restriction in PageViewRestriction.objects.filter(page_id=page.pk):
            restriction.delete()


def _remember(spooled: Spooled, page: Any, memory: ImportedItem, resolver: Resolver) -> None:
    before = (memory.digest, memory.revision_id, memory.has_pending_links, memory.parent_key)
    memory.parent_key = spooled.parent or ""
    memory.has_pending_links = resolver.is_pending
    memory.revision_id = page.latest_revision_id
    if memory.digest != spooled.digest:
        memory.has_pending_redirects = bool(spooled.item.addresses)
        memory.title = page.title[:255]
        memory.where = spooled.item.where
    memory.digest = spooled.digest
    after = (memory.digest, memory.revision_id, memory.has_pending_links, memory.parent_key)
    if before != after:
        memory.save()
