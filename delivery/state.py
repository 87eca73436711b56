"""A document as its builder hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("6a5c2d0e-8a3b-5f4e-9c1d-2b7f0e6d4a91")


def document_id_for(kind: str, key: object, *, site_id: int | None = None) -> UUID:
    """The id of the document that stands for a source: always the same for the same source.

    A thing that several sites use (an image, a tag) has a document on each of them, so its
    site goes into the id; a page belongs to one site and keeps its id when it moves.
    """
    prefix = "" if site_id is None else f"site:{site_id}:"
    return uuid5(_NAMESPACE, f"{prefix}{kind}:{key}")


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """The document names `target` in `field`, at `position` among others of that field."""

    field: str
    position: int
    target: UUID


@dataclass(frozen=True, slots=True)
class Value:
    """A value by which the document may be found or sorted."""

    field: str
    value: str | Decimal | int | bool | datetime


@dataclass(frozen=True, slots=True)
class DocumentState:
    """Everything that the public may know of one thing.

    `source` names what it was made from ("page:12"). `head` maps light fields to JSON values,
    with the id of the target where the field is a reference; `content` maps heavy fields to
    theirs, with markers. `revision` tells which edit of the source this is, where the source
    has revisions.
    """

    id: UUID
    source: str
    site_id: int
    type: str
    locale: str
    translation_key: UUID
    slug: str
    path: str
    title: str
    published_at: datetime | None
    updated_at: datetime | None
    revision: int | None
    head: Mapping[str, Any]
    content: Mapping[str, Any]
    references: tuple[Reference, ...] = ()
    values: tuple[Value, ...] = ()
