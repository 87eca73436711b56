"""Every page that search engines may list, for the website's `sitemap.xml`."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from delivery.document_types import all_types
from delivery.reading.answers import Answer, tags_of
from delivery.reading.cursor import read_cursor, write_cursor
from delivery.reading.dialect import current_dialect
from delivery.reading.past import fetch_at
from delivery.reading.rows import zulu
from delivery.reading.site_lookup import Site

SITEMAP_LIMIT: Final = 1000
# The head is compact JSON, in which text of an editor would have its quotes escaped.
_HIDDEN: Final = '%"noindex":true%'


def read_sitemap(site: Site, *, limit: int, after: str | None) -> Answer:
    """Paths in order, each with its time of change and its translations. One query.

    Raises:
        Invalid: the cursor is not one of this site's sitemap.
    """
    scope = orjson.dumps(["sitemap", site.id])
    start = "" if after is None else str(read_cursor(scope, "after", after)[0])
    rows = _rows(site, start, limit + 1)
    pages: dict[str, dict[str, Any]] = {}
    for path, locale, updated_at, other_locale, other_path in rows:
        page = pages.setdefault(
            path,
            {"path": path, "locale": locale, "updated_at": zulu(updated_at), "alternates": {}},
        )
        if other_locale is not None:
            page["alternates"][other_locale] = other_path
    shown = list(pages.values())[:limit]
    cursor = write_cursor(scope, [shown[-1]["path"]]) if len(pages) > limit else None
    page_part = {"next": cursor, "prev": None, "has_more": cursor is not None}
    return Answer(
        body=orjson.dumps({"data": shown, "page": page_part}),
        tags=tags_of(site.id, [item.name for item in all_types()], ()),
        next=cursor,
    )


def _rows(site: Site, start: str, count: int) -> Sequence[tuple[Any, ...]]:
    updated_at = current_dialect().time_text.format("p.updated_at")
    return fetch_at(
        site.at,
        f"SELECT p.path, p.locale, {updated_at}, o.locale, o.path FROM ("
        "SELECT d.id, d.path, d.locale, d.updated_at, d.translation_key FROM delivery_document d"
        " WHERE d.site_id = %s AND d.path > %s AND d.head NOT LIKE %s"
        f" ORDER BY d.path LIMIT {int(count)}) p"
        " LEFT JOIN delivery_document o ON o.translation_key = p.translation_key"
        " AND o.id <> p.id AND o.site_id = %s AND o.path <> '' AND o.head NOT LIKE %s"
        " ORDER BY p.path, o.locale",
        (site.id, start, _HIDDEN, site.id, _HIDDEN),
    )
