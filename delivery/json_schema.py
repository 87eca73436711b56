"""The JSON Schema of a document as answers show it, from the declaration of its type."""

from collections.abc import Mapping
from typing import Any, Final

from delivery.document_types import COMMON_FIELDS, DocumentField, DocumentType, Kind, get_type

JSONSchema = dict[str, Any]

IMAGES: Final = "images"
_REFERENCE_KEYS: Final = ("id", "type", "slug", "path", "title")
_TEXT: Final = {"type": "string"}
_UUID: Final = {"type": "string", "format": "uuid"}
_SCALARS: Final[Mapping[Kind, JSONSchema]] = {
    Kind.TEXT: _TEXT,
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": ["string", "null"], "format": "date-time"},
}


def shared_schemas() -> dict[str, JSONSchema]:
    """What the schemas of all types refer to, by name."""
    return {
        "Reference": {
            "type": "object",
            "description": "Another document, with the fields that `fields` adds to it.",
            "required": list(_REFERENCE_KEYS),
            "properties": {
                "id": _UUID,
                "type": _TEXT,
                "slug": _TEXT,
                "path": {**_TEXT, "description": "Empty where it has no page of its own."},
                "title": _TEXT,
            },
        },
        "RichText": {
            "description": "Rich text as HTML, or, by `format=json`, as a tree of nodes.",
            "oneOf": [
                {"type": "object", "required": ["html"], "properties": {"html": _TEXT}},
                {
                    "type": "object",
                    "required": ["nodes"],
                    "properties": {"nodes": {"type": "array", "items": {"type": "object"}}},
                },
            ],
        },
    }


def schema_name(document_type: DocumentType) -> str:
    """The name of a type in schemas, such as BlogPost."""
    return "".join(word.capitalize() for word in document_type.singular.split("-"))


def document_schema(document_type: DocumentType, refs: str) -> JSONSchema:
    """The schema of a document; what it shares with others stands under `refs`.

    Only `id` and `type` are always there, since `fields` may leave out all else.
    """
    fields = (*COMMON_FIELDS, *document_type.fields)
    properties = {item.name: field_schema(item, refs) for item in fields}
    properties["id"] = {**_UUID, "description": properties["id"]["description"]}
    properties["type"] = {"const": document_type.name}
    return {
        "type": "object",
        "title": schema_name(document_type),
        "description": document_type.description,
        "required": ["id", "type"],
        "properties": properties,
    }


def field_schema(item: DocumentField, refs: str) -> JSONSchema:
    """The schema of one field, with its description and example."""
    schema = {**_value_schema(item, refs), "description": item.description}
    if item.example is not None:
        schema["examples"] = [item.example]
    return schema


def document_example(document_type: DocumentType) -> dict[str, Any]:
    """A document as it might stand in an answer, for the documentation."""
    fields = (*COMMON_FIELDS, *(item for item in document_type.fields if not item.is_heavy))
    example = {item.name: _example(item) for item in fields}
    slug = f"a-{document_type.singular}"
    return example | {
        "id": "0b6c31c5-91c1-57f0-8b5a-6a0f2e1f4c11",
        "type": document_type.name,
        "locale": "en" if document_type.is_localised else "",
        "slug": slug,
        "path": f"/{slug}/" if document_type.is_localised else "",
    }


def _value_schema(item: DocumentField, refs: str) -> JSONSchema:
    reference = {"$ref": f"{refs}/{_target_name(item)}"}
    if item.kind == Kind.REFERENCE:
        return {"anyOf": [reference, {"type": "null"}]}
    if item.kind == Kind.REFERENCES:
        return {"type": "array", "items": reference}
    if item.kind == Kind.RICH_TEXT:
        return {"$ref": f"{refs}/RichText"}
    if item.kind not in {Kind.OBJECT, Kind.BLOCKS}:
        return dict(_SCALARS[item.kind])
    schema: JSONSchema = dict(item.schema or {"type": "object"})
    if item.nested_references:
        image = {"anyOf": [{"$ref": f"{refs}/ImageReference"}, {"type": "null"}]}
        nested = dict.fromkeys(item.nested_references, image)
        schema["properties"] = {**schema.get("properties", {}), **nested}
    return schema


def _target_name(item: DocumentField) -> str:
    return "ImageReference" if item.targets == (IMAGES,) else "Reference"


def image_reference_schema(refs: str) -> JSONSchema:
    """An image where another document shows it: the reference with all that the image is."""
    images = get_type(IMAGES)
    own = {} if images is None else {item.name: field_schema(item, refs) for item in images.fields}
    return {
        "allOf": [
            {"$ref": f"{refs}/Reference"},
            {
                "type": "object",
                "description": "An image with all its sizes.",
                "properties": own,
            },
        ]
    }


_EXAMPLES: Final[Mapping[Kind, Any]] = {
    Kind.TEXT: "",
    Kind.INTEGER: 1,
    Kind.DECIMAL: "120.00",
    Kind.BOOLEAN: False,
    Kind.DATE: "2026-11-01",
    Kind.TIME: "2026-11-01T09:30:00Z",
    Kind.REFERENCES: [],
    Kind.REFERENCE: None,
    Kind.OBJECT: {},
    Kind.BLOCKS: [],
}


def _example(item: DocumentField) -> Any:
    if item.example is not None:
        return item.example
    if item.kind == Kind.OBJECT and item.name != "seo":
        declared = (item.schema or {}).get("type", "object")
        return None if "null" in declared else [] if declared == "array" else {}
    if item.name == "title":
        return "How a galley proof is read"
    if item.name == "seo":
        return {"title": "How a galley proof is read", "image": None, "noindex": False}
    return _EXAMPLES.get(item.kind)
