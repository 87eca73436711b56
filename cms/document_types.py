"""What the public may know of each kind of content: the contract of the API, type by type."""

from typing import Any, Final

from delivery.interface import DocumentField, DocumentType, Kind, register_type

_TEXT: Final = {"type": "string"}
_NULLABLE: Final = {"type": ["string", "null"]}
_OBJECT: Final = {"type": "object"}
_REFERENCE: Final = {"type": ["object", "null"], "description": "A reference; null if not public."}
_RICH: Final = {
    "type": "object",
    "description": 'Rich text: {"html"} or, by `format=json`, {"nodes"}.',
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_IMAGE: Final = _object(image=_REFERENCE, alt=_NULLABLE, caption=_TEXT)
_LINK: Final = _object(label=_TEXT, page=_REFERENCE, url=_NULLABLE)
_QUESTION: Final = _object(question=_TEXT, answer=_RICH)
_FILE: Final = {
    **_object(
        title=_TEXT, filename=_TEXT, url=_TEXT, size_bytes={"type": ["integer", "null"]}, type=_TEXT
    ),
    "type": ["object", "null"],
}
BLOCK_SCHEMAS: Final[dict[str, Any]] = {
    "heading": _object(text=_TEXT, level={"enum": ["h2", "h3", "h4"]}, anchor=_TEXT),
    "rich_text": _RICH,
    "quote": _object(text=_TEXT, attribution=_TEXT),
    "callout": _object(
        kind={"enum": ["info", "tip", "warning", "danger"]}, title=_TEXT, text=_RICH
    ),
    "code": _object(language=_TEXT, code=_TEXT, caption=_TEXT),
    "table": _object(
        caption=_TEXT,
        columns=_array(_object(heading=_TEXT, type={"enum": ["text", "number", "rich_text"]})),
        rows=_array(_array({"type": ["string", "object"]})),
    ),
    "faq": _object(items=_array(_QUESTION)),
    "image": _IMAGE,
    "gallery": _object(images=_array(_IMAGE)),
    "embed": _object(url=_TEXT, provider=_NULLABLE, embed_url=_NULLABLE, caption=_TEXT),
    "file": _object(title=_NULLABLE, file=_FILE),
    "call_to_action": _object(title=_TEXT, text=_TEXT, label=_TEXT, page=_REFERENCE, url=_NULLABLE),
}
"""The public form of each block of `cms.blocks.body.BodyBlock`, as JSON Schema."""

_BODY_SCHEMA: Final = _array(
    {
        "oneOf": [
            {
                **_object(id=_NULLABLE, type={"const": name}, value=value),
                "title": f"{name} block",
            }
            for name, value in BLOCK_SCHEMAS.items()
        ]
    }
)


def _body(name: str, description: str) -> DocumentField:
    return DocumentField(name, Kind.BLOCKS, description, is_heavy=True, schema=_BODY_SCHEMA)


def _reference(name: str, description: str, *targets: str, **options: Any) -> DocumentField:
    return DocumentField(name, Kind.REFERENCE, description, targets=targets, **options)


def _references(name: str, description: str, *targets: str, **options: Any) -> DocumentField:
    return DocumentField(name, Kind.REFERENCES, description, targets=targets, **options)


_PARENT: Final = _reference(
    "parent", "The page above it.", "blog-indexes", "pages", is_filterable=True
)

TYPES: Final = (
    DocumentType(
        "blog-posts",
        "blog-post",
        "Posts of a blog.",
        (
            DocumentField(
                "date",
                Kind.DATE,
                "The day that the post bears.",
                is_filterable=True,
                is_sortable=True,
                example="2026-09-14",
            ),
            DocumentField(
                "reading_minutes",
                Kind.INTEGER,
                "Whole minutes to read it, at 220 words a minute.",
                is_filterable=True,
                is_sortable=True,
                example=4,
            ),
            DocumentField(
                "is_featured",
                Kind.BOOLEAN,
                "Whether it is to stand out: first in a list, or apart from it.",
                is_filterable=True,
                is_sortable=True,
            ),
            _reference("author", "The first of its authors.", "profiles", is_filterable=True),
            _references("authors", "Who wrote it, in order.", "profiles", is_filterable=True),
            _references("tags", "Its tags, by name.", "tags", is_filterable=True),
            _references("categories", "Its categories, by name.", "categories", is_filterable=True),
            _reference("cover_image", "The image at its top.", "images"),
            _PARENT,
            _body("body", "The text, block by block."),
        ),
        is_page=True,
    ),
    DocumentType(
        "blog-indexes",
        "blog-index",
        "Blogs: the pages that posts lie below.",
        (_PARENT,),
        is_page=True,
    ),
    DocumentType(
        "services",
        "service",
        "The catalogue of services.",
        (
            DocumentField(
                "price",
                Kind.DECIMAL,
                "The price, exact, as a string with the currency's decimals.",
                is_filterable=True,
                is_sortable=True,
                example="480.00",
            ),
            DocumentField(
                "currency", Kind.TEXT, "ISO 4217 code.", is_filterable=True, example="EUR"
            ),
            DocumentField(
                "billing_unit",
                Kind.TEXT,
                "What the price is for: once, hour, day, month or year.",
                is_filterable=True,
                example="day",
            ),
            DocumentField(
                "availability",
                Kind.TEXT,
                "available, limited or unavailable.",
                is_filterable=True,
                example="available",
            ),
            DocumentField(
                "features", Kind.OBJECT, "What is included.", is_searched=True, schema=_array(_TEXT)
            ),
            _reference("image", "The image at its top.", "images"),
            _references("related_posts", "Posts that tell more.", "blog-posts"),
            _PARENT,
            _body("description", "What it is, block by block."),
            DocumentField(
                "faq",
                Kind.BLOCKS,
                "Questions and answers.",
                is_heavy=True,
                schema=_array(_QUESTION),
            ),
        ),
        is_page=True,
    ),
    DocumentType(
        "profiles",
        "profile",
        "People who write and work here. The title is the name.",
        (
            DocumentField("name", Kind.TEXT, "The person's name, as the title.", example="Ada"),
            DocumentField("role", Kind.TEXT, "What the person does."),
            DocumentField(
                "skills",
                Kind.OBJECT,
                "What the person knows.",
                is_searched=True,
                schema=_array(_TEXT),
            ),
            DocumentField(
                "links",
                Kind.OBJECT,
                "Addresses elsewhere.",
                schema=_array(_object(label=_TEXT, url=_TEXT)),
            ),
            _reference("photo", "A picture of the person.", "images"),
            _PARENT,
            DocumentField("bio", Kind.RICH_TEXT, "Who the person is.", is_heavy=True),
        ),
        default_sort="title",
        is_page=True,
    ),
    DocumentType(
        "pages",
        "page",
        "Pages of no special kind: home, about, the top of the catalogue.",
        (
            DocumentField(
                "kind",
                Kind.TEXT,
                "home, standard, service-index or profile-index.",
                is_filterable=True,
                example="standard",
            ),
            _PARENT,
            _body("body", "The text, block by block."),
        ),
        default_sort="title",
        is_page=True,
    ),
    DocumentType(
        "tags",
        "tag",
        "Tags of published posts.",
        (DocumentField("name", Kind.TEXT, "The tag."),),
        default_sort="title",
        is_localised=False,
    ),
    DocumentType(
        "categories",
        "category",
        "Categories of published posts.",
        (
            DocumentField("name", Kind.TEXT, "The category."),
            _reference("parent", "The wider category.", "categories", is_filterable=True),
        ),
        default_sort="title",
    ),
    DocumentType(
        "images",
        "image",
        "Images that published content shows.",
        (
            DocumentField("alt", Kind.TEXT, "What the image shows, for those who cannot see it."),
            DocumentField("credit", Kind.TEXT, "Who made it."),
            DocumentField("width", Kind.INTEGER, "The original's width in pixels."),
            DocumentField("height", Kind.INTEGER, "The original's height in pixels."),
            DocumentField(
                "focal_point",
                Kind.OBJECT,
                "The centre of interest as fractions of width and height; null for none.",
                schema={
                    **_object(x={"type": "number"}, y={"type": "number"}),
                    "type": ["object", "null"],
                },
            ),
            DocumentField("src", Kind.TEXT, "A size that every browser shows."),
            DocumentField(
                "sources",
                Kind.OBJECT,
                "Sizes for `srcset`, by width.",
                schema=_array(
                    _object(
                        url=_TEXT,
                        width={"type": "integer"},
                        height={"type": "integer"},
                        type=_TEXT,
                    )
                ),
            ),
            DocumentField("srcset", Kind.TEXT, "The sizes, ready for the attribute `srcset`."),
        ),
        default_sort="title",
        is_localised=False,
    ),
    DocumentType(
        "site",
        "site",
        "What holds for the whole website, in one language.",
        (
            DocumentField("brand", Kind.OBJECT, "Name and tagline.", schema=_OBJECT),
            DocumentField(
                "defaults", Kind.OBJECT, "What pages without their own say.", schema=_OBJECT
            ),
            DocumentField(
                "social_links",
                Kind.OBJECT,
                "Addresses on social networks.",
                schema=_array(_object(label=_TEXT, url=_TEXT)),
            ),
            DocumentField("default_locale", Kind.TEXT, "Served when none is asked for."),
            DocumentField(
                "locales",
                Kind.OBJECT,
                "The languages, with the path where each begins.",
                schema=_array(_object(code=_TEXT, name=_TEXT, path=_TEXT)),
            ),
            _reference("logo", "The brand's mark.", "images"),
            _reference("default_image", "For pages that have none.", "images"),
            DocumentField(
                "navigation",
                Kind.BLOCKS,
                "Menus by name; leave out an entry whose page is null and that has no url.",
                is_heavy=True,
                schema={"type": "object", "additionalProperties": _array(_OBJECT)},
            ),
            DocumentField(
                "banners",
                Kind.BLOCKS,
                "Announcements.",
                is_heavy=True,
                schema=_array(_object(text=_TEXT, kind=_TEXT, link={"type": ["object", "null"]})),
            ),
        ),
        is_listed=False,
    ),
)


PAGE_TYPES: Final = tuple(item.name for item in TYPES if item.is_page)


def connect() -> None:
    """Makes the types known to the reading side; a second call changes nothing."""
    for document_type in TYPES:
        register_type(document_type)
