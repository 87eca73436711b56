"""What each type of document holds, and which of its fields a caller may use how.

One declaration per type serves everything that must agree: the strict reading of `fields`,
`include`, `filter` and `sort`, the composition of answers, the JSON Schemas, and the OpenAPI
description. The packages that make documents register their types when Django starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """The shape of a field's value."""

    TEXT = "text"
    RICH_TEXT = "rich_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    REFERENCE = "reference"
    REFERENCES = "references"
    BLOCKS = "blocks"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class DocumentField:
    """A public field.

    `is_heavy` fields are stored in the document's `content`, the others in its `head`; a heavy
    field may hold references inside (marked, see `delivery.markers`). `targets` are the types
    that a reference may point at. Filters use the stored values (`DocumentValue`) of the same
    name, or the edges for references. `schema` is the JSON Schema of an OBJECT or BLOCKS value;
    an object's references stand in `nested_references`, by key. Visitors find the words of heavy
    fields, and of those that are `is_searched`.
    """

    name: str
    kind: Kind
    description: str
    targets: tuple[str, ...] = ()
    is_heavy: bool = False
    is_filterable: bool = False
    is_sortable: bool = False
    is_searched: bool = False
    nested_references: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    example: Any = None


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A type of document, by its name in URLs (`blog-posts`).

    Documents of pages have a path on the website, and visitors find them by search. Types that
    are not listed have no route of their own. Documents of a type that is not localised (images,
    tags) have the locale "" and belong to every language.
    """

    name: str
    singular: str
    description: str
    fields: tuple[DocumentField, ...]
    default_sort: str = "-published_at"
    is_page: bool = False
    is_listed: bool = True
    is_localised: bool = True
    by_name: Mapping[str, DocumentField] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {item.name: item for item in self.fields})


COMMON_FIELDS: Final = (
    DocumentField("id", Kind.TEXT, "The document's id; it never changes.", is_filterable=True),
    DocumentField("type", Kind.TEXT, "The document's type.", is_filterable=True),
    DocumentField("locale", Kind.TEXT, "The language that it is in."),
    DocumentField("slug", Kind.TEXT, "The last part of its path.", is_filterable=True),
    DocumentField(
        "path", Kind.TEXT, "Its path on the website; empty if it has no page of its own."
    ),
    DocumentField("title", Kind.TEXT, "Its title.", is_filterable=True, is_sortable=True),
    DocumentField("summary", Kind.TEXT, "A few plain words on what it is about."),
    DocumentField(
        "published_at", Kind.TIME, "When it first was public.", is_filterable=True, is_sortable=True
    ),
    DocumentField(
        "updated_at", Kind.TIME, "When it was last published.", is_filterable=True, is_sortable=True
    ),
    DocumentField("version", Kind.INTEGER, "Grows by one with each change of this document."),
    DocumentField(
        "seo",
        Kind.OBJECT,
        "What search engines and social networks are told.",
        nested_references=("image",),
        schema={
            "type": ["object", "null"],
            "properties": {
                "title": {"type": "string"},
                "description": {"type": "string"},
                "social_title": {"type": "string"},
                "social_description": {"type": "string"},
                "canonical_url": {"type": ["string", "null"]},
                "noindex": {"type": "boolean"},
            },
        },
    ),
)
"""The fields that each document has, in the order of an answer. All but `summary` and `seo` are columns."""

_registry: dict[str, DocumentType] = {}


def register_type(document_type: DocumentType) -> None:
    """Makes a type known; called while Django starts. The same type twice is harmless.

    Raises:
        ValueError: another type of that name, or a field that repeats a common one.
    """
    known = _registry.get(document_type.name)
    if known is not None and known != document_type:
        raise ValueError(f"Two document types are called {document_type.name}.")
    common = {item.name for item in COMMON_FIELDS}
    repeated = sorted(common & set(document_type.by_name))
    if repeated:
        raise ValueError(f"{document_type.name} repeats the common fields {', '.join(repeated)}.")
    _registry[document_type.name] = document_type


def get_type(name: str) -> DocumentType | None:
    """The type of that name, if there is one."""
    return _registry.get(name)


def all_types() -> tuple[DocumentType, ...]:
    """Every registered type, in the order of registration."""
    return tuple(_registry.values())
