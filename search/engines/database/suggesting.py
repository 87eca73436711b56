"""Suggestions while somebody types: titles from any of their words on, tags and categories."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from search.analysis import analyzer_for
from search.engines.database.tables import beginning, fetch, tables
from search.engines.protocol import Suggestion


def find_suggestions(text: str, *, site_id: int, locale: str, limit: int) -> Sequence[Suggestion]:
    """What goes on from `text`. One query: labels that many documents have come first."""
    key = " ".join(word.folded for word in analyzer_for(locale).words(text))
    if not key:
        return []
    shape = tables()
    params: list[Any] = [site_id, locale, *beginning(key), site_id, locale, *beginning(key)]
    rows = fetch(
        f"SELECT * FROM (SELECT 'label' AS kind, l.facet AS a, l.title AS title,"
        f" {shape.id_text.format('l.document_id')} AS id, '' AS type, '' AS path,"
        " l.documents AS weight FROM search_facetlabel l WHERE l.site_id = %s AND l.locale = %s"
        f" AND l.facet <> 'author' AND {shape.begins.format('l.key')}"
        f" ORDER BY l.documents DESC, l.title LIMIT {int(limit)}) x"
        " UNION ALL SELECT * FROM (SELECT 'title', '', e.title,"
        f" {shape.id_text.format('e.document_id')}, e.type, e.path, MIN(t.position)"
        " FROM search_titlestart t JOIN search_indexeddocument e ON e.id = t.entry_id"
        f" WHERE t.site_id = %s AND t.locale = %s AND {shape.begins.format('t.key')}"
        " GROUP BY e.title, e.document_id, e.type, e.path"
        f" ORDER BY MIN(t.position), e.title LIMIT {int(limit)}) y",
        params,
    )
    labels = [row for row in rows if row[0] == "label"]
    titles = [row for row in rows if row[0] == "title"]
    labels.sort(key=lambda row: (-row[6], row[2]))
    titles.sort(key=lambda row: (row[6], row[2], row[3]))
    # A third for labels: they lead to many documents, a title to one.
    few = labels[: max(1, limit // 3)]
    found = [_suggestion(row) for row in (*few, *titles)]
    return found[:limit]


def _suggestion(row: tuple[Any, ...]) -> Suggestion:
    kind, facet, title, document_id, type_name, path, _ = row
    name = {"tags": "tag"}.get(facet, facet) if kind == "label" else kind
    return Suggestion(text=title, kind=name, id=UUID(document_id), type=type_name, path=path)
