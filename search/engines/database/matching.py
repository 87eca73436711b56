"""The statement of a search: matches, their page, their number and their facets in one select.

`m` has every match of the words, the place and the filters but those on facets; what a facet
counts is filtered by the other facets alone, so its values stay to be chosen from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from delivery.interface import UUID_TEXT, Filter
from search.analysis import Word, analyzer_for
from search.engines.database import weights
from search.engines.database.tables import Row, Sql, fetch, many, tables
from search.engines.database.vocabulary import Understood
from search.entries import searched_types
from search.query import LABEL_FACETS, SearchRequest, Sort

_SIGNS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_NEGATIVE: Final = frozenset({"ne", "nin"})
_RANGES: Final = ("price", "published_at")
_ORDERS: Final = {
    Sort.RELEVANCE: "m.score DESC, m.id",
    Sort.NEWEST: "CASE WHEN m.published_at IS NULL THEN 1 ELSE 0 END, m.published_at DESC, m.id",
    Sort.OLDEST: "CASE WHEN m.published_at IS NULL THEN 1 ELSE 0 END, m.published_at, m.id",
    Sort.CHEAPEST: "CASE WHEN m.price IS NULL THEN 1 ELSE 0 END, m.price, m.id",
    Sort.DEAREST: "CASE WHEN m.price IS NULL THEN 1 ELSE 0 END, m.price DESC, m.id",
}


def run(request: SearchRequest, understood: Understood) -> list[Row]:
    """Rows of hits, their texts, the total and facets. One query.

    The columns are `kind, a, b, c, n, x` and, of hits, `title, summary, body`.
    """
    statement = _statement(request, understood)
    return fetch(statement.text, statement.params)


def _statement(request: SearchRequest, understood: Understood) -> Sql:
    flags = _flags(request)
    sql = Sql("WITH ")
    if request.terms:
        sql.join(_scores(request, understood)).add(", ")
    sql.add("w AS MATERIALIZED (").join(_matches(request, understood, flags)).add("), ")
    sql.add(f"m AS MATERIALIZED (SELECT * FROM w {_fullest(request)}) ")
    counted = _label_counts(request, flags)
    for passing, name in counted.items():
        sql.add(
            f", {name} AS MATERIALIZED (SELECT x.label_id, COUNT(*) AS n FROM m"
            f" CROSS JOIN search_facetentry x {passing} AND x.entry_id = m.id GROUP BY x.label_id) "
        )
    sql.join(_hits(request, understood, flags))
    sql.add(
        f" UNION ALL SELECT 'total', '', '', '', COUNT(*), 0.0{_NO_TEXTS} FROM m {_passing(flags)}"
    )
    for facet in request.facets:
        sql.add(" UNION ALL ").join(_facet(facet, flags, counted))
    return sql


_NO_TEXTS: Final = ", '', '', ''"


def _fullest(request: SearchRequest) -> str:
    """By date or price, a match of one word of many would come first: those of most words count."""
    if request.sort == Sort.RELEVANCE or not request.terms:
        return ""
    return "WHERE words = (SELECT MAX(words) FROM w)"


def _scores(request: SearchRequest, understood: Understood) -> Sql:
    """`s`: each document that has any of the words, with its score by BM25F; pinned ones too."""
    rows = [
        (term, number, group.weight(understood.documents), factor)
        for number, group in enumerate(understood.groups)
        for term, factor in group.terms.items()
    ]
    mean = max(understood.mean_length, 1.0)
    saturated = (
        f"g.frequency / (g.frequency + {weights.K1} * ({1 - weights.B}"
        f" + {weights.B} * g.length / {mean}))"
    )
    sql = Sql(
        f"q AS MATERIALIZED ({tables().rows('int', 'int', 'float', 'float')}),"
        " g AS (SELECT p.entry_id, q.c1, SUM(p.frequency * q.c3) AS frequency,"
        " MAX(p.length) AS length, MAX(q.c2) AS weight"
        " FROM q CROSS JOIN search_posting p WHERE p.term_id = q.c0 GROUP BY p.entry_id, q.c1),"
        f" {'r' if request.pinned else 's'} AS (SELECT g.entry_id,"
        f" SUM(g.weight * {saturated}) AS score, COUNT(*) AS words FROM g GROUP BY g.entry_id)",
        [many(rows)],
    )
    if not request.pinned:
        return sql
    sql.add(
        ", s AS (SELECT x.entry_id, MAX(x.score) AS score, MAX(x.words) AS words"
        " FROM (SELECT * FROM r UNION ALL SELECT e.id, 0.0, 0 FROM search_indexeddocument e WHERE "
    )
    return sql.join(_is_one_of(request.pinned)).add(") x GROUP BY x.entry_id)")


def _is_one_of(ids: Sequence[UUID]) -> Sql:
    marks = ", ".join([tables().id_value] * len(ids))
    return Sql(f"e.document_id IN ({marks})", [tables().stored_id(str(item)) for item in ids])


def _matches(request: SearchRequest, understood: Understood, flags: Sequence["_Flag"]) -> Sql:
    sql = Sql("SELECT e.id, e.document_id, e.type, e.price, e.currency, e.published_at, ")
    sql.join(_score(request))
    if request.pinned:
        sql.add(", CASE e.document_id")
        for place, document_id in enumerate(request.pinned):
            value = tables().stored_id(str(document_id))
            sql.add(f" WHEN {tables().id_value} THEN {place}", value)
        sql.add(f" ELSE {len(request.pinned)} END AS pin")
    for flag in flags:
        sql.add(", CASE WHEN ").join(flag.condition).add(f" THEN 1 ELSE 0 END AS {flag.column}")
    source = (
        "s CROSS JOIN search_indexeddocument e" if request.terms else "search_indexeddocument e"
    )
    sql.add(f" FROM {source} WHERE ")
    if request.terms:
        sql.add("e.id = s.entry_id AND ")
    sql.add("e.site_id = %s AND e.locale = %s", request.site_id, request.locale)
    if request.hidden:
        sql.add(" AND NOT ").join(_is_one_of(request.hidden))
    for condition in _word_conditions(request, understood):
        if request.pinned:
            sql.add(" AND (").join(_is_one_of(request.pinned)).add(" OR ").join(condition).add(")")
        else:
            sql.add(" AND ").join(condition)
    for item in request.filters:
        if item.name not in LABEL_FACETS and item.name not in _RANGES:
            sql.add(" AND ").join(_column_condition(item))
    return sql


def _score(request: SearchRequest) -> Sql:
    """The score with what is fresh and popular a little higher, and the number of words."""
    if not request.terms:
        return Sql("0.0 AS score, 0 AS words")
    popular = f"(1 + {weights.POPULARITY} * e.popularity / (1 + e.popularity))"
    if not request.today:
        return Sql(f"s.score * {popular} AS score, s.words")
    years = tables().years_before.format("e.published_at")
    fresh = f"(1 + {weights.FRESHNESS} / (1 + COALESCE({years}, 100)))"
    return Sql(f"s.score * {popular} * {fresh} AS score, s.words", [request.today])


def _word_conditions(request: SearchRequest, understood: Understood) -> Iterable[Sql]:
    analyzer = analyzer_for(request.locale)
    contains = tables().contains.format("e.stemmed")
    for phrase in request.terms.phrases:
        yield Sql(f"{contains} > 0", [_as_stemmed(analyzer.words(" ".join(phrase)))])
    for excluded in request.terms.excluded:
        words = analyzer.words(" ".join(excluded))
        if len(words) > 1:
            yield Sql(f"{contains} = 0", [_as_stemmed(words)])
    terms = [term for group in understood.excluded for term in group.terms]
    if terms:
        marks = ", ".join(["%s"] * len(terms))
        yield Sql(
            "NOT EXISTS (SELECT 1 FROM search_posting x WHERE x.entry_id = e.id"
            f" AND x.term_id IN ({marks}))",
            list(terms),
        )


def _as_stemmed(words: Iterable[Word]) -> str:
    """Words as they stand beside each other in `IndexedDocument.stemmed`."""
    return f" {' '.join(word.stem for word in words)} "


@dataclass(frozen=True, slots=True)
class _Flag:
    """Whether a match passes the filters on a facet, as a column of `m`."""

    facet: str
    column: str
    condition: Sql


def _flags(request: SearchRequest) -> list[_Flag]:
    flags: dict[str, Sql] = {}
    if set(request.types) != set(searched_types()):
        marks = ", ".join(["%s"] * len(request.types))
        flags["type"] = Sql(f"e.type IN ({marks})", list(request.types))
    for item in request.filters:
        if item.name in LABEL_FACETS:
            condition = _label_condition(item)
        elif item.name in _RANGES:
            condition = _column_condition(item)
        else:
            continue
        held = flags.get(item.name)
        flags[item.name] = condition if held is None else held.add(" AND ").join(condition)
    return [_Flag(facet, f"f{number}", sql) for number, (facet, sql) in enumerate(flags.items())]


def _label_condition(item: Filter) -> Sql:
    """A document has one of the labels, each named by id or slug."""
    values = [str(value) for value in item.values]
    ids = [tables().stored_id(value) for value in values if UUID_TEXT.fullmatch(value)]
    slugs = [value for value in values if not UUID_TEXT.fullmatch(value)]
    ways = Sql()
    for column, named in (("l.document_id", ids), ("l.slug", slugs)):
        if named:
            cast = tables().id_value if column == "l.document_id" else "%s"
            marks = ", ".join([cast] * len(named))
            ways.add(f"{' OR ' if ways.text else ''}{column} IN ({marks})", *named)
    negation = "NOT " if item.operator in _NEGATIVE else ""
    sql = Sql(
        f"{negation}EXISTS (SELECT 1 FROM search_facetentry x CROSS JOIN search_facetlabel l"
        " WHERE x.entry_id = e.id AND l.id = x.label_id AND l.facet = %s AND (",
        [item.name],
    )
    return sql.join(ways).add("))")


def _column_condition(item: Filter) -> Sql:
    column = f"e.{item.name}"
    cast = tables().time if isinstance(item.values[0], datetime) else "%s"
    if isinstance(item.values[0], Decimal):
        cast = "CAST(%s AS NUMERIC)"
    values = [_param(value) for value in item.values]
    if item.operator in _SIGNS:
        return Sql(f"({column} IS NOT NULL AND {column} {_SIGNS[item.operator]} {cast})", values)
    casts = ", ".join([cast] * len(values))
    if item.operator in _NEGATIVE:
        return Sql(f"({column} IS NULL OR {column} NOT IN ({casts}))", values)
    return Sql(f"({column} IS NOT NULL AND {column} IN ({casts}))", values)


def _param(value: Any) -> Any:
    if isinstance(value, datetime):
        return tables().time_param(value)
    return str(value) if isinstance(value, Decimal) else value


def _passing(flags: Iterable[_Flag], but: str = "") -> str:
    """The condition that a match passes the filters on all facets, or all but one."""
    tests = [f"m.{flag.column} = 1" for flag in flags if flag.facet != but]
    return f"WHERE {' AND '.join(tests)}" if tests else "WHERE 1 = 1"


def _hits(request: SearchRequest, understood: Understood, flags: Sequence[_Flag]) -> Sql:
    order = _order(request)
    sql = Sql("SELECT * FROM (SELECT 'hit' AS kind,")
    sql.add(
        f" {tables().id_text.format('h.document_id')} AS a, '' AS b, '' AS c, h.n, h.score AS x"
    )
    texts = "e.title, e.summary, e.body" if request.wants_highlights else "'', '', ''"
    sql.add(f", {texts} FROM (SELECT m.*, ROW_NUMBER() OVER (ORDER BY {order}) AS n FROM ")
    sql.join(_ranked(request, understood, flags))
    sql.add(f" m ORDER BY {order} LIMIT {int(request.limit)} OFFSET {int(request.offset)}) h")
    return sql.add(" JOIN search_indexeddocument e ON e.id = h.id) hits")


def _order(request: SearchRequest) -> str:
    return f"{'m.pin, ' if request.pinned else ''}{_ORDERS[request.sort]}"


def _ranked(request: SearchRequest, understood: Understood, flags: Sequence[_Flag]) -> Sql:
    """The matches that pass, the best of them scored again by which words stand beside each other."""
    # What is scored again only gains, so what stands behind all of these stays behind them.
    enough = max(request.offset + request.limit, weights.RERANKED + len(request.pinned))
    passing = f"(SELECT * FROM m {_passing(flags)} ORDER BY {_order(request)} LIMIT {enough})"
    pairs = _pairs(request, understood)
    if not pairs or request.sort != Sort.RELEVANCE:
        return Sql(passing)
    beside = Sql("SELECT ")
    for number, (words, weight) in enumerate(pairs):
        test = tables().contains.format("e.stemmed")
        beside.add(f"{' + ' if number else ''}CASE WHEN {test} > 0 THEN {weight} ELSE 0 END", words)
    beside.add(" FROM search_indexeddocument e WHERE e.id = b.id")
    sql = Sql(
        f"(SELECT b.id, b.document_id, {'b.pin, ' if request.pinned else ''}b.published_at,"
        f" b.price, b.score + CASE WHEN b.place <= {weights.RERANKED} THEN ("
    ).join(beside)
    return sql.add(
        ") ELSE 0 END AS score FROM (SELECT m.*, ROW_NUMBER() OVER (ORDER BY m.score DESC, m.id)"
        f" AS place FROM {passing} m) b)"
    )


def _pairs(request: SearchRequest, understood: Understood) -> list[tuple[str, float]]:
    """Words of the query that stood beside each other, but for such that say little."""
    groups = {group.given: group for group in understood.groups if group.terms}
    analyzer = analyzer_for(request.locale)
    words = [word for text in request.terms.words for word in analyzer.words(text)]
    kept = [word for word in words if word.folded in groups]
    found = {}
    for left, right in pairwise(kept):
        lesser = min(groups[word.folded].weight(understood.documents) for word in (left, right))
        found[f" {left.stem} {right.stem} "] = lesser * weights.NEIGHBOURS
    return list(found.items())[: weights.MOST_PAIRS]


def _label_counts(request: SearchRequest, flags: Sequence[_Flag]) -> dict[str, str]:
    """By the condition of the matches that count, the name of the table with their labels' counts.

    Labels of all facets are counted at once, by their keys, where the same matches count.
    """
    conditions = [_passing(flags, but=name) for name in request.facets if name in LABEL_FACETS]
    return {text: f"k{number}" for number, text in enumerate(dict.fromkeys(conditions))}


def _facet(facet: str, flags: Sequence[_Flag], counted: Mapping[str, str]) -> Sql:
    passing = _passing(flags, but=facet)
    if facet == "type":
        return Sql(
            f"SELECT 'type', m.type, '', '', COUNT(*), 0.0{_NO_TEXTS} FROM m {passing} GROUP BY m.type"
        )
    if facet in LABEL_FACETS:
        return Sql(
            f"SELECT l.facet, {tables().id_text.format('l.document_id')}, l.slug, l.title, k.n, 0.0"
            f"{_NO_TEXTS} FROM {counted[passing]} k CROSS JOIN search_facetlabel l"
            " WHERE l.id = k.label_id AND l.facet = %s",
            [facet],
        )
    if facet == "price":
        return Sql(
            "SELECT 'price', m.currency, CAST(MIN(m.price) AS TEXT), CAST(MAX(m.price) AS TEXT),"
            f" COUNT(*), 0.0{_NO_TEXTS} FROM m {passing} AND m.price IS NOT NULL GROUP BY m.currency"
        )
    when, year = tables().time_text, tables().year.format("m.published_at")
    return Sql(
        f"SELECT 'published_at', y.year, {when.format('y.first')}, {when.format('y.last')}, y.n, 0.0"
        f"{_NO_TEXTS} FROM (SELECT {year} AS year, MIN(m.published_at) AS first,"
        f" MAX(m.published_at) AS last, COUNT(*) AS n FROM m {passing}"
        f" AND m.published_at IS NOT NULL GROUP BY {year}) y"
    )
