"""One document: by id, by slug, or by path."""

from dataclasses import dataclass

import orjson

from core.interface import NotFound
from delivery.cache_tags import site_tag
from delivery.document_types import all_types
from delivery.reading.answers import Answer, document_answer, gather, tags_of
from delivery.reading.closure import Hits
from delivery.reading.dialect import Dialect, current_dialect, fetch, hyphenated
from delivery.reading.filters import UUID_TEXT
from delivery.reading.fragments import Fragment, marks, rank
from delivery.reading.locales import choose_locales
from delivery.reading.selection import Selection
from delivery.reading.site_lookup import Site


@dataclass(frozen=True, slots=True)
class SingleQuery:
    """Which document a caller asks for, and what of it."""

    type_name: str
    key: str
    selection: Selection
    locales: tuple[str, ...] | None = None


def read_document(site: Site, query: SingleQuery) -> Answer:
    """The document with this id or slug. One query.

    An id without languages gives exactly that document; a slug without languages is looked up
    in the site's default. With languages, the document is found by id, or by slug in any of
    them, and its best translation is the answer.

    Raises:
        NotFound: there is none, or none in these languages.
        Invalid: the site has none of the languages.
    """
    dialect = current_dialect()
    locales = None
    if query.locales is not None:
        locales = choose_locales(query.locales, site.locales)
    select = _select(dialect, site, query, locales)
    hits = Hits(sql=select.sql, params=select.params, limit=1)
    found = gather(dialect, site, hits, query.selection)
    # A second document of that slug, or another translation, may come or go.
    is_one_of_several = found.extra is not None or (locales is not None and len(locales) > 1)
    types = (query.type_name,) if is_one_of_several else ()
    return document_answer(site, found, query.selection, types)


def _select(
    dialect: Dialect, site: Site, query: SingleQuery, locales: tuple[str, ...] | None
) -> Fragment:
    place = "d.site_id = %s AND d.type = %s"
    params = (site.id, query.type_name)
    if UUID_TEXT.fullmatch(query.key):
        by_key, key = f"id = {dialect.id_value}", dialect.id_param(query.key)
        if locales is None:
            return Fragment(
                f"SELECT d.id FROM delivery_document d WHERE {place} AND d.{by_key}", (*params, key)
            )
        return _best(Fragment(f"{by_key}", (key,)), params, locales)
    if locales is None or len(locales) == 1:
        locale = site.default_locale if locales is None else locales[0]
        return Fragment(
            f"SELECT d.id FROM delivery_document d WHERE {place} AND d.slug = %s AND d.locale = %s"
            " ORDER BY d.sorted_at, d.id LIMIT 2",
            (*params, query.key, locale),
        )
    by_slug = Fragment(f"slug = %s AND locale IN ({marks(len(locales))})", (query.key, *locales))
    return _best(by_slug, params, locales)


def _best(by_key: Fragment, place: tuple[int, str], locales: tuple[str, ...]) -> Fragment:
    """The translation, in the best language, of the first document that `by_key` finds."""
    return Fragment(
        "SELECT d.id FROM delivery_document d WHERE d.site_id = %s AND d.type = %s"
        f" AND d.locale IN ({marks(len(locales))}) AND d.translation_key = ("
        f"SELECT o.translation_key FROM delivery_document o WHERE o.site_id = %s AND o.type = %s"
        f" AND {by_key.sql} ORDER BY {rank('o.locale', locales)}, o.sorted_at, o.id LIMIT 1)"
        f" ORDER BY {rank('d.locale', locales)}, d.sorted_at, d.id LIMIT 1",
        (*place, *locales, *place, *by_key.params, *locales, *locales),
    )


def resolve_path(site: Site, path: str, selection: Selection) -> Answer:
    """The document at a path, or the redirect that stands there. One query, two for a redirect.

    A path without its last slash leads to the same. A redirect to a document gives the path
    that the document has now.

    Raises:
        NotFound: nothing is there, or what a redirect leads to is not public.
    """
    dialect = current_dialect()
    forms = tuple(dict.fromkeys((path, path.rstrip("/") + "/", path.rstrip("/") or "/")))
    hits = Hits(
        sql="SELECT d.id FROM delivery_document d WHERE d.site_id = %s"
        f" AND d.path IN ({marks(len(forms))}) ORDER BY {rank('d.path', forms)}, d.id LIMIT 1",
        params=(site.id, *forms, *forms),
        limit=1,
    )
    found = gather(dialect, site, hits, selection)
    if found.rows:
        return document_answer(site, found, selection)
    return _redirect(dialect, site, forms)


def _redirect(dialect: Dialect, site: Site, forms: tuple[str, ...]) -> Answer:
    rows = fetch(
        f"SELECT r.url, r.is_permanent, {dialect.id_text.format('r.document_id')}, d.path"
        " FROM delivery_redirect r LEFT JOIN delivery_document d"
        " ON d.id = r.document_id AND d.site_id = r.site_id AND d.path <> ''"
        f" WHERE r.site_id = %s AND r.path IN ({marks(len(forms))})"
        f" ORDER BY {rank('r.path', forms)}, r.id",
        (site.id, *forms, *forms),
    )
    for url, is_permanent, document_id, document_path in rows:
        target = document_path or url
        if not target or target in forms:
            continue
        ids = [hyphenated(document_id)] if document_id else []
        # A page may be published at this very path one day, of whichever type.
        tags = tags_of(site.id, [item.name for item in all_types()], ids)
        redirect = {"to": target, "status": 301 if is_permanent else 302}
        return Answer(body=orjson.dumps({"redirect": redirect}), tags=(site_tag(site.id), *tags))
    raise NotFound("There is no document at this path.")
