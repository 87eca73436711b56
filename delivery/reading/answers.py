"""The answers of the reading side, as bytes with all that a cache must know of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from core.interface import NotFound
from delivery.cache_tags import document_tag, site_tag, slug_tag, type_tag
from delivery.document_types import all_types
from delivery.reading.closure import Hits, statement
from delivery.reading.compose import Composer
from delivery.reading.cursor import write_cursor
from delivery.reading.dialect import Dialect, current_dialect
from delivery.reading.filter_sql import find_targets, slugs_in
from delivery.reading.list_query import ListQuery, ListSelect
from delivery.reading.locales import languages_for
from delivery.reading.past import fetch_at
from delivery.reading.rows import FIRST_KEY, ID, LOCALE, POSITION, Row
from delivery.reading.selection import Selection
from delivery.reading.site_lookup import Site

MAX_TAGS_SIZE: Final = 8000
_TAG_SIZE: Final = len("d-00000000-0000-0000-0000-000000000000 ")


@dataclass(frozen=True, slots=True)
class Answer:
    """A composed answer. `tags` are all that it depends on; `locales` are those it shows.

    `next` and `prev` are cursors of the pages beside it; `next_query` is the whole query of the
    next one, where that is not this one's with another cursor.
    """

    body: bytes
    tags: tuple[str, ...]
    locales: tuple[str, ...] = ()
    next: str | None = None
    prev: str | None = None
    next_query: str | None = None


@dataclass(slots=True)
class Found:
    """What one statement brought: the documents asked for, in order, and those they name."""

    rows: list[Row]
    composer: Composer
    extra: Row | None = field(default=None)


def gather(dialect: Dialect, site: Site, hits: Hits, selection: Selection) -> Found:
    """Runs the statement. One query, whatever it gathers."""
    sql, params = statement(dialect, site.id, hits, selection)
    rows = dialect.rows(fetch_at(site.at, sql, params))
    found = sorted((row for row in rows if row[POSITION]), key=_position)
    named = {row[ID]: row for row in rows if not row[POSITION]}
    extra = found[hits.limit] if len(found) > hits.limit else None
    return Found(found[: hits.limit], Composer(named, selection), extra)


def _position(row: Row) -> int:
    position: int = row[POSITION]
    return position


def read_list(site: Site, query: ListQuery) -> Answer:
    """One page of a list. One query; one more where a filter names slugs, and one for the total.

    Raises:
        Invalid: the site has none of the languages, or the cursor is not one of this list.
    """
    dialect = current_dialect()
    locales = languages_for(
        query.types, query.locales, default=site.default_locale, known=site.locales
    )
    targets = find_targets(dialect, site, query.filters)
    select = ListSelect(
        dialect=dialect, site_id=site.id, locales=locales, query=query, targets=targets
    )
    found = gather(dialect, site, select.page(), query.selection)
    total = None
    if query.with_total:
        count = select.total()
        total = fetch_at(site.at, count.sql, count.params)[0][0]
    page = _page_of(query, select.scope(), found)
    body = _list_body(found, query.selection, page, total)
    names = [item.name for item in query.types]
    looked_up = [slug_tag(site.id, *pair) for pair in slugs_in(query.filters)]
    return Answer(
        body=body,
        tags=tags_of(site.id, names, found.composer.ids, looked_up),
        locales=_shown_locales(locales, found.rows),
        next=page.next,
        prev=page.prev,
    )


@dataclass(frozen=True, slots=True)
class _Page:
    next: str | None
    prev: str | None


def _page_of(query: ListQuery, scope: bytes, found: Found) -> _Page:
    """The cursors at the edges; puts the rows of a page that was read backwards in order."""
    has_extra = found.extra is not None
    if query.before is not None:
        found.rows.reverse()
    if not found.rows:
        return _Page(None, None)
    first, last = found.rows[0][FIRST_KEY:], found.rows[-1][FIRST_KEY:]
    has_next = has_extra if query.before is None else True
    has_prev = has_extra if query.before is not None else query.after is not None
    return _Page(
        next=write_cursor(scope, last) if has_next else None,
        prev=write_cursor(scope, first) if has_prev else None,
    )


def _list_body(found: Found, selection: Selection, page: _Page, total: int | None) -> bytes:
    composer, root = found.composer, selection.root
    data = b",".join([composer.document(row, root) for row in found.rows])
    cursors: dict[str, object] = {
        "next": page.next,
        "prev": page.prev,
        "has_more": page.next is not None,
    }
    if total is not None:
        cursors["total"] = total
    side = included_part(found.rows, composer, selection)
    return b'{"data":[' + data + b'],"page":' + orjson.dumps(cursors) + side + b"}"


def included_part(rows: Sequence[Row], composer: Composer, selection: Selection) -> bytes:
    """The side block with the comma before it; nothing when no references are to be included."""
    if not selection.includes_any:
        return b""
    documents = composer.included(rows, selection.root)
    items = b",".join([b'"%s":%s' % (key.encode(), body) for key, body in documents.items()])
    return b',"included":{' + items + b"}"


def document_answer(
    site: Site, found: Found, selection: Selection, tags: Iterable[str] = ()
) -> Answer:
    """The answer for a single document.

    `tags` are those of what would change it by coming or going.

    Raises:
        NotFound: no document was found.
    """
    if not found.rows:
        raise NotFound("There is no such document.")
    row, composer = found.rows[0], found.composer
    document = composer.document(row, selection.root)
    side = included_part([row], composer, selection)
    return Answer(
        body=b'{"data":' + document + side + b"}",
        tags=(*tags_of(site.id, (), composer.ids), *tags),
        locales=_shown_locales((row[LOCALE],), [row]),
    )


def _shown_locales(locales: Iterable[str], rows: Iterable[Row]) -> tuple[str, ...]:
    """Those of `locales` that documents here are in; what belongs to every language has none."""
    shown = {row[LOCALE] for row in rows}
    return tuple(tag for tag in locales if tag and tag in shown)


def tags_of(
    site_id: int, types: Iterable[str], ids: Iterable[str], slugs: Iterable[str] = ()
) -> tuple[str, ...]:
    """The cache tags for lists of `types` and documents `ids`; coarse ones when they are too many.

    `slugs` are the tags of those that were looked up. What changes them changes a type too, so
    that the coarse tags stand for them; those of paths they do not stand for.

    Every answer has its site's tag, since the host's site and its languages decide all else. The
    coarse tags are those of every type: what is absent has no type that we could know.
    """
    site = site_tag(site_id)
    listed = [type_tag(site_id, name) for name in types]
    documents = [document_tag(item) for item in ids]
    looked_up = list(dict.fromkeys(slugs))
    if (len(documents) + len(listed) + len(looked_up)) * _TAG_SIZE > MAX_TAGS_SIZE:
        every = [type_tag(site_id, item.name) for item in all_types()]
        return (site, *dict.fromkeys([*listed, *every]))
    return (site, *dict.fromkeys([*listed, *documents, *looked_up]))
