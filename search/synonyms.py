"""What editors say means the same: read from what they write, and found for a query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from delivery.interface import refuse
from search.analysis import analyzer_for
from search.query import Synonym, Terms

MOST_RULES: Final = 500
"""In one language. Their number costs a search nothing; people lose sight of more."""
MOST_ENTRIES: Final = 20
MOST_WORDS: Final = 4
LONGEST_ENTRY: Final = 64
MOST_APPLIED: Final = 8
"""Synonyms that one search heeds; those of its first words come first."""


@dataclass(frozen=True, slots=True)
class SynonymText:
    """A rule as it is written: with `others` it goes one way, from `words` to them."""

    words: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """For one word of a rule, by its stems: what is searched beside it."""

    key: str
    meant: tuple[str, ...]


def read_entries_of(pointer: str, text: str) -> tuple[str, ...]:
    """The words of a rule, written with commas or one a line; each once.

    Raises:
        Invalid: too many, or one that is too long.
    """
    parts = (" ".join(part.split()) for line in text.splitlines() for part in line.split(","))
    found = tuple(dict.fromkeys(part for part in parts if part))
    if len(found) > MOST_ENTRIES:
        raise refuse(pointer, "too_many", f"Write at most {MOST_ENTRIES} of them in one rule.")
    for entry in found:
        if len(entry) > LONGEST_ENTRY or len(entry.split()) > MOST_WORDS:
            detail = f"At most {MOST_WORDS} words belong together, with {LONGEST_ENTRY} letters."
            raise refuse(pointer, "too_long", f"{entry[:LONGEST_ENTRY]}: {detail}")
    return found


def read_synonyms(words: str, others: str, locale: str) -> SynonymText:
    """The rule that is written so.

    Raises:
        Invalid: it says nothing, or too much; it names the field, `words` or `others`.
    """
    found = SynonymText(read_entries_of("words", words), read_entries_of("others", others))
    if not found.words:
        raise refuse("words", "missing", "Write the words.")
    if not found.others and len(found.words) == 1:
        raise refuse("words", "too_few", "Write two words at least: they mean the same.")
    for pointer, entries in (("words", found.words), ("others", found.others)):
        for entry in entries:
            if not _key_of(entry.split(), locale):
                raise refuse(pointer, "no_words", f"{entry} has no letters and no digits.")
    return found


def read_line(line: str, locale: str) -> SynonymText:
    """A rule on one line: `car, automobile`, or one way as `k8s => kubernetes`.

    Raises:
        Invalid: as `read_synonyms`.
    """
    words, arrow, others = line.partition("=>")
    if arrow and not others.strip():
        raise refuse("others", "missing", "Write after => what is found too.")
    return read_synonyms(words, others, locale)


def meanings_of(rule: SynonymText, locale: str) -> list[Meaning]:
    """What each word of the rule leads to."""
    found: dict[str, Meaning] = {}
    for entry in rule.words:
        key = _key_of(entry.split(), locale)
        meant = rule.others or tuple(
            other for other in rule.words if _key_of(other.split(), locale) != key
        )
        if meant:
            found.setdefault(key, Meaning(key, meant))
    return list(found.values())


def keys_of(terms: Terms, locale: str) -> dict[str, list[tuple[int, int]]]:
    """The keys by which synonyms of the query's words may be found, with the words they are of.

    Those in quotes are meant as they stand.
    """
    stems = [_key_of([word], locale) for word in terms.words]
    found: dict[str, list[tuple[int, int]]] = {}
    for start in range(len(stems)):
        for end in range(start + 1, min(start + MOST_WORDS, len(stems)) + 1):
            if all(stems[start:end]):
                found.setdefault(" ".join(stems[start:end]), []).append((start, end))
    return found


def with_synonyms(
    terms: Terms,
    places: Mapping[str, Sequence[tuple[int, int]]],
    meanings: Iterable[Meaning],
) -> tuple[Synonym, ...]:
    """The synonyms that apply to the query, those of its first words first."""
    found = {
        Synonym(start, end, tuple(entry.split())): None
        for meaning in meanings
        for start, end in places.get(meaning.key, ())
        for entry in meaning.meant
        if entry.casefold() != " ".join(terms.words[start:end]).casefold()
    }
    return tuple(sorted(found, key=lambda item: item.start))[:MOST_APPLIED]


def _key_of(parts: Sequence[str], locale: str) -> str:
    analyzer = analyzer_for(locale)
    return " ".join(word.stem for part in parts for word in analyzer.words(part))
