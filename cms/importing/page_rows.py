"""Many new pages at once, in the state in which Wagtail's own publishing would leave them.

Wagtail adds a page with 43 queries, saves its revision with 24 and publishes it with 85. Here a
batch shares what can be shared. What signals would do for each page is done by name instead:
documents (`sync_pages`), the admin's search index, the reference index, the log.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.db.models import F
from taggit.models import Tag
from wagtail.models import Page, PageLogEntry, PageViewRestriction, ReferenceIndex, Revision
from wagtail.search.backends import get_search_backends_with_name

from cms.importing.page_fields import PageFields, Publication
from cms.importing.places import Place
from cms.models import BlogPostAuthor, BlogPostPage, BlogPostTag, Category
from cms.models.blog import reading_minutes

LOG_ACTION: Final = "galley.import"
_STEP: Final = Page.steplen


@dataclass(slots=True)
class NewPage:
    """A page that is to be made: its row as far as it is known, and where it goes."""

    page: Any
    place: Place
    publication: Publication


def insert_places(pages: Sequence[NewPage]) -> None:
    """Gives each page its place in the tree and its key, without its own fields yet.

    Two statements for each parent and one for all pages. The parents stay locked to the end of
    the transaction, so that no second import gives the same place away.
    """
    below: dict[int, list[NewPage]] = defaultdict(list)
    for new in pages:
        below[new.place.pk].append(new)
    parents = {
        parent.pk: parent
        for parent in Page.objects.filter(pk__in=below).order_by("pk").select_for_update()
    }
    for pk, children in below.items():
        _place_below(parents[pk], children)
        Page.objects.filter(pk=pk).update(numchild=F("numchild") + len(children))
    rows = [_base_row(new.page) for new in pages]
    Page.objects.bulk_create(rows)
    for new, row in zip(pages, rows, strict=True):
        new.page.pk = new.page.id = row.pk
        new.page._state.db = "default"  # noqa: SLF001


def _place_below(parent: Page, children: Sequence[NewPage]) -> None:
    last = parent.get_children().order_by("-path").values_list("path", flat=True).first()
    number = Page._str2int(last[-_STEP:]) if last else 0  # noqa: SLF001
    for new in children:
        number += 1
        page = new.page
        page.path = Page._get_path(parent.path, parent.depth + 1, number)  # noqa: SLF001
        page.depth = parent.depth + 1
        page.numchild = 0
        page.url_path = f"{parent.url_path}{page.slug}/"
        page.draft_title = page.title
        page.content_type = ContentType.objects.get_for_model(page)


def _base_row(page: Any) -> Page:
    row = Page()
    for field in Page._meta.concrete_fields:
        setattr(row, field.attname, getattr(page, field.attname))
    return row


def set_fields(page: Any, fields: PageFields) -> None:
    """Sets the plain fields and the streams; what hangs on the page comes with `insert_bodies`."""
    for name, value in fields.plain.items():
        setattr(page, name, value)
    for name, raw in fields.streams.items():
        field = page._meta.get_field(name)
        setattr(page, name, field.to_python(json.dumps(raw)))
    if isinstance(page, BlogPostPage):
        page.reading_minutes = reading_minutes(page.intro, page.body)


def insert_bodies(
    pages: Sequence[tuple[NewPage, PageFields]], *, user: Any, now: datetime
) -> dict[int, int]:
    """Writes all else of pages that have their place: own fields, revision, log, indexes.

    Gives the revision of each page. Their documents are the caller's to build.
    """
    for new, _fields in pages:
        new.page.save_base(raw=True, force_insert=True)
    _insert_lists([(new.page, fields) for new, fields in pages if fields.authors is not None])
    _restrict(new.page for new, _fields in pages if new.publication.is_private)
    revisions = _insert_revisions([new for new, _fields in pages], user=user, now=now)
    _insert_log([new for new, _fields in pages], revisions, user=user, now=now)
    index_pages([new.page for new, _fields in pages])
    return revisions


def _insert_lists(pages: Sequence[tuple[Any, PageFields]]) -> None:
    tags = tags_of({name for _page, fields in pages for name in fields.tags or ()})
    authors: list[BlogPostAuthor] = []
    tagged: list[BlogPostTag] = []
    filed: list[Any] = []
    through = BlogPostPage.categories.through
    for page, fields in pages:
        mine = [
            BlogPostAuthor(post=page, profile_id=pk, sort_order=order)
            for order, pk in enumerate(fields.authors or ())
        ]
        mine_tagged = [BlogPostTag(content_object=page, tag=tags[n]) for n in fields.tags or ()]
        page.post_authors, page.tagged_items = mine, mine_tagged
        page.categories = [Category(pk=pk) for pk in fields.categories or ()]
        authors += mine
        tagged += mine_tagged
        filed += [
            through(blogpostpage_id=page.pk, category_id=pk) for pk in fields.categories or ()
        ]
    BlogPostAuthor.objects.bulk_create(authors)
    BlogPostTag.objects.bulk_create(tagged)
    through.objects.bulk_create(filed)


def set_lists(page: Any, fields: PageFields) -> None:
    """Gives a post that is there already its authors, categories and tags; saving it keeps them."""
    page.post_authors = [
        BlogPostAuthor(profile_id=pk, sort_order=order)
        for order, pk in enumerate(fields.authors or ())
    ]
    page.categories = list(Category.objects.filter(pk__in=fields.categories or ()))
    page.tags.set(tags_of(fields.tags or ()).values())


def tags_of(names: Iterable[str]) -> dict[str, Tag]:
    """The tags of these names; what is missing is made."""
    wanted = sorted(set(names))
    tags = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    for name in wanted:
        if name not in tags:
            tags[name] = Tag.objects.create(name=name)
    return tags


def _restrict(pages: Iterable[Any]) -> None:
    PageViewRestriction.objects.bulk_create(
        [
            PageViewRestriction(page_id=page.pk, restriction_type=PageViewRestriction.LOGIN)
            for page in pages
        ]
    )


def _insert_revisions(pages: Sequence[NewPage], *, user: Any, now: datetime) -> dict[int, int]:
    base = ContentType.objects.get_for_model(Page)
    revisions = [
        Revision(
            content_type=new.page.content_type,
            base_content_type=base,
            object_id=str(new.page.pk),
            created_at=now,
            user=user,
            object_str=str(new.page),
            content=new.page.serializable_data(),
            approved_go_live_at=new.publication.go_live_at,
        )
        for new in pages
    ]
    Revision.objects.bulk_create(revisions)
    for new, revision in zip(pages, revisions, strict=True):
        new.page.latest_revision = revision
        new.page.latest_revision_created_at = now
        new.page.live_revision = revision if new.publication.live else None
    Page.objects.bulk_update(
        [_base_row(new.page) for new in pages],
        ["latest_revision", "latest_revision_created_at", "live_revision"],
    )
    return {new.page.pk: revision.pk for new, revision in zip(pages, revisions, strict=True)}


def _insert_log(
    pages: Sequence[NewPage], revisions: dict[int, int], *, user: Any, now: datetime
) -> None:
    PageLogEntry.objects.bulk_create(
        [
            PageLogEntry(
                content_type=new.page.content_type,
                label=str(new.page)[:255],
                action=LOG_ACTION,
                timestamp=now,
                uuid=uuid4(),
                user=user,
                page_id=new.page.pk,
                revision_id=revisions[new.page.pk],
                content_changed=True,
            )
            for new in pages
        ]
    )


def index_pages(pages: Sequence[Any]) -> None:
    """Brings the admin's search and the index of references up to date."""
    by_model: dict[type[Any], list[Any]] = defaultdict(list)
    for page in pages:
        by_model[type(page)].append(page)
        ReferenceIndex.create_or_update_for_object(page)
    for _name, backend in get_search_backends_with_name(with_auto_update=True):
        for model, of_model in by_model.items():
            backend.add_bulk(model, of_model)
