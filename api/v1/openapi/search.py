"""The operations of the search."""

from typing import Any, Final

from api.v1.openapi import parameters as given
from api.v1.openapi.operations import Operation, any_of, operation, success
from api.v1.search_shapes import Click
from delivery.interface import OPERATORS, DocumentType, Kind, document_example, get_type
from search.interface import FACETS, FILTERS, MOST_CHARACTERS, Sort, searched_types

_TEXT: Final = {"type": "string"}
_NULLABLE: Final = {"type": ["string", "null"]}
_KINDS: Final = {
    "tags": Kind.REFERENCES,
    "category": Kind.REFERENCES,
    "author": Kind.REFERENCES,
    "price": Kind.DECIMAL,
    "currency": Kind.TEXT,
    "published_at": Kind.TIME,
    "updated_at": Kind.TIME,
}


def search_paths() -> dict[str, dict[str, Operation]]:
    """All of them, by path."""
    types = tuple(item for name in searched_types() if (item := get_type(name)) is not None)
    return {
        "/api/v1/search": _search(types),
        "/api/v1/search/clicks": _clicks(),
        "/api/v1/search/suggest": _suggest(),
        "/api/v1/search/related/{searched_type}/{key}": _related(types),
    }


def search_schemas() -> dict[str, Any]:
    """What hits and facets are made of."""
    return {
        "SearchFacets": _facets_schema(),
        "SearchHit": _hit_schema(),
        "Suggestion": _suggestion(),
        "Click": Click.model_json_schema(),
    }


def _types_parameter(description: str) -> given.Parameter:
    names = "|".join(searched_types())
    schema = {"type": "string", "pattern": f"^({names})(,({names}))*$"}
    return given.query("type", description, schema, example=searched_types()[0])


def _q(*, required: bool) -> given.Parameter:
    return given.query(
        "q",
        'What is looked for: words, "phrases" in quotes, -exclusions. The last word may be the '
        "beginning of one. Everything matches without it.",
        {"type": "string", "maxLength": MOST_CHARACTERS},
        example="gardening",
        required=required,
    )


def _filters() -> list[given.Parameter]:
    return [
        given.filter_parameter(name, _KINDS[name], operator)
        for name in FILTERS
        for operator in OPERATORS[_KINDS[name]]
    ]


def _search_parameters(types: tuple[DocumentType, ...]) -> list[given.Parameter]:
    facets = "|".join(FACETS)
    boolean = {"type": "string", "enum": ["true", "false"]}
    return [
        _q(required=False),
        _types_parameter("Which types to find; all that are searched without it."),
        given.query(
            "sort",
            "The order of hits: by relevance where there is a `q`, else newest first.",
            {"type": "string", "enum": [*Sort]},
            example=Sort.NEWEST.value,
        ),
        given.query(
            "facets",
            "What to count the matches by. The filters on a facet do not narrow its own counts.",
            {"type": "string", "pattern": f"^({facets})(,({facets}))*$"},
            example="tags,category",
        ),
        given.query(
            "highlight",
            "Whether hits tell where they match.",
            {**boolean, "default": "true"},
        ),
        given.query(
            "explain",
            "Whether to tell how hits were scored; for who may see drafts.",
            {**boolean, "default": "false"},
        ),
        *given.selection_parameters(types),
        *(given.shared(name) for name in ("locale", "limit", "after", "before")),
        *_filters(),
    ]


def _search_schema(types: tuple[DocumentType, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["data", "page", "did_you_mean", "corrected"],
        "properties": {
            "data": {
                "type": "array",
                "items": {
                    "allOf": [any_of(types), {"$ref": "#/components/schemas/SearchHit"}],
                },
            },
            "page": {"$ref": "#/components/schemas/Cursors"},
            "included": {"$ref": "#/components/schemas/Included"},
            "facets": {"$ref": "#/components/schemas/SearchFacets"},
            "did_you_mean": {
                **_NULLABLE,
                "description": "The query as it may have been meant.",
            },
            "corrected": {
                "type": "boolean",
                "description": "Whether the hits are those of `did_you_mean`.",
            },
            "degraded": {
                "type": "boolean",
                "description": "Stands here, true, while the search engine is away and the "
                "database answers for it.",
            },
            "explain": {"description": "By `explain=true`: how the query was understood."},
        },
    }


def _search(types: tuple[DocumentType, ...]) -> dict[str, Operation]:
    example = {
        "data": [document_example(types[0]) | {"search": _ABOUT}],
        "page": {"next": None, "prev": None, "has_more": False, "total": 1},
        "did_you_mean": None,
        "corrected": False,
    }
    answer = success("A page of hits.", _search_schema(types), example)
    return operation(
        "search", "Find documents by their words", "Search", _search_parameters(types), answer
    )


_ABOUT: Final = {
    "score": 4.2,
    "highlights": {"title": "A <mark>blog</mark> post", "summary": None, "body": []},
}


def _clicks() -> dict[str, Operation]:
    example = {
        "q": "gardening",
        "document": "6f0c1c5e-54a2-5c1d-9c53-1de6dbd4b1a1",
        "position": 1,
    }
    body = {"schema": {"$ref": "#/components/schemas/Click"}, "example": example}
    problems = ("400", "404", "405", "411", "413", "414", "415", "429", "500", "503")
    return {
        "post": {
            "operationId": "reportClick",
            "summary": "Tell which result a visitor chose",
            "description": "For the editors' reports; no cookie is set and no address is kept. "
            "`navigator.sendBeacon` with a text of JSON will do. Results are not reordered by it.",
            "tags": ["Search"],
            "parameters": [],
            "requestBody": {
                "required": True,
                "content": {"application/json": body},
            },
            "responses": {
                "202": {
                    "description": "It will be counted.",
                    "headers": {
                        name: {"$ref": f"#/components/headers/{name}"}
                        for name in ("Cache-Control", "X-Request-ID")
                    },
                },
                **{
                    status: {"$ref": f"#/components/responses/Problem{status}"}
                    for status in problems
                },
            },
        }
    }


def _suggest() -> dict[str, Operation]:
    limit = {"type": "integer", "minimum": 1, "maximum": 20, "default": 8}
    schema = {
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Suggestion"}},
            "degraded": {"type": "boolean"},
        },
    }
    example = {
        "data": [
            {
                "text": "A blog post",
                "kind": "title",
                "id": "6f0c1c5e-54a2-5c1d-9c53-1de6dbd4b1a1",
                "type": "blog-posts",
                "path": "/blog/a-blog-post/",
            },
            {"text": "a blog", "kind": "query", "id": None, "type": None, "path": None},
        ]
    }
    return operation(
        "suggest",
        "Get ways to go on with what is being typed",
        "Search",
        [
            _q(required=True),
            given.shared("locale"),
            given.query("limit", "How many at most.", limit),
        ],
        success(
            "What others searched for, titles, tags and categories, best first.", schema, example
        ),
    )


def _related(types: tuple[DocumentType, ...]) -> dict[str, Operation]:
    limit = {"type": "integer", "minimum": 1, "maximum": 20, "default": 5}
    kind = {
        "name": "searched_type",
        "in": "path",
        "required": True,
        "description": "The type of the document.",
        "schema": {"type": "string", "enum": [*searched_types()]},
        "example": searched_types()[0],
    }
    schema = {
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {"type": "array", "items": any_of(types)},
            "included": {"$ref": "#/components/schemas/Included"},
            "degraded": {"type": "boolean"},
        },
    }
    return operation(
        "listRelated",
        "List documents like one",
        "Search",
        [
            kind,
            given.key_parameter(types[0]),
            _types_parameter("Which types to find; that of the document without it."),
            given.query("limit", "How many at most.", limit),
            *given.selection_parameters(types),
            given.shared("locale"),
        ],
        success("Those most like it first.", schema, {"data": [document_example(types[0])]}),
        may_miss=True,
    )


def _hit_schema() -> dict[str, Any]:
    mark = {**_NULLABLE, "description": "HTML, escaped but for `<mark>`."}
    return {
        "type": "object",
        "required": ["search"],
        "properties": {
            "search": {
                "type": "object",
                "required": ["score"],
                "properties": {
                    "score": {"type": "number"},
                    "pinned": {
                        "type": "boolean",
                        "description": "Stands here, true, where editors have put the document "
                        "on top for this query.",
                    },
                    "highlights": {
                        "type": "object",
                        "required": ["title", "summary", "body"],
                        "properties": {
                            "title": mark,
                            "summary": mark,
                            "body": {"type": "array", "items": _TEXT},
                        },
                    },
                },
            }
        },
    }


def _facets_schema() -> dict[str, Any]:
    count = {"type": "integer", "minimum": 1}
    value = {
        "type": "object",
        "required": ["value", "count"],
        "properties": {"value": _TEXT, "count": count},
    }
    label = {
        "type": "object",
        "required": ["id", "slug", "title", "count"],
        "properties": {"id": _TEXT, "slug": _TEXT, "title": _TEXT, "count": count},
    }
    price = {
        "type": "object",
        "required": ["currency", "min", "max", "count"],
        "properties": {"currency": _TEXT, "min": _TEXT, "max": _TEXT, "count": count},
    }
    dates = {
        "type": ["object", "null"],
        "required": ["min", "max", "years"],
        "properties": {"min": _TEXT, "max": _TEXT, "years": {"type": "array", "items": value}},
    }
    return {
        "type": "object",
        "description": "Those that `facets` names.",
        "properties": {
            "type": {"type": "array", "items": value},
            **{name: {"type": "array", "items": label} for name in ("tags", "category", "author")},
            "price": {"type": "array", "items": price},
            "published_at": dates,
        },
    }


def _suggestion() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["text", "kind", "id", "type", "path"],
        "properties": {
            "text": _TEXT,
            "kind": {"enum": ["title", "tag", "category", "query"]},
            "id": {
                "type": ["string", "null"],
                "format": "uuid",
                "description": "The document's; null for what others searched for.",
            },
            "type": {**_NULLABLE, "description": "Of a title: the type of the document."},
            "path": {**_NULLABLE, "description": "Of a title: where the document is."},
        },
    }
