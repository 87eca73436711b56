"""A whole list, one document after another, in memory that does not grow with it.

The list is read in batches, each by a statement of its own that begins where the last one
ended. No transaction is open in between: a caller who reads slowly keeps nothing from being
cleaned up, and no connection from a pooler. So each batch is as the documents are at that
moment. What changes while the stream runs comes in its old or its new form; a document whose
sort key changes may come twice or not at all. With `as_of` all batches are of that instant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from delivery.reading.answers import Found, gather
from delivery.reading.cursor import write_cursor
from delivery.reading.dialect import current_dialect
from delivery.reading.faults import refuse
from delivery.reading.filter_sql import find_targets
from delivery.reading.list_query import ListQuery, ListSelect
from delivery.reading.locales import EVERY_LANGUAGE, languages_for
from delivery.reading.requests import LIST_PARAMETERS, list_query
from delivery.reading.rows import FIRST_KEY
from delivery.reading.site_lookup import Site

BATCH: Final = 100
_OF_PAGES: Final = ("limit", "after", "before", "count")


def stream_query(type_name: str | None, params: Mapping[str, str]) -> ListQuery:
    """The query of a list that is streamed.

    Raises:
        Invalid: a parameter that is not understood, or that has no meaning without pages.
        NotFound: no such type.
    """
    for name in LIST_PARAMETERS:
        if name in params and name in _OF_PAGES:
            raise refuse(name, "not_in_a_stream", "A stream has no pages. Leave this out.")
    if "include" in params:
        detail = "A line holds one document. Choose fields of references: fields=author(name)."
        raise refuse("include", "not_in_a_stream", detail)
    return replace(list_query(type_name, params), limit=BATCH)


def stream_locales(site: Site, query: ListQuery) -> tuple[str, ...]:
    """The languages that a stream looks in, best first.

    Raises:
        Invalid: the site has none of those wanted.
    """
    found = languages_for(
        query.types, query.locales, default=site.default_locale, known=site.locales
    )
    return tuple(tag for tag in found if tag != EVERY_LANGUAGE)


def stream_list(site: Site, query: ListQuery) -> Iterator[bytes]:
    """The documents of a list as lines of JSON, a batch at a time. A query for each batch.

    Raises:
        Invalid: the site has none of the languages.
    """
    dialect = current_dialect()
    locales = languages_for(
        query.types, query.locales, default=site.default_locale, known=site.locales
    )
    targets = find_targets(dialect, site, query.filters)
    while True:
        select = ListSelect(
            dialect=dialect, site_id=site.id, locales=locales, query=query, targets=targets
        )
        found = gather(dialect, site, select.page(), query.selection)
        yield _lines(found, query)
        if found.extra is None:
            return
        edge = write_cursor(select.scope(), found.rows[-1][FIRST_KEY:])
        query = replace(query, after=edge)


def _lines(found: Found, query: ListQuery) -> bytes:
    root = query.selection.root
    return b"".join([found.composer.document(row, root) + b"\n" for row in found.rows])
