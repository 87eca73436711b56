"""What an item says, as the fields of the page that it becomes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import unquote

from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Page

from accounts.interface import User
from cms.importing.blocks import is_web_url, stream_of, with_ids
from cms.importing.content import Change, ItemKind, SourceItem, Status
from cms.importing.context import RunContext
from cms.importing.resolve import Resolver
from cms.models import BlogIndexPage, BlogPostPage, ProfilePage, StandardPage

MODELS: Final[Mapping[ItemKind, type[Any]]] = {
    ItemKind.PROFILE: ProfilePage,
    ItemKind.SECTION: BlogIndexPage,
    ItemKind.POST: BlogPostPage,
    ItemKind.PAGE: StandardPage,
}
_INTRO_LENGTH: Final = 500
_SLUG_LENGTH: Final = 200
_TAG_LENGTH: Final = 100
_SLUG_BREAKS: Final = re.compile(r"[\s./\\:;,+&@|]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFields:
    """The values of a page: plain fields by their names, and what hangs on it."""

    plain: Mapping[str, Any]
    streams: Mapping[str, Sequence[Mapping[str, Any]]]
    authors: tuple[int, ...] | None = None
    """Keys of profiles; None for a page that has no such list, as for the next two."""
    categories: tuple[int, ...] | None = None
    tags: tuple[str, ...] | None = None


def fields_of(item: SourceItem, resolver: Resolver) -> PageFields:
    """The fields of the page that the item becomes; what does not fit is noted."""
    common = plain_fields(item, resolver)
    match item.kind:
        case ItemKind.POST:
            return _post(item, resolver, common)
        case ItemKind.SECTION:
            return _section(item, resolver, common)
        case ItemKind.PROFILE:
            return _profile(item, resolver, common)
    return _page(item, resolver, common)


def title_of(item: SourceItem, resolver: Resolver) -> str:
    """The title; one made of the slug or the kind where the source has none."""
    title = resolver.notes.fit(item.title, 255, "title")
    if title:
        return title
    made = item.slug.replace("-", " ").strip().capitalize()[:255] or f"Untitled {item.kind.value}"
    resolver.notes.add(Change.GUESSED, "title-missing", f"It has no title; it is called “{made}”.")
    return made


def wished_slug(item: SourceItem, title: str) -> str:
    """The item's slug made valid; of its title, and at last its kind, where it has none."""
    for text in (unquote(item.slug), title):
        made = slugify(_SLUG_BREAKS.sub("-", text), allow_unicode=True).strip("-_")
        if made:
            return made[:_SLUG_LENGTH].strip("-_")
    return item.kind.value


def plain_fields(item: SourceItem, resolver: Resolver) -> dict[str, Any]:
    """Those that every page has and that name nothing else; all of Wagtail's own are among them."""
    notes = resolver.notes
    return {
        "title": title_of(item, resolver),
        "seo_title": notes.fit(item.seo_title, 255, "title for search engines"),
        "search_description": " ".join(item.description.split()),
        "noindex": item.noindex,
    }


def _intro(item: SourceItem, resolver: Resolver) -> str:
    return resolver.notes.fit(item.summary, _INTRO_LENGTH, "introduction")


def _post(item: SourceItem, resolver: Resolver, common: dict[str, Any]) -> PageFields:
    cover = resolver.image(item.cover, "cover image") if item.cover else None
    plain = common | {"intro": _intro(item, resolver), "cover_image_id": cover}
    if _has_field(BlogPostPage, "is_featured"):
        plain["is_featured"] = item.is_featured
    day = _day_of(item)
    if day is not None:
        plain["date"] = day
    return PageFields(
        plain=plain,
        streams={"body": stream_of(item.body, resolver, key=item.key)},
        authors=_keys(item.authors, "page", "author", resolver),
        categories=_keys(item.categories, "category", "category", resolver),
        tags=_tags(item.tags, resolver),
    )


def _day_of(item: SourceItem) -> date | None:
    """The day as it was where the post was written."""
    moment = item.published_at or item.updated_at
    return None if moment is None else moment.date()


def _page(item: SourceItem, resolver: Resolver, common: dict[str, Any]) -> PageFields:
    body = list(item.body)
    if item.cover:
        body.insert(0, {"type": "image", "value": {"image": item.cover}})
        message = "Pages have no cover image here; it stands at the top of the text."
        resolver.notes.add(Change.CHANGED, "cover-in-text", message)
    _note_unused(item, resolver, "authors", "categories", "tags")
    return PageFields(
        plain=common | {"intro": _intro(item, resolver)},
        streams={"body": stream_of(body, resolver, key=item.key)},
    )


def _section(item: SourceItem, resolver: Resolver, common: dict[str, Any]) -> PageFields:
    intro = str(item.details.get("intro") or item.summary)
    _note_unused(item, resolver, "body", "cover", "authors", "categories", "tags")
    plain = common | {"intro": resolver.notes.fit(intro, _INTRO_LENGTH, "introduction")}
    return PageFields(plain=plain, streams={})


def _note_unused(item: SourceItem, resolver: Resolver, *names: str) -> None:
    for name in names:
        if getattr(item, name):
            message = f"What its {name} said has no place on a {item.kind.value} here."
            resolver.notes.add(Change.DROPPED, f"{item.kind.value}-{name}", message)


def _profile(item: SourceItem, resolver: Resolver, common: dict[str, Any]) -> PageFields:
    notes, details = resolver.notes, item.details
    photo = details.get("photo") or item.cover
    links = []
    for link in details.get("links") or ():
        url = str(link.get("url") or "")
        if is_web_url(url):
            label = notes.fit(str(link.get("label") or url), 100, "label of a link")
            links.append({"type": "link", "value": {"label": label, "url": url}})
        else:
            notes.add(Change.DROPPED, "link-unfit", f"“{url}” is no address on the web.")
    user = (
        User.objects.filter(email__iexact=str(details["email"])) if details.get("email") else None
    )
    return PageFields(
        plain=common
        | {
            "role": notes.fit(str(details.get("role") or ""), 120, "role"),
            "bio": resolver.html(str(details.get("bio") or ""), is_short=True),
            "photo_id": resolver.image(str(photo), "photo") if photo else None,
            "user_id": user.values_list("pk", flat=True).first() if user is not None else None,
        },
        streams={"links": with_ids(links, f"{item.key}:links")},
    )


def _keys(keys: Sequence[str], kind: str, what: str, resolver: Resolver) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for key in keys:
        target = resolver.scratch.target_of(key)
        if target is not None and target[0] == kind:
            found[target[1]] = None
        else:
            resolver.is_pending = True
            message = f"Its {what} {key} is not here."
            resolver.notes.add(Change.MISSING, f"{what}-missing", message)
    return tuple(found)


def _tags(tags: Sequence[str], resolver: Resolver) -> tuple[str, ...]:
    names = (resolver.notes.fit(tag, _TAG_LENGTH, "tag") for tag in tags)
    return tuple(dict.fromkeys(filter(None, names)))


def _has_field(model: type[Page], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Whether a page is live, and since when."""

    live: bool
    is_private: bool = False
    go_live_at: datetime | None = None
    first_published_at: datetime | None = None
    last_published_at: datetime | None = None
    is_dated: bool = False
    """Whether the source said since when."""


def publication_of(item: SourceItem, run: RunContext, resolver: Resolver) -> Publication:
    """The item's status in Wagtail's terms.

    What was to go live at an hour that is over is live: the scheduler would publish it at once.
    """
    status = item.status
    if status is Status.SCHEDULED and item.published_at is None:
        message = "It was scheduled without a date; it is a draft now."
        resolver.notes.add(Change.CHANGED, "schedule-undated", message)
        status = Status.DRAFT
    if status is Status.DRAFT:
        return Publication(live=False)
    if status is Status.SCHEDULED and item.published_at and item.published_at > run.now:
        return Publication(live=False, go_live_at=item.published_at)
    if status is Status.SCHEDULED:
        message = "The hour at which it was to go live is over; it is live."
        resolver.notes.add(Change.CHANGED, "schedule-over", message)
    first = item.published_at or item.updated_at
    if first is None and item.kind is ItemKind.POST:
        message = "It has no date; the day of the import was put in its place."
        resolver.notes.add(Change.GUESSED, "date-missing", message)
    first = first or run.now
    last = item.updated_at if item.updated_at and item.updated_at > first else first
    return Publication(
        live=True,
        is_private=status is Status.PRIVATE,
        first_published_at=first,
        last_published_at=last,
        is_dated=item.published_at is not None,
    )


def default_day() -> date:
    """The day of a post that has none."""
    return timezone.localdate()
