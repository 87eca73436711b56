"""Pages of lists that are private: limits, cursors and links, as the public lists have them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse

from api.v1.callers import caller_of, private_json
from api.v1.responses import page_links
from core.interface import Invalid, Issue
from delivery.interface import read_cursor, read_limit, write_cursor

PAGE_PARAMETERS: Final = ("limit", "after", "before")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page: at most `limit` rows after one key, or before one; neither for the first."""

    limit: int
    scope: bytes
    after: str | None = None
    before: str | None = None


def read_page(request: HttpRequest, params: Mapping[str, str]) -> PageQuery:
    """The page that the parameters name.

    A cursor belongs to one caller's list at one address with one set of filters.

    Raises:
        Invalid: a limit out of range, both cursors, or one of another list.
    """
    filters = sorted(item for item in params.items() if item[0] not in PAGE_PARAMETERS)
    scope = hashlib.blake2b(repr((caller_of(request).id, request.path, filters)).encode()).digest()
    limit = read_limit(params.get("limit"))
    if "after" in params and "before" in params:
        detail = "Give after or before, not both."
        raise Invalid(detail, (Issue("query/before", "contradiction", detail),))
    keys = {
        name: str(read_cursor(scope, f"query/{name}", params[name])[0])
        for name in ("after", "before")
        if name in params
    }
    return PageQuery(limit, scope, **keys)


def page_response(
    request: HttpRequest,
    query: PageQuery,
    rows: Sequence[Row],
    *,
    has_more: bool,
    key: Callable[[Row], object],
    shape: Callable[[Row], Any],
) -> HttpResponse:
    """The page as an answer, with the cursors of those beside it.

    `has_more` tells of more rows beyond the page's far side: after it, or before it where it was
    asked for by `before`.
    """

    def cursor(at: int) -> str:
        return write_cursor(query.scope, [str(key(rows[at]))])

    has_next = has_more if query.before is None else True
    has_prev = has_more if query.before is not None else query.after is not None
    following = cursor(-1) if rows and has_next else None
    previous = cursor(0) if rows and has_prev else None
    page = {"next": following, "prev": previous, "has_more": following is not None}
    links = page_links(request, following, previous)
    return private_json(
        request,
        {"data": [shape(row) for row in rows], "page": page},
        headers={"Link": links} if links else None,
    )
