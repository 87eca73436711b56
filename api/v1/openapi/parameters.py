"""The parameters of each operation, from the declared types."""

from collections.abc import Sequence
from typing import Any, Final

from delivery.interface import COMMON_FIELDS, OPERATORS, DocumentField, DocumentType, Kind

Parameter = dict[str, Any]

_TEXT: Final = {"type": "string"}
_NAME: Final = "[a-z][a-z0-9_]*"
_LOCALES: Final = (
    r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}(,[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}){0,4}$"
)
LOCALES_SCHEMA: Final = {"type": "string", "pattern": _LOCALES}
_WORDS: Final = {
    "eq": "is",
    "ne": "is not",
    "in": "is one of these, with commas between",
    "nin": "is none of these, with commas between",
    "gt": "is greater or later than",
    "gte": "is at least or not before",
    "lt": "is less or earlier than",
    "lte": "is at most or not after",
}
_VALUE_SCHEMAS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.INTEGER: {"type": "string", "pattern": "^-?[0-9]{1,14}$"},
    Kind.DECIMAL: {"type": "string", "pattern": r"^-?[0-9]{1,14}(\.[0-9]{1,6})?$"},
    Kind.BOOLEAN: {"type": "string", "enum": ["true", "false"]},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "description": "RFC 3339, or a date."},
}


def query(
    name: str,
    description: str,
    schema: dict[str, Any],
    *,
    example: Any = None,
    required: bool = False,
) -> Parameter:
    """One parameter of the query."""
    parameter: Parameter = {
        "name": name,
        "in": "query",
        "description": description,
        "required": required,
        "schema": schema,
    }
    if example is not None:
        parameter["example"] = example
    return parameter


def shared_parameters() -> dict[str, Parameter]:
    """The parameters that are the same everywhere, by name."""
    return {
        "locale": query(
            "locale",
            "Languages that you take, best first. The site's default without it. "
            "Content-Language tells what was served.",
            LOCALES_SCHEMA,
            example="fr-CA,fr,en",
        ),
        "as_of": query(
            "as_of",
            "The instant at which to look at the website, with its offset from UTC (RFC 3339). "
            "A coming one shows what is scheduled, to who may see drafts.",
            {"type": "string", "format": "date-time"},
            example="2026-11-01T09:30:00Z",
        ),
        "format": query(
            "format",
            "The form of rich text: HTML, or a tree of nodes.",
            {"type": "string", "enum": ["html", "json"], "default": "html"},
        ),
        "limit": query(
            "limit",
            "How many at most.",
            {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        ),
        "after": query("after", "The cursor `page.next` of the page before.", _TEXT),
        "before": query("before", "The cursor `page.prev` of the page after.", _TEXT),
        "count": query(
            "count",
            "Whether to count the whole list, as `page.total`.",
            {"type": "string", "enum": ["true", "false"], "default": "false"},
        ),
    }


def key_parameter(document_type: DocumentType) -> Parameter:
    """The id or slug in a path."""
    return {
        "name": "key",
        "in": "path",
        "required": True,
        "description": "The id or the slug.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": f"a-{document_type.singular}",
    }


def selection_parameters(types: Sequence[DocumentType]) -> list[Parameter]:
    """`fields`, `include` and `format`."""
    references = _references(types)
    names = [*(item.name for item in COMMON_FIELDS[:6]), *references[:1]]
    parameters = [
        query(
            "fields",
            "Which fields to show; of a reference, also which fields of its target. "
            "Everything without it.",
            {"type": "string", "pattern": f"^{_NAME}(,{_NAME})*"},
            example=",".join(names[2:]),
        )
    ]
    if references:
        one = "|".join(references)
        parameters.append(
            query(
                "include",
                "References whose targets stand whole in `included`; dots lead further.",
                {"type": "string", "pattern": f"^({one})(\\.{_NAME}){{0,3}}(,({one}))*$"},
                example=references[0],
            )
        )
    return [*parameters, shared("format")]


def single_parameters(types: Sequence[DocumentType]) -> list[Parameter]:
    """Those of a single document."""
    return [*selection_parameters(types), shared("locale"), shared("as_of")]


def list_parameters(types: Sequence[DocumentType]) -> list[Parameter]:
    """Those of a list of these types."""
    return [
        *selection_parameters(types),
        shared("locale"),
        shared("as_of"),
        _sort(types),
        *(shared(name) for name in ("limit", "after", "before", "count")),
        *_filters(types),
    ]


def shared(name: str) -> Parameter:
    """One of those that are the same everywhere."""
    return {"$ref": f"#/components/parameters/{name}"}


def _unique(types: Sequence[DocumentType]) -> list[DocumentField]:
    """The fields that these types have, each once."""
    found = {item.name: item for kind in types for item in kind.fields}
    return [*COMMON_FIELDS, *found.values()]


def _references(types: Sequence[DocumentType]) -> list[str]:
    return [item.name for item in _unique(types) if item.kind in {Kind.REFERENCE, Kind.REFERENCES}]


def _sort(types: Sequence[DocumentType]) -> Parameter:
    names = "|".join(item.name for item in _unique(types) if item.is_sortable)
    usual = types[0].default_sort if len(types) == 1 else "-published_at"
    return query(
        "sort",
        "Fields to sort by, each at most once; a minus sorts down. What has no value comes last.",
        {"type": "string", "pattern": f"^-?({names})(,-?({names})){{0,2}}$", "default": usual},
        example=usual,
    )


def _filters(types: Sequence[DocumentType]) -> list[Parameter]:
    parameters = []
    for item in _unique(types):
        if not item.is_filterable or (item.name == "type" and len(types) == 1):
            continue
        parameters += [
            filter_parameter(item.name, item.kind, operator) for operator in OPERATORS[item.kind]
        ]
    return parameters


def filter_parameter(name: str, kind: Kind, operator: str) -> Parameter:
    """A filter on a field of this kind."""
    item = DocumentField(name, kind, "", is_filterable=True)
    suffix = "" if operator == "eq" else f"[{operator}]"
    return query(
        f"filter[{name}]{suffix}",
        f"Only documents whose {name} {_WORDS[operator]}. {_hint(item)}".strip(),
        _filter_schema(item, operator),
    )


def _hint(item: DocumentField) -> str:
    return "By id or slug." if item.kind in {Kind.REFERENCE, Kind.REFERENCES} else ""


def _filter_schema(item: DocumentField, operator: str) -> dict[str, Any]:
    if item.name == "id" and operator in {"eq", "ne"}:
        return {"type": "string", "format": "uuid"}
    if operator in {"in", "nin"}:
        return {"type": "string", "minLength": 1}
    return _VALUE_SCHEMAS.get(item.kind, {"type": "string", "minLength": 1, "maxLength": 255})
