"""What the vocabulary knows of the words of a query: one select for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from search.analysis import Word, analyzer_for
from search.engines.database.spelling import distance, forms_of, is_corrected
from search.engines.database.tables import Sql, beginning, fetch, many, tables
from search.query import Terms

MOST_EXPANSIONS: Final = 30
"""Words that one beginning of a word stands for."""


@dataclass(slots=True)
class Group:
    """The stems that one word of the query stands for; `forms` are their words as texts have them.

    `documents` is the number of documents that have the commonest of them.
    """

    given: str
    terms: dict[int, int] = field(default_factory=dict)
    forms: set[str] = field(default_factory=set)
    corrected: str | None = None

    def weight(self, documents: int) -> float:
        """How much the word tells: the rarer it is, the more."""
        known = min(max(self.terms.values(), default=0), documents)
        return log(1 + (documents - known + 0.5) / (known + 0.5))


@dataclass(frozen=True, slots=True)
class Understood:
    """The words of a query as the vocabulary knows them.

    `stops` tells which of the groups are words that say little. `excluded` has the stems of
    each excluded word.
    """

    documents: int
    mean_length: float
    groups: tuple[Group, ...]
    excluded: tuple[Group, ...]
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """A row of the vocabulary."""

    kind: str
    given: str
    word: str
    shown: str
    term: int
    documents: int


def understand(terms: Terms, *, site_id: int, locale: str) -> Understood:
    """Looks up the words of a query. One query, however many words."""
    analyzer = analyzer_for(locale)
    searched = [word for text in _searched(terms) for word in analyzer.words(text)]
    wanted = [word for word in searched if word.folded not in analyzer.stop_words] or searched
    excluded = [
        words[0]
        for words in map(analyzer.words, (" ".join(item) for item in terms.excluded))
        if len(words) == 1
    ]
    last = analyzer.words(terms.words[-1])[-1:] if terms.is_last_prefix and terms.words else []
    prefix = last[0].folded if last else ""
    documents, length, known = _look_up([*wanted, *excluded], prefix, site_id, locale)
    groups = [_group(word, known, prefix) for word in _distinct(wanted)]
    return Understood(
        documents=documents,
        mean_length=length / documents if documents else 1.0,
        groups=tuple(groups),
        excluded=tuple(_group(word, known, "") for word in _distinct(excluded)),
        did_you_mean=_meant(terms, groups),
    )


def _searched(terms: Terms) -> list[str]:
    return [*terms.words, *(word for phrase in terms.phrases for word in phrase)]


def _distinct(words: Sequence[Word]) -> list[Word]:
    return list({word.stem: word for word in words}.values())


def _look_up(
    words: Sequence[Word], prefix: str, site_id: int, locale: str
) -> tuple[int, float, list[_Known]]:
    """The number of documents, their length, and what of the vocabulary the words may mean."""
    sql = Sql(
        "SELECT 'all' AS kind, '' AS given, '' AS word, '' AS shown, documents AS term, 0 AS known,"
        " length AS length FROM search_collection WHERE site_id = %s AND locale = %s",
        [site_id, locale],
    )
    sql.add(" UNION ALL ").join(_forms(words, site_id, locale))
    sql.add(" UNION ALL ").join(_slips(words, site_id, locale))
    if prefix:
        sql.add(" UNION ALL ").join(_goes_on(prefix, site_id, locale))
    documents, length, known = 0, 0.0, []
    for row in fetch(sql.text, sql.params):
        if row[0] == "all":
            documents, length = row[4], float(row[6])
        else:
            known.append(_Known(*row[:6]))
    return documents, length, known


_NAMED: Final = "w.site_id = %s AND w.locale = %s"
_COLUMNS: Final = "w.word, w.shown, t.id, t.documents, 0.0"
_JOINED: Final = (
    "JOIN search_term t ON t.site_id = w.site_id AND t.locale = w.locale AND t.stem = w.stem"
)


def _forms(words: Sequence[Word], site_id: int, locale: str) -> Sql:
    """The words that are these, or have their stems."""
    given = many([(word.folded, word.stem) for word in words])
    return Sql(
        f"SELECT 'form', g.c0, {_COLUMNS} FROM ({tables().rows('text', 'text')}) g"
        f" JOIN search_vocabularyword w ON {_NAMED} AND (w.stem = g.c1 OR w.word = g.c0) {_JOINED}",
        [given, site_id, locale],
    )


def _slips(words: Sequence[Word], site_id: int, locale: str) -> Sql:
    """The words of which these may be slips."""
    forms = [(w.folded, form) for w in words for form in forms_of(site_id, locale, w.folded)]
    return Sql(
        f"SELECT 'slip', g.c0, {_COLUMNS} FROM ({tables().rows('text', 'bigint')}) g"
        " JOIN search_wordform f ON f.form = g.c1 JOIN search_vocabularyword w ON w.id = f.word_id"
        f" AND {_NAMED} {_JOINED}",
        [many(forms), site_id, locale],
    )


def _goes_on(prefix: str, site_id: int, locale: str) -> Sql:
    """The commonest words that begin so."""
    return Sql(
        f"SELECT * FROM (SELECT 'goes_on', %s, {_COLUMNS} FROM search_vocabularyword w {_JOINED}"
        f" WHERE {_NAMED} AND {tables().begins.format('w.word')}"
        f" ORDER BY w.documents DESC, w.word LIMIT {MOST_EXPANSIONS}) x",
        [prefix, site_id, locale, *beginning(prefix)],
    )


def _group(word: Word, known: Sequence[_Known], prefix: str) -> Group:
    group = Group(given=word.folded)
    slips = []
    for item in known:
        if item.given != word.folded:
            continue
        if item.kind == "form" or (item.kind == "goes_on" and prefix == word.folded):
            group.terms[item.term] = item.documents
            group.forms.add(item.word)
        elif item.kind == "slip":
            slips.append(item)
    if not group.terms and slips and is_corrected(word.folded):
        best = min(slips, key=lambda item: _likelihood(word.folded, item))
        group.corrected = best.shown
        group.terms = {best.term: best.documents}
        group.forms = {item.word for item in slips if item.term == best.term}
    return group


def _likelihood(given: str, item: _Known) -> tuple[int, bool, int, str]:
    """Smaller is likelier: fewer slips, the same first letter, a commoner word."""
    return distance(given, item.word), given[0] != item.word[0], -item.documents, item.word


def _meant(terms: Terms, groups: Sequence[Group]) -> str | None:
    """What was typed with the misspelt words put right; None where there are none."""
    right = {group.given: group.corrected for group in groups if group.corrected is not None}
    if not right:
        return None
    return " ".join(_put_right(part, right) for part in terms.text.split())


def _put_right(part: str, right: dict[str, str]) -> str:
    bare = part.strip("\"'.,;:!?()-").casefold()
    folded = next((given for given in right if given == bare), None)
    if folded is None:
        return part
    start = part.casefold().index(bare)
    return f"{part[:start]}{right[folded]}{part[start + len(bare) :]}"
