"""The fields of a head: who wrote it, what it is about, who may see it, and what is left over."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cms.importing.content import Change, Note, Status
from cms.importing.sources.markdown.dates import moment_of
from cms.importing.sources.markdown.document import Document
from cms.importing.sources.markdown.naming import (
    jekyll_categories,
    jekyll_words,
    slug_of,
    words_of,
)
from cms.importing.sources.markdown.site import Flavour

_MAIL: Final = re.compile(r"^(.*?)\s*<([^<>@\s]+@[^<>\s]+)>$")
_LONGEST_SHOWN: Final = 60
_KEY_LENGTH: Final = 200
# Read elsewhere, or of no meaning away from the generator's own templates.
_READ: Final = frozenset(
    {
        *("title", "date", "slug", "path", "url", "permalink", "aliases", "redirect_from", "draft"),
        *("published", "publishdate", "expirydate", "updated", "lastmod", "last_modified_at"),
        *("description", "summary", "excerpt", "authors", "author", "tags", "categories"),
        *("category", "tag", "lang", "language", "locale", "taxonomies", "robots", "noindex"),
        *("layout", "template", "page_template", "weight", "sort_by", "paginate_by", "render"),
        *("generate_feeds", "generate_feed", "in_search_index", "insert_anchor_links", "type"),
        *("transparent", "paginate_path", "paginate_reversed", "markup", "outputs", "linktitle"),
        *("comments", "toc", "math", "sitemap", "extra", "params", "seo_title", "featured"),
        *("pinned", "sticky", "cascade", "menu", "headless", "iscjklanguage", "keywords"),
    }
)
_COVERS: Final = (
    *("cover", "cover_image", "featured_image", "featuredImage", "feature_image", "image"),
    *("thumbnail", "banner", "header_image", "hero", "images", "header", "og_image"),
)


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody named in a head."""

    key: str
    name: str
    email: str = ""
    url: str = ""
    role: str = ""


def authors_of(document: Document) -> list[Author]:
    """The authors in order, each once, however the head writes them."""
    value = document.field("authors", "author")
    found: dict[str, Author] = {}
    for entry in value if isinstance(value, list) else [value]:
        author = _author(entry)
        if author is not None:
            found.setdefault(author.key, author)
    return list(found.values())


def _author(entry: Any) -> Author | None:
    if isinstance(entry, dict):
        values = {str(key).lower(): str(value).strip() for key, value in entry.items()}
        name = values.get("name") or values.get("title") or values.get("display_name") or ""
        url = values.get("url") or values.get("website") or values.get("link") or ""
        email, role = values.get("email", ""), values.get("role") or values.get("bio", "")
    elif isinstance(entry, str | int):
        name, email, url, role = str(entry).strip(), "", "", ""
        if match := _MAIL.match(name):
            name, email = (
                match.group(1).strip("\"' ") or match.group(2).split("@")[0],
                match.group(2),
            )
    else:
        return None
    name = " ".join(name.split())
    slug = slug_of(name) or name
    if not name:
        return None
    return Author(f"author:{slug}"[:_KEY_LENGTH], name, email, url, role)


@dataclass(frozen=True, slots=True)
class Term:
    """A category by the name that it has."""

    key: str
    name: str


def categories_of(document: Document) -> list[Term]:
    """The categories in order, each once; those of a Jekyll post's folders among them."""
    names = _terms(document, "categories", "category")
    if document.site.flavour is Flavour.JEKYLL:
        names = [*jekyll_categories(document), *names]
    terms = {f"category:{slug_of(name) or name}"[:_KEY_LENGTH]: name for name in reversed(names)}
    return [Term(key, terms[key]) for key in reversed(terms)]


def tags_of(document: Document, notes: list[Note]) -> tuple[str, ...]:
    """The tags in order; terms of taxonomies that Galley has not become tags too."""
    names = _terms(document, "tags", "tag")
    taxonomies = document.top_field("taxonomies")
    for name, value in taxonomies.items() if isinstance(taxonomies, dict) else ():
        if str(name).lower() in {"tags", "categories", "authors", "tag", "category", "author"}:
            continue
        terms = words_of(value)
        if terms:
            names += terms
            message = f"What stood under {name} became tags: {', '.join(terms)}."
            notes.append(Note(Change.CHANGED, "taxonomy-as-tags", message))
    return tuple(dict.fromkeys(names))


def _terms(document: Document, *names: str) -> list[str]:
    taxonomies = document.top_field("taxonomies")
    tables: list[Mapping[str, Any]] = [document.parts.values]
    if isinstance(taxonomies, dict):
        tables.append(taxonomies)
    found: list[str] = []
    for table in tables:
        for key, value in table.items():
            if key.lower() not in names:
                continue
            # Jekyll takes the plural for a list, the singular for one.
            is_line = document.site.flavour is Flavour.JEKYLL and key.lower() in {
                "tags",
                "categories",
            }
            found += jekyll_words(value) if is_line else words_of(value)
    return found


def cover_of(document: Document) -> str:
    """The address of the leading image as the head gives it; empty for none."""
    return next(_images_in(document.field(*_COVERS)), "")


def _images_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, list):
        for part in value:
            yield from _images_in(part)
    elif isinstance(value, dict):
        for name in (
            "image",
            "src",
            "url",
            "path",
            "feature",
            "overlay_image",
            "teaser",
            "filename",
        ):
            yield from _images_in(value.get(name))


def status_of(
    document: Document, date: datetime | None, now: datetime, notes: list[Note]
) -> tuple[Status, datetime | None]:
    """Who may see it, and since when."""
    if document.is_set("draft") or document.is_unset("published"):
        return Status.DRAFT, date
    if document.inner.startswith("_drafts/"):
        return Status.DRAFT, date
    zone = document.site.zone
    begins = moment_of(document.field("publishdate"), zone, notes, name="publish date") or date
    ends = moment_of(document.field("expirydate"), zone, notes, name="expiry date")
    if ends is not None and ends <= now:
        message = f"It expired on {ends.date().isoformat()}; it came as a draft."
        notes.append(Note(Change.CHANGED, "expired", message))
        return Status.DRAFT, begins
    if ends is not None:
        message = (
            f"It is to expire on {ends.date().isoformat()}; nothing here takes it down by itself."
        )
        notes.append(Note(Change.DROPPED, "expiry", message))
    if begins is not None and begins > now and document.site.flavour is not Flavour.ZOLA:
        return Status.SCHEDULED, begins
    return Status.PUBLISHED, begins


def is_hidden_from_search(document: Document) -> bool:
    """Whether search engines are to pass it by."""
    return "noindex" in document.text("robots").lower() or document.is_set("noindex")


def note_rest(document: Document, notes: list[Note]) -> None:
    """Tells of the fields that have no place here, with what stood in them."""
    rest: dict[str, Any] = {}
    for key, value in document.parts.values.items():
        if key.lower() in {"extra", "params"} and isinstance(value, dict):
            rest |= {f"{key}.{name}": part for name, part in value.items()}
        elif key.lower() not in _READ and key not in _COVERS:
            rest[key] = value
    read = {*_READ, *(name.lower() for name in _COVERS)}
    told = [
        f"{name} ({_shown(value)})"
        for name, value in rest.items()
        if name.rpartition(".")[2].lower() not in read
    ]
    if told:
        message = f"Fields with no place here: {', '.join(told)}."
        notes.append(Note(Change.DROPPED, "fields-unused", message))


def _shown(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
