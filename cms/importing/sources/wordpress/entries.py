"""Posts and pages of an export as items."""

from typing import Final
from urllib.parse import unquote

from cms.importing.content import Change, ItemKind, Note, SourceItem, Status
from cms.importing.sources.wordpress.bodies import Body, read_body
from cms.importing.sources.wordpress.catalogue import Catalogue, whole_number
from cms.importing.sources.wordpress.custom_fields import note_custom_fields, read_search_words
from cms.importing.sources.wordpress.dates import read_dates
from cms.importing.sources.wordpress.markup import has_markup, shorten, words
from cms.importing.sources.wordpress.old_addresses import OldAddresses
from cms.importing.sources.wordpress.records import RawItem, TermUse
from cms.importing.sources.wordpress.statuses import read_status

BLOG_KEY: Final = "section:blog"
_MAX_TITLE: Final = 255
_FORMAT: Final = "post-format-"


def where_of(item: RawItem) -> str:
    """Where a person finds it: the line of the file, and WordPress's number."""
    return f"line {item.line}, {item.kind} {item.post_id}".rstrip()


def key_of(item: RawItem) -> str:
    """The same in every export of the website, since WordPress's numbers stay."""
    return f"{item.kind}:{item.post_id or item.text('guid') or item.text('link')}"[:200]


class EntryReader:
    """Makes items of posts and pages."""

    def __init__(
        self, catalogue: Catalogue, addresses: OldAddresses, hosts: frozenset[str]
    ) -> None:
        self._catalogue = catalogue
        self._addresses = addresses
        self._hosts = hosts

    def read(self, item: RawItem) -> SourceItem:
        """A post or page with its text."""
        is_post = item.kind == "post"
        status, notes = read_status(item)
        published, updated, date_notes = read_dates(item)
        body = read_body(item, self._catalogue, where=where_of(item), hosts=self._hosts)
        title = self._title(item, body, notes)
        search = read_search_words(item)
        cover = self._cover(item, notes)
        notes += [*date_notes, *body.notes, *note_custom_fields(item), *self._other_notes(item)]
        return SourceItem(
            key=key_of(item),
            kind=ItemKind.POST if is_post else ItemKind.PAGE,
            where=where_of(item),
            title=title,
            slug=unquote(item.text("wp:post_name")),
            parent=BLOG_KEY if is_post else self._parent(item, notes),
            addresses=self._addresses.content(item),
            status=status,
            published_at=published,
            updated_at=updated,
            summary=body.summary,
            seo_title=search.title,
            description=search.description,
            body=body.blocks,
            authors=self._authors(item),
            categories=self._categories(item, notes) if is_post else (),
            tags=_tags(item, notes) if is_post else (),
            cover=cover if is_post else None,
            is_featured=is_post and self._is_sticky(item, status),
            noindex=search.noindex,
            notes=tuple(notes),
        )

    def _title(self, item: RawItem, body: Body, notes: list[Note]) -> str:
        raw = item.text("title")
        title = words(raw)
        if has_markup(raw):
            notes.append(Note(Change.CHANGED, "title-format", "The emphasis in its title is gone."))
        if not title:
            title = (
                shorten(body.summary or _first_words(body), 60)
                or f"Untitled {item.post_id}".strip()
            )
            notes.append(
                Note(Change.GUESSED, "title-missing", f"It has no title; it is called “{title}”.")
            )
        return shorten(title, _MAX_TITLE)

    def _cover(self, item: RawItem, notes: list[Note]) -> str | None:
        thumbnail = item.meta_value("_thumbnail_id")
        if thumbnail in {"", "0", "-1"}:
            return None
        attachment = self._catalogue.attachment(thumbnail)
        if attachment is None:
            message = f"Its featured image (attachment {thumbnail[:20]}) is not in the export."
            notes.append(Note(Change.MISSING, "featured-image-missing", message))
            return None
        if item.kind == "page":
            message = f"Pages have no leading image here; it was {attachment.url[:300]}."
            notes.append(Note(Change.DROPPED, "featured-image-of-page", message))
        return attachment.url

    def _is_sticky(self, item: RawItem, status: Status) -> bool:
        return item.text("wp:is_sticky") == "1" and status is not Status.PRIVATE

    def _parent(self, item: RawItem, notes: list[Note]) -> str | None:
        parent_id = item.text("wp:post_parent")
        if whole_number(parent_id) == 0:
            return None
        parent = self._catalogue.item(parent_id)
        if parent is None or parent.kind != "page" or parent.status in {"trash", "auto-draft"}:
            message = f"The page above it ({parent_id}) is not in the export; it went to the top."
            notes.append(Note(Change.CHANGED, "parent-missing", message))
            return None
        return f"page:{parent_id}"

    def _authors(self, item: RawItem) -> tuple[str, ...]:
        return (f"author:{item.login}",) if item.login else ()

    def _categories(self, item: RawItem, notes: list[Note]) -> tuple[str, ...]:
        others = sorted({use.taxonomy for use in item.terms} - _KNOWN_TAXONOMIES)
        for taxonomy in others:
            named = ", ".join(use.name for use in item.terms if use.taxonomy == taxonomy)
            message = f"Terms of the taxonomy “{taxonomy[:60]}” have no place here: {named[:300]}."
            notes.append(Note(Change.DROPPED, "taxonomy-unknown", message))
        used = [f"category:{use.slug}" for use in item.terms if use.taxonomy == "category"]
        return tuple(dict.fromkeys(used))

    def _other_notes(self, item: RawItem) -> list[Note]:
        notes = []
        if item.comment_count:
            message = (
                f"{item.comment_count} comments; they are in comments.json beside this report."
            )
            notes.append(Note(Change.DROPPED, "comments", message))
        template = item.meta_value("_wp_page_template")
        if template not in {"", "default"}:
            message = f"The theme showed it with its template {template[:100]}."
            notes.append(Note(Change.DROPPED, "page-template", message))
        order = whole_number(item.text("wp:menu_order"))
        if item.kind == "page" and order:
            message = (
                f"It was number {order} among its neighbours; pages lie in the order of the export."
            )
            notes.append(Note(Change.CHANGED, "menu-order", message))
        if item.has_control_characters:
            message = "Control characters, which no text can hold, were taken out."
            notes.append(Note(Change.DROPPED, "control-characters", message))
        return notes


_KNOWN_TAXONOMIES: Final = {"category", "post_tag", "post_format", "nav_menu"}


def _tags(item: RawItem, notes: list[Note]) -> tuple[str, ...]:
    found = [words(use.name) for use in item.terms if use.taxonomy == "post_tag"]
    for use in item.terms:
        if use.taxonomy == "post_format":
            tag = _format_tag(use)
            message = (
                f"Its post format is kept as the tag “{tag}”; the website decides how it looks."
            )
            notes.append(Note(Change.CHANGED, "post-format", message))
            found.append(tag)
    return tuple(dict.fromkeys(shorten(tag, 100) for tag in found if tag))


def _format_tag(use: TermUse) -> str:
    name = use.slug.removeprefix(_FORMAT) or use.name.lower()
    return f"format-{name}"


def _first_words(body: Body) -> str:
    for block in body.blocks:
        value = block["value"]
        text = words(value) if isinstance(value, str) else ""
        if isinstance(value, dict):
            text = words(str(value.get("text") or value.get("caption") or value.get("title") or ""))
        if text:
            return text
    return ""
