"""From the texts of parameters to checked queries."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.interface import NotFound
from delivery.document_types import DocumentType, all_types, get_type
from delivery.reading.faults import refuse
from delivery.reading.filters import read_filters
from delivery.reading.instants import read_as_of
from delivery.reading.list_query import ListQuery
from delivery.reading.locales import read_locales
from delivery.reading.selection import Selection, read_selection
from delivery.reading.single import SingleQuery, site_document_type
from delivery.reading.sorting import read_sort

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20
MAX_PATH: Final = 2048

SELECTION_PARAMETERS: Final = ("fields", "include", "format")
SINGLE_PARAMETERS: Final = (*SELECTION_PARAMETERS, "locale", "as_of")
LIST_PARAMETERS: Final = (*SINGLE_PARAMETERS, "sort", "limit", "after", "before", "count")
"""The parameters of each kind of request, besides those that begin with `filter[`."""


def require_type(name: str) -> DocumentType:
    """The type of that name that has a route of its own.

    Raises:
        NotFound: there is none.
    """
    found = get_type(name)
    if found is None or not found.is_listed:
        raise NotFound("There is no such type of document.")
    return found


def list_query(type_name: str | None, params: Mapping[str, str]) -> ListQuery:
    """The query of a list: of one type, or of all types or those that `type` names.

    Raises:
        Invalid: a parameter that is not understood; it names each.
        NotFound: no such type.
    """
    types = _types(type_name, params)
    filters = [(key, text) for key, text in params.items() if key.startswith("filter")]
    if "after" in params and "before" in params:
        raise refuse("before", "contradiction", "Give after or before, not both.")
    return ListQuery(
        types=types,
        selection=_selection(types, params),
        filters=read_filters(types, filters),
        sort=read_sort(types, params.get("sort")),
        limit=read_limit(params.get("limit")),
        locales=read_locales(params.get("locale")),
        after=params.get("after"),
        before=params.get("before"),
        with_total=_read_boolean("count", params.get("count")),
        as_of=read_as_of(params.get("as_of")),
    )


def single_query(type_name: str, key: str, params: Mapping[str, str]) -> SingleQuery:
    """The query of one document.

    Raises:
        Invalid: a parameter that is not understood.
        NotFound: no such type.
    """
    return _single_query(require_type(type_name), key, params)


def site_query(params: Mapping[str, str]) -> SingleQuery:
    """The query of the website's own document.

    Raises:
        Invalid: a parameter that is not understood.
    """
    return _single_query(site_document_type(), None, params)


def _single_query(
    document_type: DocumentType, key: str | None, params: Mapping[str, str]
) -> SingleQuery:
    return SingleQuery(
        type=document_type,
        key=key,
        selection=_selection((document_type,), params),
        locales=read_locales(params.get("locale")),
        as_of=read_as_of(params.get("as_of")),
    )


def path_selection(params: Mapping[str, str]) -> Selection:
    """What to show of the document at a path, of whichever type it is.

    Raises:
        Invalid: a parameter that is not understood.
    """
    return _selection(all_types(), params)


def selection_of(type_names: Sequence[str], params: Mapping[str, str], *, usual: str) -> Selection:
    """What to show of documents of these types; the fields `usual` where none are named.

    Raises:
        Invalid: a parameter that is not understood.
    """
    fields = params.get("fields", usual)
    return read_selection(tuple(type_names), fields, params.get("include"), params.get("format"))


def read_fields(type_names: Sequence[str], fields: str) -> Selection:
    """What `fields` shows of documents of these types, of all types where none is named.

    An empty text shows everything.

    Raises:
        Invalid: the text names what none of them has, or is malformed.
    """
    names = tuple(type_names) or tuple(item.name for item in all_types())
    return read_selection(names, fields or None, None, None)


def read_limit(text: str | None, *, most: int = MAX_LIMIT, usual: int = DEFAULT_LIMIT) -> int:
    """The parameter `limit`.

    Raises:
        Invalid: not a whole number from 1 to `most`.
    """
    if text is None:
        return usual
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or text.startswith("0") or int(text) > most:
        raise refuse("limit", "out_of_range", f"The limit is a whole number from 1 to {most}.")
    return int(text)


def _types(type_name: str | None, params: Mapping[str, str]) -> tuple[DocumentType, ...]:
    if type_name is not None:
        return (require_type(type_name),)
    named = params.get("type")
    if named is None:
        return tuple(item for item in all_types() if item.is_listed)
    found: dict[str, DocumentType] = {}
    for name in named.split(","):
        known = get_type(name)
        if known is None or not known.is_listed:
            raise refuse("type", "unknown_type", f"There is no type {name[:60]}.")
        found[name] = known
    return tuple(found.values())


def _selection(types: Sequence[DocumentType], params: Mapping[str, str]) -> Selection:
    return read_selection(
        tuple(item.name for item in types),
        params.get("fields"),
        params.get("include"),
        params.get("format"),
    )


def _read_boolean(pointer: str, text: str | None) -> bool:
    if text not in {None, "true", "false"}:
        raise refuse(pointer, "malformed", "Write true or false.")
    return text == "true"


def read_path(text: str | None) -> str:
    """The parameter `path`.

    Raises:
        Invalid: missing, or not a path from the root of a website.
    """
    if text is None:
        raise refuse("path", "missing", "Say which path: path=/blog/a-post/.")
    if not text.startswith("/") or "//" in text or len(text) > MAX_PATH:
        raise refuse("path", "malformed", "A path begins with a single slash, as in /blog/a-post/.")
    return text
