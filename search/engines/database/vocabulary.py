"""What the vocabulary knows of the words of a query: one select for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from search.analysis import Word, analyzer_for
from search.engines.database import weights
from search.engines.database.spelling import distance, forms_of, is_corrected
from search.engines.database.tables import Sql, beginning, fetch, many, tables
from search.query import Terms

MOST_EXPANSIONS: Final = 30
"""Words that one beginning of a word, or one part of compounds, stands for."""
SHORTEST_PART: Final = 4
"""Letters that a part of a compound has at least."""
_LINKS: Final = ("", "s", "n", "en", "es", "er", "e")
_MUCH_COMMONER: Final = 20
"""A word that so many times fewer documents have than a neighbour of it may be a slip."""


@dataclass(slots=True)
class Group:
    """The stems that one word of the query stands for, each with how much it counts.

    `documents` is the number of documents that have the word itself, or else the commonest of
    what stands for it; `forms` are the words as texts have them, to be marked.
    """

    given: str
    stem: str
    terms: dict[int, float] = field(default_factory=dict)
    documents: int = 0
    forms: set[str] = field(default_factory=set)
    meant: str | None = None
    is_corrected: bool = False
    is_beginning: bool = False

    def take(self, item: "_Known", factor: float = 1.0) -> None:
        """Has the word stand for this one too."""
        self.terms[item.term] = max(factor, self.terms.get(item.term, 0.0))
        self.documents = max(self.documents, item.documents)
        self.forms.add(item.word)

    def weight(self, documents: int) -> float:
        """How much the word tells: the rarer it is, the more."""
        known = min(self.documents, documents)
        return log(1 + (documents - known + 0.5) / (known + 0.5))


@dataclass(frozen=True, slots=True)
class Understood:
    """The words of a query as the vocabulary knows them, and the collection that they are sought in."""

    documents: int
    mean_length: float
    groups: tuple[Group, ...]
    excluded: tuple[Group, ...]
    did_you_mean: str | None = None
    is_corrected: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """A row of the vocabulary, and why it was found: for which of the given words."""

    kind: str
    given: str
    word: str
    shown: str
    term: int
    documents: int


@dataclass(frozen=True, slots=True)
class _Place:
    site_id: int
    locale: str


def understand(terms: Terms, *, site_id: int, locale: str) -> Understood:
    """Looks up the words of a query. One query, however many words."""
    analyzer, place = analyzer_for(locale), _Place(site_id, locale)
    searched = [word for text in _searched(terms) for word in analyzer.words(text)]
    wanted = [word for word in searched if word.folded not in analyzer.stop_words] or searched
    excluded = [
        words[0]
        for words in map(analyzer.words, (" ".join(item) for item in terms.excluded))
        if len(words) == 1
    ]
    last = analyzer.words(terms.words[-1])[-1:] if terms.is_last_prefix and terms.words else []
    prefix = last[0].folded if last else ""
    # A last word that may still become another than this "the" is sought too.
    words = _distinct(wanted)
    others = _synonyms(terms, locale)
    meant_too = [word for standing in others.values() for word, _ in standing]
    sought = list(dict.fromkeys([*words, *excluded, *meant_too]))
    documents, length, known = _look_up(sought, prefix, place)
    groups = [
        group
        for word in words
        for group in _groups(word, known, prefix, others.get(word.folded, ()))
    ]
    right = {group.given: group.meant for group in groups if group.meant is not None}
    return Understood(
        documents=documents,
        mean_length=length / documents if documents else 1.0,
        groups=tuple(groups),
        excluded=tuple(_group(word, known, "") for word in _distinct(excluded)),
        did_you_mean=_meant(terms.text, right) if right else None,
        is_corrected=any(group.is_corrected for group in groups),
    )


def _searched(terms: Terms) -> list[str]:
    return [*terms.words, *(word for phrase in terms.phrases for word in phrase)]


def _synonyms(terms: Terms, locale: str) -> dict[str, list[tuple[Word, float]]]:
    """The words that stand for each word of the query too, with how much each counts.

    Where several stand for one, a text that has them all counts as if it had the one.
    """
    analyzer = analyzer_for(locale)
    found: dict[str, list[tuple[Word, float]]] = {}
    for item in terms.synonyms:
        words = [word for text in item.words for word in analyzer.words(text)]
        told = [word for word in words if word.folded not in analyzer.stop_words] or words
        for given in analyzer.words(" ".join(terms.words[item.start : item.end])):
            shares = [(word, weights.SYNONYM / len(told)) for word in told]
            found.setdefault(given.folded, []).extend(shares)
    return found


def _distinct(words: Sequence[Word]) -> list[Word]:
    return list({word.stem: word for word in words}.values())


def _look_up(words: Sequence[Word], prefix: str, place: _Place) -> tuple[int, float, list[_Known]]:
    """The number of documents, their length, and what of the vocabulary the words may mean."""
    sql = Sql(
        "SELECT 'all' AS kind, '' AS given, '' AS word, '' AS shown, documents AS term, 0 AS known,"
        " length AS length FROM search_collection WHERE site_id = %s AND locale = %s",
        [place.site_id, place.locale],
    )
    parts = [_forms(words, place), _slips(words, place)]
    if prefix:
        parts.append(_beginnings("goes_on", prefix, place))
    if analyzer_for(place.locale).compounds:
        parts.append(_parts(words, place))
        for word in words:
            if len(word.folded) >= SHORTEST_PART:
                parts.append(_beginnings("compound", word.folded, place))
                parts.append(_ends(word.folded, place))
    for part in parts:
        sql.add(" UNION ALL ").join(part)
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


def _forms(words: Sequence[Word], place: _Place) -> Sql:
    """The words that are these, or have their stems."""
    given = many([(word.folded, word.stem) for word in words])
    # SQLite keeps to the order of a CROSS JOIN. By its own choice it would read the whole
    # vocabulary; and with both conditions in one it would use the index of neither.
    ways = [
        f"SELECT 'form', g.c0, {_COLUMNS} FROM ({tables().rows('text', 'text')}) g"
        f" CROSS JOIN search_vocabularyword w {_JOINED} WHERE {_NAMED} AND {same}"
        for same in ("w.stem = g.c1", "w.word = g.c0")
    ]
    return Sql(" UNION ALL ".join(ways), [given, place.site_id, place.locale] * 2)


def _slips(words: Sequence[Word], place: _Place) -> Sql:
    """The words of which these may be slips."""
    forms = [
        (word.folded, form)
        for word in words
        for form in forms_of(place.site_id, place.locale, word.folded)
    ]
    return Sql(
        f"SELECT 'slip', g.c0, {_COLUMNS} FROM ({tables().rows('text', 'bigint')}) g"
        " CROSS JOIN search_wordform f CROSS JOIN search_vocabularyword w"
        f" {_JOINED} WHERE f.form = g.c1 AND w.id = f.word_id AND {_NAMED}",
        [many(forms), place.site_id, place.locale],
    )


def _beginnings(kind: str, text: str, place: _Place) -> Sql:
    """The commonest words that begin so."""
    return Sql(
        f"SELECT * FROM (SELECT '{kind}', %s, {_COLUMNS} FROM search_vocabularyword w {_JOINED}"
        f" WHERE {_NAMED} AND {tables().begins.format('w.word')}"
        f" ORDER BY w.documents DESC, w.word LIMIT {MOST_EXPANSIONS}) x",
        [text, place.site_id, place.locale, *beginning(text)],
    )


def _ends(text: str, place: _Place) -> Sql:
    """The commonest words that end so."""
    return Sql(
        f"SELECT * FROM (SELECT 'compound', %s, {_COLUMNS} FROM search_vocabularyword w {_JOINED}"
        f" WHERE {_NAMED} AND {tables().begins.format('w.backwards')}"
        f" ORDER BY w.documents DESC, w.word LIMIT {MOST_EXPANSIONS}) x",
        [text, place.site_id, place.locale, *beginning(text[::-1])],
    )


def _parts(words: Sequence[Word], place: _Place) -> Sql:
    """The words that these may be compounds of."""
    given = [
        (word.folded, part)
        for word in words
        for left, right in _splits(word.folded)
        for part in (left, right)
    ]
    return Sql(
        f"SELECT 'part', g.c0, {_COLUMNS} FROM ({tables().rows('text', 'text')}) g"
        f" CROSS JOIN search_vocabularyword w {_JOINED} WHERE {_NAMED} AND w.word = g.c1",
        [many(sorted(set(given))), place.site_id, place.locale],
    )


def _splits(word: str) -> list[tuple[str, str]]:
    """The ways to take a word for a compound of two, with or without a link between."""
    found = []
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        left, right = word[:cut], word[cut:]
        found += [
            (left.removesuffix(link), right)
            for link in _LINKS
            if left.endswith(link) and len(left) - len(link) >= SHORTEST_PART
        ]
    return found


def _groups(
    word: Word, known: Sequence[_Known], prefix: str, others: Sequence[tuple[Word, float]]
) -> list[Group]:
    """The group of a word; those of its parts where only they are known."""
    group = _group(word, known, prefix, others)
    parts = {i.word: i for i in known if i.kind == "part" and i.given == word.folded}
    if parts and (not group.terms or group.is_corrected):
        both = [(a, b) for a, b in _splits(word.folded) if a in parts and b in parts]
        if both:
            best = max(both, key=lambda pair: min(parts[part].documents for part in pair))
            return [_part(word, parts[part]) for part in best]
    return [group]


def _part(word: Word, item: _Known) -> Group:
    group = Group(given=word.folded, stem=word.stem)
    group.take(item)
    return group


def _group(
    word: Word,
    known: Sequence[_Known],
    prefix: str,
    others: Sequence[tuple[Word, float]] = (),
) -> Group:
    group = Group(given=word.folded, stem=word.stem, is_beginning=word.folded == prefix != "")
    mine = [item for item in known if item.given == word.folded]
    for item in mine:
        if item.kind == "form":
            group.take(item)
    for item in mine:
        if item.kind == "goes_on" and group.is_beginning:
            group.take(item, weights.BEGINNING)
        elif item.kind == "compound":
            group.take(item, weights.COMPOUND)
    for other, factor in others:
        for item in known:
            if item.kind == "form" and item.given == other.folded:
                group.take(item, factor)
    slips = [item for item in mine if item.kind == "slip" and item.term not in group.terms]
    if slips and is_corrected(word.folded):
        _correct(group, slips)
    return group


def _correct(group: Group, slips: Sequence[_Known]) -> None:
    """Has a word that is nowhere stand for its likeliest neighbour; of a rare one, names it."""
    best = min(slips, key=lambda item: _likelihood(group.given, item))
    if not group.terms:
        group.meant, group.is_corrected = best.shown, True
        for item in slips:
            if item.term == best.term:
                group.take(item)
    elif (
        not group.is_beginning
        and distance(group.given, best.word) == 1
        and best.documents >= _MUCH_COMMONER * group.documents
    ):
        group.meant = best.shown


def _likelihood(given: str, item: _Known) -> tuple[int, bool, int, str]:
    """Smaller is likelier: fewer slips, the same first letter, a commoner word."""
    return distance(given, item.word), given[0] != item.word[0], -item.documents, item.word


def _meant(text: str, right: dict[str, str]) -> str:
    """What was typed with the misspelt words put right."""
    return " ".join(_put_right(part, right) for part in text.split())


def _put_right(part: str, right: dict[str, str]) -> str:
    bare = part.strip("\"'.,;:!?()-").casefold()
    if bare not in right:
        return part
    start = part.casefold().index(bare)
    return f"{part[:start]}{right[bare]}{part[start + len(bare) :]}"
