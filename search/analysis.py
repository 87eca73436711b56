"""From text to words: how documents and queries are cut, folded and brought to their stems.

The same for every database, so that the same search has the same answer on each.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import snowballstemmer

from search.stop_words import STOP_WORDS

LONGEST_WORD: Final = 48
"""What is longer is cut: it is no word, but data that stands in a text."""

_ALGORITHMS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\uac00-\ud7af"
_TOKEN: Final = re.compile(
    r"\d+(?:\.\d+)+"  # versions: 1.75.0
    r"|[^\W_]+(?:['\u2019][^\W_]+)*(?:\+\+|#(?!\w))?"  # words, don't, l'été, c++, c#
)
_VERSION: Final = re.compile(r"(\d+\.\d+)\.\d")
_UNSPACED: Final = re.compile(f"[{_HAN}]+")
_ELISION: Final = re.compile(
    r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|dell|all|nell|un|sull)['\u2019]"
)
_ELIDING: Final = frozenset({"fr", "it", "ca"})
_COMPOUNDING: Final = frozenset({"da", "de", "fi", "hu", "nb", "nl", "nn", "no", "sv"})
_COMBINING: Final = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: as it is shown in small letters, folded, and its stem, folded too."""

    shown: str
    folded: str
    stem: str


class Analyzer:
    """Cuts the texts of one language. Remembers the words that it has seen lately."""

    def __init__(self, locale: str) -> None:
        language = locale.partition("-")[0].lower()
        self._elides = language in _ELIDING
        self.compounds = language in _COMPOUNDING
        """Whether the language writes compounds as one word."""
        algorithm = _ALGORITHMS.get(language)
        self._stemmer = None if algorithm is None else snowballstemmer.stemmer(algorithm)
        self.stop_words = STOP_WORDS.get(language, frozenset())
        self._word = lru_cache(maxsize=100_000)(self._make_word)

    def words(self, text: str) -> list[Word]:
        """The words of a text in order."""
        return [self._word(token) for token in self._tokens(text)]

    def _tokens(self, text: str) -> Iterator[str]:
        for token in _TOKEN.findall(text.lower()):
            if _UNSPACED.search(token):
                yield from _pairs(token)
                continue
            yield self._without_elision(token)
            version = _VERSION.match(token)
            if version is not None:
                yield version[1]

    def _without_elision(self, token: str) -> str:
        if "'" not in token and "\u2019" not in token:
            return token
        if self._elides:
            return _ELISION.sub("", token, count=1) or token
        return token.replace("\u2019", "'").removesuffix("'s")

    def _make_word(self, token: str) -> Word:
        token = token[:LONGEST_WORD]
        stem = token
        if self._stemmer is not None and token.isalpha():
            stem = self._stemmer.stemWord(token)
        return Word(token, fold(token), fold(stem) or fold(token))


def fold(text: str) -> str:
    """Small letters without accents, at most `LONGEST_WORD`."""
    if text.isascii():
        return text.lower()[:LONGEST_WORD]
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _COMBINING.sub("", apart))[:LONGEST_WORD]


@lru_cache(maxsize=64)
def analyzer_for(locale: str) -> Analyzer:
    """The analyzer of a language; one without stems where none are known."""
    return Analyzer(locale)


def _pairs(token: str) -> Iterator[str]:
    """Text of scripts without spaces, in overlapping pairs; what stands between, whole."""
    position = 0
    for match in _UNSPACED.finditer(token):
        if match.start() > position:
            yield token[position : match.start()]
        run = match[0]
        if len(run) == 1:
            yield run
        for index in range(len(run) - 1):
            yield run[index : index + 2]
        position = match.end()
    if position < len(token):
        yield token[position:]
