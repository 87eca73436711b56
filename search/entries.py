"""What of a document a search may find and show: a plain value, made from documents alone.

A document is public as a whole, and so is whatever an entry takes from it and from the
documents that it names. What is no document (a draft, a private page) has no entry.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from delivery.interface import Document, all_types, get_type
from search.document_text import document_text

SHOWN_FIELDS: Final = ("tags", "categories", "authors", "author")
"""The references of which an entry has the target's title: its change changes the entry."""

SHOWN_TYPES: Final = ("tags", "categories", "profiles")
"""The types of their targets."""


def searched_types() -> tuple[str, ...]:
    """The types of documents that searches find: those of pages."""
    return tuple(item.name for item in all_types() if item.is_page)


@dataclass(frozen=True, slots=True)
class Label:
    """A tag, category or author, as facets and filters know it."""

    id: UUID
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A public document as a search engine stores it.

    `version` is the document's own. `sequence` is where the ledger stood when the document and
    all that it names were read: of two entries the one with the greater is the newer, even where
    only a tag's name has changed. `embedding` is the place of a vector for search by meaning;
    nothing fills it yet.
    """

    id: UUID
    type: str
    locale: str
    site_id: int
    version: int
    sequence: int
    slug: str
    path: str
    title: str
    summary: str = ""
    headings: tuple[str, ...] = ()
    body: str = ""
    tags: tuple[Label, ...] = ()
    categories: tuple[Label, ...] = ()
    authors: tuple[Label, ...] = ()
    price: Decimal | None = None
    currency: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    popularity: float = 0.0
    embedding: tuple[float, ...] | None = None
    digest: str = field(init=False, compare=False)
    """Equal for two entries that say the same, whenever they were read."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", _digest(self))

    def labels(self, facet: str) -> tuple[Label, ...]:
        """The labels under a facet's name: tags, category or author."""
        return {"tags": self.tags, "category": self.categories, "author": self.authors}[facet]


@dataclass(frozen=True, slots=True)
class Removal:
    """A document that is not public any more, as of a place in the ledger."""

    id: UUID
    locale: str
    site_id: int
    sequence: int


def make_entry(document: Document, named: Mapping[UUID, Document], *, sequence: int) -> SearchEntry:
    """The entry of a document; `named` are the public ones among those that it refers to."""
    head: dict[str, Any] = orjson.loads(document.head)
    text = document_text(
        [head.get(name) for name in _searched_fields(document.type)], orjson.loads(document.content)
    )
    price = head.get("price")
    authors = [*_ids(head.get("author")), *_ids(head.get("authors"))]
    return SearchEntry(
        id=document.id,
        type=document.type,
        locale=document.locale,
        site_id=document.site_id,
        version=document.version,
        sequence=sequence,
        slug=document.slug,
        path=document.path,
        title=document.title,
        summary=str(head.get("summary") or ""),
        headings=text.headings,
        body=text.body,
        tags=_labels(_ids(head.get("tags")), named),
        categories=_labels(_ids(head.get("categories")), named),
        authors=_labels(authors, named),
        price=None if price is None else Decimal(price),
        currency=str(head.get("currency") or ""),
        published_at=document.published_at,
        updated_at=document.updated_at,
    )


def _searched_fields(type_name: str) -> Iterator[str]:
    document_type = get_type(type_name)
    fields = () if document_type is None else document_type.fields
    return (item.name for item in fields if item.is_searched)


def named_ids(document: Document) -> set[UUID]:
    """The documents of which its entry shows the title."""
    head: dict[str, Any] = orjson.loads(document.head)
    return {target for name in SHOWN_FIELDS for target in _ids(head.get(name))}


def _ids(value: Any) -> list[UUID]:
    if value is None:
        return []
    return [UUID(item) for item in (value if isinstance(value, list) else [value])]


def _labels(ids: Iterable[UUID], named: Mapping[UUID, Document]) -> tuple[Label, ...]:
    found = (named.get(item) for item in dict.fromkeys(ids))
    return tuple(Label(item.id, item.slug, item.title) for item in found if item is not None)


def _digest(entry: SearchEntry) -> str:
    said = [
        str(getattr(entry, name))
        for name in SearchEntry.__slots__
        if name not in {"digest", "sequence"}
    ]
    return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()
