"""An entry as the index of the database stores it: counted words, labels, beginnings of titles."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from search.analysis import Word, analyzer_for, fold
from search.engines.database import weights
from search.entries import Label, SearchEntry
from search.query import LABEL_FACETS

LONGEST_KEY: Final = 96
MOST_STARTS: Final = 12


@dataclass(frozen=True, slots=True)
class LabelKey:
    """A label of a facet in the index."""

    facet: str
    label: Label


@dataclass(frozen=True, slots=True)
class Analysed:
    """What is counted and looked up for an entry.

    `terms` are the stems with how often they occur, by weight; `words` the words with their
    shown form and stem; `stemmed` all stems in order, with a bar between the parts of the text;
    `starts` the title from each of its words on, with the number of that word.
    """

    entry: SearchEntry
    terms: dict[str, float]
    words: dict[str, tuple[str, str]]
    stemmed: str
    length: float
    labels: tuple[LabelKey, ...]
    starts: tuple[tuple[str, int], ...]


def analyse(entry: SearchEntry) -> Analysed:
    """Cuts, counts and weighs the texts of an entry."""
    analyzer = analyzer_for(entry.locale)
    labels = tuple(LabelKey(name, item) for name in LABEL_FACETS for item in entry.labels(name))
    parts = [
        (weights.TITLE, analyzer.words(entry.title)),
        *((weights.HEADINGS, analyzer.words(item)) for item in entry.headings),
        (weights.SUMMARY, analyzer.words(entry.summary)),
        *((weights.LABELS, analyzer.words(item.label.title)) for item in labels),
        (weights.BODY, analyzer.words(entry.body)),
    ]
    terms: dict[str, float] = {}
    words: dict[str, tuple[str, str]] = {}
    length = 0.0
    for weight, found in parts:
        length += weight * len(found)
        for word in found:
            terms[word.stem] = terms.get(word.stem, 0.0) + weight
            words.setdefault(word.folded, (word.shown, word.stem))
    return Analysed(
        entry=entry,
        terms=terms,
        words=words,
        stemmed=_stemmed(found for _, found in parts),
        length=length,
        labels=labels,
        starts=_starts(parts[0][1], analyzer.stop_words),
    )


def _stemmed(parts: Iterable[list[Word]]) -> str:
    """With a blank around each, so that whole stems can be looked up as text."""
    return f" {' | '.join(' '.join(word.stem for word in part) for part in parts)} "


def _starts(title: list[Word], stop_words: frozenset[str]) -> tuple[tuple[str, int], ...]:
    found = []
    for number, word in enumerate(title[:MOST_STARTS]):
        if number == 0 or word.folded not in stop_words:
            key = " ".join(item.folded for item in title[number:])
            found.append((key[:LONGEST_KEY], number))
    return tuple(found)


def label_key(title: str) -> str:
    """A label's title as suggestions look it up."""
    return fold(title)
