"""What a source hands over: plain values between an adapter and the importer's core.

An adapter (`cms/importing/sources/`) reads a foreign export and yields `SourceItem`s. It knows
the foreign format and nothing of Wagtail; the core (parse, plan, apply) knows Wagtail and nothing
of the format. Everything here can be written as JSON, because items are spooled to disk between
reading and applying.

**Addresses.** Items refer to each other as they did at the source: by address. An address is what
stood in the export: a URL, a path, or a name of the adapter's own such as `file:posts/x.md`.
Each item lists those that lead to it; the core finds the item by them and puts the link to the
new page, image or file in their place. So an adapter never needs to have seen the target.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias


class ItemKind(StrEnum):
    """What an item becomes."""

    PROFILE = "profile"
    """An author: a profile page below the profile index."""
    CATEGORY = "category"
    IMAGE = "image"
    FILE = "file"
    """An upload that is no image: a document of the library."""
    SECTION = "section"
    """A blog with posts of its own: a blog index."""
    POST = "post"
    PAGE = "page"
    """A page of no special kind; it may lie below another one."""
    MENU = "menu"


class Status(StrEnum):
    """Who may see an item."""

    PUBLISHED = "published"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    """A draft that goes live by itself at `published_at`."""
    PRIVATE = "private"
    """Finished, but never for the public: live behind a restriction, without a document."""


class Change(StrEnum):
    """What happened to a part of an item that did not arrive as it was."""

    DROPPED = "dropped"
    """It is not in Galley."""
    CHANGED = "changed"
    """It is there in another form."""
    GUESSED = "guessed"
    """It was not said; something likely was put in its place."""
    MISSING = "missing"
    """It could not be fetched or found; it may come later."""
    FAILED = "failed"
    """The item could not be imported at all."""


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the fidelity report: what became of one part of an item.

    `code` is a stable name in kebab case (`shortcode-unknown`), by which a report can be
    counted; `message` is a sentence for an editor; `where` is a line or an id of the source
    where that is narrower than the item's own.
    """

    change: Change
    code: str
    message: str
    where: str = ""


BlockData: TypeAlias = Mapping[str, Any]  # 3.11 has no other way
"""A block of a body: `{"type": ..., "value": ...}` with one of these values.

    rich_text       an HTML string, sanitised; its links and `<img src>` are addresses
    heading         {"text", "level": "h2"|"h3"|"h4", "anchor"}
    image           {"image": address, "alt", "caption"}
    gallery         {"images": [as image, ...]}
    quote           {"text", "attribution"}
    code            {"language", "code", "caption"}
    table           {"caption", "columns": [heading, ...], "rows": [[HTML of a cell, ...], ...]}
    embed           {"url", "caption"}
    callout         {"kind", "title", "text": HTML}
    file            {"document": address, "title"}
    call_to_action  {"title", "text", "label", "url": address}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One thing of the source.

    `key` is unique in the source and the same in every export of it: by it a second run knows
    what it has imported. `where` tells a person where to look ("line 812, post 42", "a/b.md").
    `slug` is a wish, made valid and unique by the core. `parent`, `authors` and `categories`
    are keys of other items. `addresses` lead here; the first is the item's own. Dates are aware.
    `details` holds what only its kind has:

        PROFILE   role, email (matched to an account, never shown), bio (HTML),
                  links [{label, url}], photo (address)
        CATEGORY  description
        IMAGE     alt, caption, credit, filename; and where the bytes are: path (a local
                  file that the adapter has checked) or urls [..]
        FILE      as IMAGE
        SECTION   intro
        MENU      menu ("main"|"footer"|a slug), items [{label, url: address, children: [..]}]
    """

    key: str
    kind: ItemKind
    where: str
    title: str = ""
    slug: str = ""
    parent: str | None = None
    addresses: tuple[str, ...] = ()
    status: Status = Status.PUBLISHED
    published_at: datetime | None = None
    updated_at: datetime | None = None
    locale: str | None = None
    summary: str = ""
    seo_title: str = ""
    description: str = ""
    body: tuple[BlockData, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cover: str | None = None
    """Address of the leading image."""
    is_featured: bool = False
    noindex: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of the source that is no content here, counted so that every number adds up.

    `kind` is the source's own word for it ("comment", "revision", "trash").
    """

    key: str
    kind: str
    where: str
    title: str
    reason: str


class SourceBroken(Exception):
    """The source cannot be read to its end; nothing of it is imported. The text names the place."""


class Source(Protocol):
    """An adapter for one export."""

    name: str
    """The format: "wordpress", "markdown"."""
    identity: str
    """The same for every export of the same website: a second run continues what it names."""
    hosts: frozenset[str]
    """Host names whose URLs are the source's own, in lower case."""
    base_url: str
    """What a path at the source is relative to: "https://example.com"; empty where unknown."""

    def items(self) -> Iterator[SourceItem | Skipped]:
        """Everything, in any order, in memory for one item at a time. May be called again.

        An item that cannot be read is yielded with a note `Change.FAILED`, and the rest goes on.

        Raises:
            SourceBroken: the source as a whole cannot be read.
        """

    def size(self) -> int | None:
        """How many items there will be, for the progress bar; None where only reading would tell."""
