"""One document: by id, by slug, or by path; and the website's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.utils.encoding import uri_to_iri

from core.interface import NotFound
from delivery.cache_tags import path_tag, slug_tag, type_tag
from delivery.document_types import DocumentType, get_type
from delivery.reading.answers import Answer, document_answer, gather, tags_of
from delivery.reading.closure import Hits
from delivery.reading.dialect import Dialect, current_dialect, hyphenated
from delivery.reading.filters import UUID_TEXT
from delivery.reading.fragments import Fragment, marks, rank
from delivery.reading.locales import languages_for
from delivery.reading.past import fetch_at
from delivery.reading.selection import Selection
from delivery.reading.site_lookup import Site

SITE_TYPE: Final = "site"
"""The type of the documents that hold settings, menus and banners: one per site and language."""


@dataclass(frozen=True, slots=True)
class SingleQuery:
    """Which document a caller asks for, and what of it. Without a key: the only one of its type."""

    type: DocumentType
    key: str | None
    selection: Selection
    locales: tuple[str, ...] | None = None
    as_of: datetime | None = None


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
    locales = languages_for(
        (query.type,), query.locales, default=site.default_locale, known=site.locales
    )
    select = _select(dialect, site, query, locales)
    found = gather(dialect, site, Hits(select.sql, select.params, limit=1), query.selection)
    return document_answer(site, found, query.selection, _rivals(site, query))


def _rivals(site: Site, query: SingleQuery) -> list[str]:
    """The tags of documents that may come to be the answer instead."""
    tags = []
    if query.locales is not None or query.key is None:
        tags.append(type_tag(site.id, query.type.name))
    if query.key is not None and not UUID_TEXT.fullmatch(query.key):
        tags.append(slug_tag(site.id, query.type.name, query.key))
    return tags


def site_document_type() -> DocumentType:
    """The declared type of the website's own documents.

    Raises:
        NotFound: none is declared.
    """
    found = get_type(SITE_TYPE)
    if found is None:
        raise NotFound("Websites have no documents of their own here.")
    return found


def _select(dialect: Dialect, site: Site, query: SingleQuery, locales: tuple[str, ...]) -> Fragment:
    place = (site.id, query.type.name)
    if query.key is None:
        return _first(Fragment("1 = 1"), place, locales)
    if UUID_TEXT.fullmatch(query.key):
        by_id = Fragment(f"{{0}}.id = {dialect.id_value}", (dialect.id_param(query.key),))
        if query.locales is None:
            return Fragment(
                "SELECT d.id FROM delivery_document d"
                f" WHERE d.site_id = %s AND d.type = %s AND {by_id.sql.format('d')}",
                (*place, *by_id.params),
            )
        return _best(by_id, place, locales)
    by_slug = Fragment("{0}.slug = %s", (query.key,))
    if len(locales) == 1:
        return _first(by_slug, place, locales)
    in_any = Fragment(
        f"{{0}}.slug = %s AND {{0}}.locale IN ({marks(len(locales))})", (query.key, *locales)
    )
    return _best(in_any, place, locales)


def _first(key: Fragment, place: tuple[int, str], locales: tuple[str, ...]) -> Fragment:
    """The documents that `key` finds in the best language: the oldest, and one more."""
    return Fragment(
        f"SELECT d.id FROM delivery_document d WHERE d.site_id = %s AND d.type = %s AND {key.sql.format('d')}"
        f" AND d.locale IN ({marks(len(locales))})"
        f" ORDER BY {rank('d.locale', locales)}, d.sorted_at, d.id LIMIT 2",
        (*place, *key.params, *locales, *locales),
    )


def _best(key: Fragment, place: tuple[int, str], locales: tuple[str, ...]) -> Fragment:
    """The translation, in the best language, of the first document that `key` finds."""
    return Fragment(
        "SELECT d.id FROM delivery_document d WHERE d.site_id = %s AND d.type = %s"
        f" AND d.locale IN ({marks(len(locales))}) AND d.translation_key = ("
        "SELECT o.translation_key FROM delivery_document o WHERE o.site_id = %s AND o.type = %s"
        f" AND {key.sql.format('o')} ORDER BY {rank('o.locale', locales)}, o.sorted_at, o.id LIMIT 1)"
        f" ORDER BY {rank('d.locale', locales)}, d.sorted_at, d.id LIMIT 1",
        (*place, *locales, *place, *key.params, *locales, *locales),
    )


def resolve_path(site: Site, path: str, selection: Selection) -> Answer:
    """The document at a path, or the redirect that stands there. One query, two for a redirect.

    A path without its last slash, or with its letters escaped, leads to the same. A redirect to
    a document gives the path that the document has now. A path with a query (`/?p=12`) leads
    where a redirect for just that query says, its parts in any order; without such a rule the
    query says nothing, and the path alone is looked up. That costs one query more.

    Raises:
        NotFound: nothing is there, or what a redirect leads to is not public.
    """
    dialect = current_dialect()
    path, mark, query = path.partition("?")
    path = uri_to_iri(path)
    bare = path.rstrip("/")
    tags = [path_tag(site.id, path)]
    if mark and query:
        with_query = _forms_with_query(bare or "/", query)
        tags += [path_tag(site.id, form) for form in with_query]
        rules = _rules(dialect, site, with_query)
        if rules:
            return _redirect(site, rules, (path,), tags)
    forms = tuple(dict.fromkeys((path, f"{bare}/", bare or "/")))
    hits = Hits(
        sql="SELECT d.id FROM delivery_document d WHERE d.site_id = %s"
        f" AND d.path IN ({marks(len(forms))}) ORDER BY {rank('d.path', forms)}, d.id LIMIT 1",
        params=(site.id, *forms, *forms),
        limit=1,
    )
    found = gather(dialect, site, hits, selection)
    if found.rows:
        return document_answer(site, found, selection, tags)
    return _redirect(site, _rules(dialect, site, forms), forms, tags)


def _forms_with_query(path: str, query: str) -> tuple[str, ...]:
    """As redirects are written: the parts of the query in order, with its escapes or without."""
    form = f"{path}?{'&'.join(sorted(query.split('&')))}"
    return tuple(dict.fromkeys((form, uri_to_iri(form))))


def _rules(dialect: Dialect, site: Site, forms: tuple[str, ...]) -> list[Any]:
    return fetch_at(
        site.at,
        f"SELECT r.url, r.is_permanent, {dialect.id_text.format('r.document_id')}, d.path"
        " FROM delivery_redirect r LEFT JOIN delivery_document d"
        " ON d.id = r.document_id AND d.site_id = r.site_id AND d.path <> ''"
        f" WHERE r.site_id = %s AND r.path IN ({marks(len(forms))})"
        f" ORDER BY {rank('r.path', forms)}, r.id",
        (site.id, *forms, *forms),
    )


def _redirect(site: Site, rules: list[Any], forms: tuple[str, ...], tags: list[str]) -> Answer:
    # A rule that leads nowhere now goes first again once its document is public.
    ids = [hyphenated(rule[2]) for rule in rules if rule[2]]
    for url, is_permanent, _, document_path in rules:
        target = document_path or url
        if not target or target in forms:
            continue
        redirect = {"to": target, "status": 301 if is_permanent else 302}
        body = orjson.dumps({"redirect": redirect})
        return Answer(body=body, tags=(*tags_of(site.id, (), ids), *tags))
    raise NotFound("There is no document at this path.")
