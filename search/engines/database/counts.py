"""How many documents have a word, a stem or a label: kept by differences, in few statements."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from search.analysis import analyzer_for
from search.engines.database.analysed import Analysed, LabelKey, label_key
from search.engines.database.spelling import forms_of
from search.engines.database.tables import execute, fetch, many, tables

Place = tuple[int, str]
"""A website and a language."""

TermKey = tuple[int, str, str]
LabelId = tuple[int, str, str, str]

_COUNTED: Final = "documents = {0}.documents + excluded.documents"


class Counts:
    """The differences that a batch of documents makes."""

    def __init__(self) -> None:
        self._collections: dict[Place, list[float]] = {}
        self._terms: Counter[TermKey] = Counter()
        self._words: Counter[TermKey] = Counter()
        self._shown: dict[TermKey, tuple[str, str]] = {}
        self._labels: Counter[LabelId] = Counter()
        self._titles: dict[LabelId, LabelKey] = {}

    def take_off(
        self,
        place: Place,
        length: float,
        terms: Iterable[str],
        words: Iterable[str],
        labels: Iterable[tuple[str, str]],
    ) -> None:
        """Takes off what was counted for a document."""
        self._collect(place, -1, -length)
        self._terms.subtract((*place, stem) for stem in terms)
        self._words.subtract((*place, word) for word in words)
        self._labels.subtract((*place, facet, label) for facet, label in labels)

    def add(self, item: Analysed) -> None:
        """Counts a document."""
        place = (item.entry.site_id, item.entry.locale)
        self._collect(place, 1, item.length)
        self._terms.update((*place, stem) for stem in item.terms)
        self._words.update((*place, word) for word in item.words)
        self._shown |= {(*place, word): value for word, value in item.words.items()}
        for key in item.labels:
            label = (*place, key.facet, str(key.label.id))
            self._labels[label] += 1
            self._titles[label] = key

    def _collect(self, place: Place, documents: int, length: float) -> None:
        held = self._collections.setdefault(place, [0, 0.0])
        held[0] += documents
        held[1] += length

    def write_terms(self, known: Mapping[TermKey, int]) -> dict[TermKey, int]:
        """Writes how many documents have each stem; gives the keys of all stems of the batch."""
        rows = [(*key, change) for key, change in self._terms.items() if change]
        ids = dict(known)
        if rows:
            written = fetch(
                "INSERT INTO search_term (site_id, locale, stem, documents)"
                f" SELECT c0, c1, c2, c3 FROM ({tables().rows('int', 'text', 'text', 'int')}) x"
                " WHERE 1 = 1 ON CONFLICT (site_id, locale, stem) DO UPDATE"
                f" SET {_COUNTED.format('search_term')} RETURNING site_id, locale, stem, id",
                [many(rows)],
            )
            ids |= {(row[0], row[1], row[2]): row[3] for row in written}
        return ids

    def write_labels(self) -> dict[LabelId, int]:
        """Writes labels as they are called now; gives their keys."""
        rows = []
        for key, change in self._labels.items():
            held = self._titles.get(key)
            if held is not None:
                label = held.label
                rows.append((*key, label.slug, label.title, label_key(label.title), change))
            elif change:
                rows.append((*key, "", "", "", change))
        if not rows:
            return {}
        types = ("int", "text", "text", "uuid", "text", "text", "text", "int")
        # What only goes is not called anything; its row is there and keeps its names.
        names = ", ".join(
            f"{name} = CASE WHEN excluded.slug = '' THEN search_facetlabel.{name}"
            f" ELSE excluded.{name} END"
            for name in ("slug", "title", "key")
        )
        written = fetch(
            "INSERT INTO search_facetlabel"
            " (site_id, locale, facet, document_id, slug, title, key, documents)"
            f" SELECT c0, c1, c2, c3, c4, c5, c6, c7 FROM ({tables().rows(*types)}) x WHERE 1 = 1"
            " ON CONFLICT (site_id, locale, facet, document_id) DO UPDATE"
            f" SET {names}, {_COUNTED.format('search_facetlabel')}"
            f" RETURNING site_id, locale, facet, document_id, id",
            [many([_stored(row) for row in rows])],
        )
        return {(row[0], row[1], row[2], _hyphenated(row[3])): row[4] for row in written}

    def write_words(self) -> None:
        """Writes the vocabulary, and for new words by which slips they are found."""
        rows = [
            (*key, *self._shown.get(key, ("", "")), _backwards(key), change)
            for key, change in self._words.items()
            if change
        ]
        if not rows:
            return
        types = ("int", "text", "text", "text", "text", "text", "int")
        written = fetch(
            "INSERT INTO search_vocabularyword"
            " (site_id, locale, word, shown, stem, backwards, documents)"
            f" SELECT c0, c1, c2, c3, c4, c5, c6 FROM ({tables().rows(*types)}) x WHERE 1 = 1"
            " ON CONFLICT (site_id, locale, word) DO UPDATE"
            f" SET {_COUNTED.format('search_vocabularyword')}"
            " RETURNING site_id, locale, word, id, documents",
            [many(rows)],
        )
        new = [
            (form, row[3])
            for row in written
            if row[4] == self._words[row[0], row[1], row[2]]
            for form in forms_of(row[0], row[1], row[2])
        ]
        if new:
            execute(
                "INSERT INTO search_wordform (form, word_id)"
                f" SELECT c0, c1 FROM ({tables().rows('bigint', 'int')}) x WHERE 1 = 1"
                " ON CONFLICT DO NOTHING",
                [many(new)],
            )

    def write_collections(self) -> None:
        """Writes how many documents there are, and how long."""
        rows = [(*place, *held) for place, held in sorted(self._collections.items())]
        execute(
            "INSERT INTO search_collection (site_id, locale, documents, length)"
            f" SELECT c0, c1, c2, c3 FROM ({tables().rows('int', 'text', 'int', 'float')}) x"
            " WHERE 1 = 1 ON CONFLICT (site_id, locale) DO UPDATE"
            f" SET {_COUNTED.format('search_collection')},"
            " length = search_collection.length + excluded.length",
            [many(rows)],
        )

    def clear_away(self) -> None:
        """Deletes what no document has any more: a word of a page that went is no suggestion."""
        terms = [key for key, change in self._terms.items() if change < 0]
        words = [key for key, change in self._words.items() if change < 0]
        labels = any(change < 0 for change in self._labels.values())
        if terms:
            execute(
                "DELETE FROM search_term WHERE documents <= 0 AND (site_id, locale, stem) IN"
                f" ({tables().rows('int', 'text', 'text')})",
                [many(terms)],
            )
        if words:
            gone = fetch(
                "DELETE FROM search_vocabularyword WHERE documents <= 0"
                f" AND (site_id, locale, word) IN ({tables().rows('int', 'text', 'text')})"
                " RETURNING site_id, locale, word, id",
                [many(words)],
            )
            forms = [(form, row[3]) for row in gone for form in forms_of(*row[:3])]
            if forms:
                execute(
                    "DELETE FROM search_wordform WHERE (form, word_id) IN"
                    f" ({tables().rows('bigint', 'int')})",
                    [many(forms)],
                )
        if labels:
            execute("DELETE FROM search_facetlabel WHERE documents <= 0", ())


def _backwards(key: TermKey) -> str:
    return key[2][::-1] if analyzer_for(key[1]).compounds else ""


def _stored(row: tuple[object, ...]) -> tuple[object, ...]:
    """A row with its document's id as this database stores it."""
    return (*row[:3], tables().stored_id(str(row[3])), *row[4:])


def _hyphenated(value: object) -> str:
    text = str(value)
    if "-" in text:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
