"""A text of the folder as an item, with the people and categories that it names before it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from cms.importing.content import BlockData, Change, ItemKind, Note, SourceItem
from cms.importing.html_blocks import blocks_from_html, text_from_html
from cms.importing.sources.markdown.dates import moment_of
from cms.importing.sources.markdown.document import Document
from cms.importing.sources.markdown.fields import (
    Author,
    Term,
    authors_of,
    categories_of,
    cover_of,
    is_hidden_from_search,
    note_rest,
    status_of,
    tags_of,
)
from cms.importing.sources.markdown.folder import Folder
from cms.importing.sources.markdown.links import LinkReader
from cms.importing.sources.markdown.naming import Naming
from cms.importing.sources.markdown.references import References
from cms.importing.sources.markdown.shortcodes import replace_shortcodes
from cms.importing.sources.markdown.text import before_more, html_of
from core.interface import utc_now


def read_document(
    document: Document,
    naming: Naming,
    *,
    kind: ItemKind,
    date: datetime | None,
    parent: str | None,
    folder: Folder,
    references: References,
    notes: list[Note],
) -> Iterator[SourceItem]:
    """The authors and categories that a text names, then the text."""
    authors = authors_of(document) if kind is ItemKind.POST else []
    categories = categories_of(document) if kind is ItemKind.POST else []
    yield from (_profile(author, document) for author in authors)
    yield from (_category(term, document) for term in categories)
    links = LinkReader(folder, references, document, document.site.base_path + naming.url, notes)
    title, body = _title(document, _body(document, links, notes), notes)
    status, published_at = status_of(document, date, utc_now(), notes)
    tags = tags_of(document, notes)
    if kind is not ItemKind.POST:
        _note_of_page(document, tags, notes)
    note_rest(document, notes)
    cover = cover_of(document)
    yield SourceItem(
        key=document.path,
        kind=kind,
        where=document.path,
        title=title,
        slug=naming.slug,
        parent=parent,
        addresses=_addresses(document, naming),
        status=status,
        published_at=published_at,
        updated_at=_updated_at(document, notes),
        locale=document.language or None,
        summary=_summary(document),
        seo_title=document.text("seo_title"),
        body=() if kind is ItemKind.SECTION else tuple(body),
        authors=tuple(author.key for author in authors),
        categories=tuple(term.key for term in categories),
        tags=tags if kind is ItemKind.POST else (),
        cover=links.address(cover) if cover else None,
        is_featured=any(map(document.is_set, ("featured", "pinned", "sticky"))),
        noindex=is_hidden_from_search(document),
        details={"intro": _intro(document, body)} if kind is ItemKind.SECTION else {},
        notes=tuple(dict.fromkeys(notes)),
    )


def _updated_at(document: Document, notes: list[Note]) -> datetime | None:
    value = document.field("updated", "lastmod", "last_modified_at")
    return moment_of(value, document.site.zone, notes, name="date of change")


def _addresses(document: Document, naming: Naming) -> tuple[str, ...]:
    base = document.site.base_path
    others = [other if "://" in other else base + other for other in naming.others]
    return tuple(dict.fromkeys([base + naming.url, *others, f"file:{document.path}"]))


def _body(document: Document, links: LinkReader, notes: list[Note]) -> list[BlockData]:
    flavour = document.site.flavour
    text = replace_shortcodes(
        document.parts.body, flavour, notes, first_line=document.parts.body_line
    )
    return blocks_from_html(html_of(text, flavour), notes=notes, address=links.address)


def _title(
    document: Document, body: list[BlockData], notes: list[Note]
) -> tuple[str, list[BlockData]]:
    """The title of the head, else the first heading, which then leaves the text."""
    title = text_from_html(document.text("title"))
    first = body[0] if body and body[0]["type"] == "heading" else None
    if first is not None and title in {"", first["value"]["text"]}:
        heading = str(first["value"]["text"])
        # What is said of its level is of no interest once it is no heading any more.
        notes[:] = [note for note in notes if not note.message.startswith("Headings of level 1 ")]
        message = f"The heading “{heading[:80]}” at the top of the text became its title."
        notes.append(Note(Change.CHANGED, "heading-as-title", message))
        return heading, body[1:]
    if title:
        return title, body
    name = document.stem if document.stem not in {"index", "_index"} else document.folder
    guess = PurePosixPath(name).name.replace("-", " ").replace("_", " ").strip().capitalize()
    guess = guess or "Home"
    message = f"It has no title; by its name it is called “{guess}”."
    notes.append(Note(Change.GUESSED, "title-guessed", message))
    return guess, body


def _summary(document: Document) -> str:
    given = document.text("description", "summary", "excerpt")
    if given:
        return text_from_html(given)
    above = before_more(document.parts.body)
    return text_from_html(html_of(above, document.site.flavour)) if above.strip() else ""


def _intro(document: Document, body: list[BlockData]) -> str:
    """A blog's introduction: that of the head and the words of the text, which has no other place."""
    words = [_summary(document)]
    words += [text_from_html(block["value"]) for block in body if block["type"] == "rich_text"]
    return " ".join(filter(None, words))


def _note_of_page(document: Document, tags: tuple[str, ...], notes: list[Note]) -> None:
    named = [author.name for author in authors_of(document)]
    named += [term.name for term in categories_of(document)]
    if found := [*named, *tags]:
        message = f"Only posts have authors, categories and tags: {', '.join(found)}."
        notes.append(Note(Change.DROPPED, "terms-of-page", message))


def _profile(author: Author, document: Document) -> SourceItem:
    links = [{"label": author.name, "url": author.url}] if author.url else []
    return SourceItem(
        key=author.key,
        kind=ItemKind.PROFILE,
        where=document.path,
        title=author.name,
        slug=author.key.removeprefix("author:"),
        details={"role": author.role, "email": author.email, "bio": "", "links": links},
    )


def _category(term: Term, document: Document) -> SourceItem:
    return SourceItem(
        key=term.key,
        kind=ItemKind.CATEGORY,
        where=document.path,
        title=term.name,
        slug=term.key.removeprefix("category:"),
        details={"description": ""},
    )


def file_item(path: str, kind: ItemKind, full_path: str) -> SourceItem:
    """A file that a text refers to; `full_path` is where its bytes are."""
    name = PurePosixPath(path)
    return SourceItem(
        key=path,
        kind=kind,
        where=path,
        title=name.stem.replace("-", " ").replace("_", " ").strip() or name.name,
        details={"path": full_path, "filename": name.name},
    )
