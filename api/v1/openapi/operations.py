"""The operations: what each does, takes and answers."""

from typing import Any, Final

from api.v1.negotiation import LINES
from api.v1.openapi import parameters as given
from delivery.interface import SITEMAP_LIMIT, DocumentType, document_example, schema_name

Operation = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas"
_RESPONSES: Final = "#/components/responses"
_PAGE: Final = {"next": "WyIyMDI2LTExLTAxVDA5OjMwOjAwWiJd", "prev": None, "has_more": True}


def operation(
    name: str,
    summary: str,
    tag: str,
    parameters: list[dict[str, Any]],
    answer: Operation,
    *,
    may_miss: bool = False,
    more_problems: tuple[str, ...] = (),
) -> dict[str, Operation]:
    """A path that is only read. `may_miss` tells that there may be nothing at it."""
    problems = ["400", "401", "403", "405", "410", "413", "414", "500", "503", *more_problems]
    if may_miss:
        problems.append("404")
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": [tag],
            "parameters": parameters,
            "responses": {
                "200": answer,
                "304": {"$ref": f"{_RESPONSES}/NotModified"},
                **{
                    status: {"$ref": f"{_RESPONSES}/Problem{status}"}
                    for status in sorted({*problems})
                },
            },
        }
    }


def success(description: str, schema: dict[str, Any], example: Any) -> Operation:
    """The answer 200, with its headers."""
    return {
        "description": description,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"}
            for name in ("ETag", "Cache-Control", "Surrogate-Key", "X-Request-ID")
        },
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def list_schema(types: tuple[DocumentType, ...]) -> dict[str, Any]:
    """A page of documents of these types."""
    return {
        "type": "object",
        "required": ["data", "page"],
        "properties": {
            "data": {"type": "array", "items": any_of(types)},
            "page": {"$ref": f"{_SCHEMAS}/Cursors"},
            "included": {"$ref": f"{_SCHEMAS}/Included"},
        },
    }


def single_schema(types: tuple[DocumentType, ...]) -> dict[str, Any]:
    """One document of these types."""
    return {
        "type": "object",
        "required": ["data"],
        "properties": {"data": any_of(types), "included": {"$ref": f"{_SCHEMAS}/Included"}},
    }


def any_of(types: tuple[DocumentType, ...]) -> dict[str, Any]:
    """The schema of documents of any of these types."""
    refs = [{"$ref": f"{_SCHEMAS}/{schema_name(item)}"} for item in types]
    return refs[0] if len(refs) == 1 else {"anyOf": refs}


def list_answer(types: tuple[DocumentType, ...]) -> Operation:
    """The answer of a list."""
    example = {"data": [document_example(types[0])], "page": _PAGE}
    answer = success("A page of the list.", list_schema(types), example)
    answer["headers"]["Vary"] = {"$ref": "#/components/headers/Vary"}
    answer["content"][LINES] = {
        "schema": {
            "type": "string",
            "description": "The whole list, for whoever prefers this form (`Accept`): one "
            "document on each line, as in `data`. A problem as the last line tells that the list "
            "goes on. Without `include` and the parameters of pages.",
        }
    }
    return answer


def single_answer(types: tuple[DocumentType, ...]) -> Operation:
    """The answer of a single document."""
    return success("The document.", single_schema(types), {"data": document_example(types[0])})


def all_list(types: tuple[DocumentType, ...]) -> dict[str, Operation]:
    """The list of all types."""
    names = "|".join(item.name for item in types)
    by_type = given.query(
        "type",
        "Which types to list; all without it.",
        {"type": "string", "pattern": f"^({names})(,({names}))*$"},
        example=types[0].name,
    )
    parameters = [by_type, *given.list_parameters(types)]
    return operation(
        "listContent", "List documents of all types", "Content", parameters, list_answer(types)
    )


def type_list(item: DocumentType, tag: str, name: str) -> dict[str, Operation]:
    """The list of one type."""
    return operation(
        name, f"List {item.name}", tag, given.list_parameters((item,)), list_answer((item,))
    )


def type_single(item: DocumentType, tag: str, name: str) -> dict[str, Operation]:
    """One document of a type."""
    parameters = [given.key_parameter(item), *given.single_parameters((item,))]
    summary = f"Get one of {item.name} by id or slug"
    return operation(name, summary, tag, parameters, single_answer((item,)), may_miss=True)


def resolve(types: tuple[DocumentType, ...]) -> dict[str, Operation]:
    """What stands at a path."""
    path = given.query(
        "path",
        "A path of the website.",
        {"type": "string", "pattern": "^/([a-z0-9-]+/)*$", "maxLength": 2048},
        example="/blog/",
        required=True,
    )
    redirect = {
        "type": "object",
        "required": ["redirect"],
        "properties": {
            "redirect": {
                "type": "object",
                "required": ["to", "status"],
                "properties": {"to": {"type": "string"}, "status": {"enum": [301, 302]}},
            }
        },
    }
    answer = success(
        "The document at the path, or the redirect that stands there.",
        {"anyOf": [single_schema(types), redirect]},
        {"redirect": {"to": "/blog/a-blog-post/", "status": 301}},
    )
    parameters = [path, *given.selection_parameters(types), given.shared("as_of")]
    return operation(
        "resolvePath", "Get what stands at a path", "Content", parameters, answer, may_miss=True
    )


def site(item: DocumentType) -> dict[str, Operation]:
    """The website's own document."""
    return operation(
        "getSite",
        "Get brand, menus, banners and languages",
        "Content",
        given.single_parameters((item,)),
        single_answer((item,)),
        may_miss=True,
    )


def sitemap() -> dict[str, Operation]:
    """The paths for search engines."""
    limit = given.query(
        "limit",
        "How many at most.",
        {"type": "integer", "minimum": 1, "maximum": SITEMAP_LIMIT, "default": SITEMAP_LIMIT},
    )
    entry = {
        "path": "/blog/a-blog-post/",
        "locale": "en",
        "updated_at": "2026-11-01T09:30:00Z",
        "alternates": {"fr": "/fr/blog/un-article/"},
    }
    schema = {
        "type": "object",
        "required": ["data", "page"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": f"{_SCHEMAS}/SitemapEntry"}},
            "page": {"$ref": f"{_SCHEMAS}/Cursors"},
        },
    }
    answer = success("A page of paths.", schema, {"data": [entry], "page": _PAGE})
    parameters = [limit, given.shared("after"), given.shared("as_of")]
    return operation("listSitemap", "List paths for search engines", "Content", parameters, answer)
