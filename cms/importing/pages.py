"""Pages: profiles, sections, pages and posts, some at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from wagtail.models import Locale

from cms.fields import words_are_kept
from cms.importing.content import Change, ItemKind, SourceItem
from cms.importing.context import RunContext, result_of
from cms.importing.page_fields import (
    MODELS,
    PageFields,
    default_day,
    fields_of,
    plain_fields,
    publication_of,
    wished_slug,
)
from cms.importing.page_rows import NewPage, insert_bodies, insert_places, set_fields
from cms.importing.page_updates import update_page
from cms.importing.places import BLOG, PEOPLE, Place, Places, index_key, save_place
from cms.importing.resolve import Resolver
from cms.importing.scratch import Result, Spooled
from cms.importing.slugs import free_slug
from cms.models import BlogIndexPage, BlogPostPage, ImportedItem, ProfileIndexPage
from cms.publishing import sync_pages
from cms.site_map import SiteMap
from outbox.interface import lock_ledger

_INDEXES = {BLOG: (BlogIndexPage, "Blog", "blog"), PEOPLE: (ProfileIndexPage, "People", "people")}


@dataclass(slots=True)
class _Draft:
    spooled: Spooled
    new: NewPage
    resolver: Resolver
    fields: PageFields | None = None


def import_pages(run: RunContext, batch: Sequence[Spooled], site_map: SiteMap) -> list[Result]:
    """Makes or updates the pages of a batch, and their documents.

    To be called in a transaction, which the caller rolls back where this raises: then nothing of
    the batch was done. In a rehearsal it writes nothing and gives the same results.
    """
    if not run.is_dry_run:
        lock_ledger()
    places = Places(run, site_map)
    new: list[_Draft] = []
    results: list[Result] = []
    to_sync: list[int] = []
    for spooled in batch:
        target = run.scratch.target_of(spooled.item.key)
        if target is None:
            new.append(_begin(run, spooled, places))
        else:
            result, is_public_changed = update_page(run, spooled, target[1], places)
            results.append(result)
            to_sync += [target[1]] * is_public_changed
    if new:
        with words_are_kept():
            results += _insert(run, new, site_map)
        to_sync += [draft.new.page.pk for draft in new if draft.new.publication.live]
    if to_sync and not run.is_dry_run:
        sync_pages(to_sync)
    return results


def missing_indexes(run: RunContext, batch: Sequence[Spooled], site_map: SiteMap) -> list[Spooled]:
    """Items for the indexes that the batch needs and that are not there: to be imported first."""
    missing = Places(run, site_map).missing_index(batch)
    return [_index_item(run, model, locale) for model, locale in missing]


def _index_item(run: RunContext, model: str, locale: Locale) -> Spooled:
    _model, title, slug = _INDEXES[model]
    item = SourceItem(
        key=index_key(model, locale),
        kind=ItemKind.SECTION,
        where="",
        title=title,
        slug=slug,
        locale=locale.language_code,
        published_at=run.now,
    )
    return Spooled(run.scratch.next_seq(), item, "", None)


def _model_of(item: SourceItem) -> type[Any]:
    if item.key.startswith(f"galley:{PEOPLE}:"):
        return ProfileIndexPage
    return MODELS[item.kind]


def _begin(run: RunContext, spooled: Spooled, places: Places) -> _Draft:
    """The page with what it needs to get a place in the tree."""
    item, resolver = spooled.item, run.resolver()
    place = places.parent_of(spooled, resolver.notes)
    if place is None:
        raise ValidationError("There is no page below which it could lie.")
    plain = plain_fields(item, resolver)
    wish = wished_slug(item, plain["title"])
    slug = free_slug(run, place, wish, item.key)
    if item.slug and slug != item.slug:
        message = f"The slug “{item.slug}” became “{slug}”."
        resolver.notes.add(Change.CHANGED, "slug-changed", message)
    publication = publication_of(item, run, resolver)
    page = _model_of(item)(
        **plain,
        slug=slug,
        locale_id=place.locale_id,
        translation_key=uuid4(),
        live=publication.live,
        has_unpublished_changes=not publication.live,
        go_live_at=publication.go_live_at,
        first_published_at=publication.first_published_at,
        last_published_at=publication.last_published_at,
    )
    if isinstance(page, BlogPostPage):
        page.date = default_day()
    return _Draft(spooled, NewPage(page, place, publication), resolver)


def _insert(run: RunContext, drafts: Sequence[_Draft], site_map: SiteMap) -> list[Result]:
    if run.is_dry_run:
        for draft in drafts:
            _pretend_place(run, draft)
    else:
        insert_places([draft.new for draft in drafts])
    for draft in drafts:
        run.scratch.set_target(draft.spooled.item.key, "page", draft.new.page.pk)
    filled = []
    for draft in drafts:
        fields = fields_of(draft.spooled.item, draft.resolver)
        _tell_hidden(draft)
        set_fields(draft.new.page, fields)
        check_fields(draft.new.page)
        filled.append((draft.new, fields))
    if not run.is_dry_run:
        revisions = insert_bodies(filled, user=None, now=run.now)
        _remember(run, drafts, revisions)
    for draft in drafts:
        if draft.resolver.is_forward:
            run.scratch.add_pending(draft.spooled.seq)
    return [_result(draft, site_map, is_dry_run=run.is_dry_run) for draft in drafts]


def _pretend_place(run: RunContext, draft: _Draft) -> None:
    page, above = draft.new.page, draft.new.place
    page.pk = page.id = run.new_key()
    page.url_path = f"{above.url_path}{page.slug}/"
    place = Place(
        pk=page.pk,
        path="",
        url_path=page.url_path,
        depth=above.depth + 1,
        locale_id=above.locale_id,
        model=page._meta.model_name,
        is_hidden=above.is_hidden or draft.new.publication.is_private,
    )
    save_place(run, draft.spooled.item.key, place)


def check_fields(page: Any) -> None:
    """Raises `ValidationError` for a value that the editor's form would not take."""
    page.clean_fields(
        exclude=[
            field.name
            for field in page._meta.get_fields()
            if field.is_relation or field.name in {"path", "depth", "numchild", "draft_title"}
        ]
    )


def _tell_hidden(draft: _Draft) -> None:
    publication = draft.new.publication
    if draft.new.place.is_hidden and publication.live and not publication.is_private:
        message = "It lies below a page that is not for everyone, and so is not public either."
        draft.resolver.notes.add(Change.CHANGED, "hidden-with-parent", message)


def _remember(run: RunContext, drafts: Sequence[_Draft], revisions: dict[int, int]) -> None:
    ImportedItem.objects.bulk_create(
        [
            ImportedItem(
                source=run.saved_source,
                key=draft.spooled.item.key,
                kind=draft.spooled.item.kind.value,
                title=draft.new.page.title[:255],
                where=draft.spooled.item.where,
                parent_key=draft.spooled.parent or "",
                digest=draft.spooled.digest,
                revision_id=revisions[draft.new.page.pk],
                page_id=draft.new.page.pk,
                has_pending_links=draft.resolver.is_pending,
                has_pending_redirects=bool(draft.spooled.item.addresses),
            )
            for draft in drafts
        ]
    )


def _result(draft: _Draft, site_map: SiteMap, *, is_dry_run: bool) -> Result:
    page = draft.new.page
    place = site_map.locate(page)
    return result_of(
        draft.spooled,
        "imported",
        page_id=None if is_dry_run else page.pk,
        new_path="" if place is None else place[1],
        notes=tuple(draft.resolver.notes.notes),
    )
