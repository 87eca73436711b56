"""What a cache in front of the API may know of its addresses."""

from collections.abc import Mapping
from typing import Final

from delivery.interface import DEFAULT_LIMIT, SITEMAP_LIMIT

PREFIX: Final = "/api/v1/"
_ONE: Final = {"format": "html"}
_LIST: Final = {"format": "html", "limit": str(DEFAULT_LIMIT), "count": "false"}
_SEARCH: Final = {
    "format": "html",
    "limit": str(DEFAULT_LIMIT),
    "highlight": "true",
    "explain": "false",
}
_BY_NAME: Final[Mapping[str, Mapping[str, str]]] = {
    "resolve": _ONE,
    "site": _ONE,
    "sitemap": {"limit": str(SITEMAP_LIMIT)},
    "sync": {},
}
"""Addresses under /content that are no type of document."""


def defaults_of(path: str) -> Mapping[str, str] | None:
    """The parameters that say nothing at this address when they have these values.

    A parameter that an address does not know stays in its query, to be refused there. None for
    an address whose query is not v1's to read, and which no cache may fold.
    """
    if not path.startswith(PREFIX):
        return None
    match path.removeprefix(PREFIX).split("/"):
        case ["content"] | ["services"]:
            return _LIST
        case ["content", name]:
            return _BY_NAME.get(name, _LIST)
        case ["content", _, _] | ["services", _]:
            return _ONE
        case ["search"]:
            return _SEARCH
    return {}
