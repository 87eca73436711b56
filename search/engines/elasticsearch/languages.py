"""How the words of each language are brought to a common form: one analyzer per language.

Folding comes last, so that stemmers see the letters that they know; a search without accents
finds words with them, since both ends are folded. Stop words stay in the index, for phrases,
and fall out of queries only.
"""

from dataclasses import dataclass
from typing import Any, Final

from search.engines.elasticsearch.german_parts import german_parts
from search.stop_words import STOP_WORDS

OTHER: Final = "other"
"""For languages without rules of their own: words as they are, in lower case, without accents."""


@dataclass(frozen=True, slots=True)
class Language:
    """The rules for one language. `stop` is the engine's own list of stop words, to which ours are added."""

    stemmer: str = ""
    stop: str = ""
    articles: str = ""
    before_stemmer: tuple[str, ...] = ()
    lowercase: str = "lowercase"


_FRENCH_ARTICLES: Final = "l m t qu n s j d c jusqu quoiqu lorsqu puisqu"
_ITALIAN_ARTICLES: Final = (
    "c l all dall dell nell sull coll pell gl agl dagl degl negl sugl un m t s v d"
)

LANGUAGES: Final[dict[str, Language]] = {
    "en": Language("english", "_english_", before_stemmer=("possessive",)),
    "de": Language(
        "light_german",
        "_german_",
        before_stemmer=("german_compounds", "german_normalization"),
    ),
    "fr": Language("light_french", "_french_", articles=_FRENCH_ARTICLES),
    "es": Language("light_spanish", "_spanish_"),
    "it": Language("light_italian", "_italian_", articles=_ITALIAN_ARTICLES),
    "pt": Language("light_portuguese", "_portuguese_"),
    "nl": Language("dutch", "_dutch_"),
    "sv": Language("light_swedish", "_swedish_"),
    "nb": Language("light_norwegian", "_norwegian_"),
    "da": Language("danish", "_danish_"),
    "fi": Language("light_finnish", "_finnish_"),
    "ru": Language("light_russian", "_russian_"),
    "ja": Language(before_stemmer=("cjk_width", "cjk_bigram")),
    "zh": Language(before_stemmer=("cjk_width", "cjk_bigram")),
    "ko": Language(before_stemmer=("cjk_width", "cjk_bigram")),
    OTHER: Language(),
}
_SAME: Final = {"no": "nb", "nn": "nb"}


def language_of(locale: str) -> str:
    """The key in `LANGUAGES` for a locale such as `fr-CA`."""
    name = locale.replace("_", "-").partition("-")[0].lower()
    name = _SAME.get(name, name)
    return name if name in LANGUAGES else OTHER


def analysis() -> dict[str, Any]:
    """The index settings under `analysis`: `<language>` and `<language>_query` for each, and ours."""
    filters: dict[str, Any] = {
        "possessive": {"type": "stemmer", "language": "possessive_english"},
        "german_compounds": {
            "type": "dictionary_decompounder",
            "word_list": german_parts(),
            "min_word_size": 8,
            "min_subword_size": 4,
            "max_subword_size": 18,
            "only_longest_match": True,
        },
        "beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": 20},
    }
    plain = ["lowercase", "asciifolding"]
    analyzers: dict[str, Any] = {
        "words": _analyzer(["lowercase"]),
        "plain": _analyzer(plain),
        "beginnings": _analyzer([*plain, "beginnings"]),
    }
    for name, language in LANGUAGES.items():
        first: list[str] = []
        if language.articles:
            articles = {"articles": language.articles.split(), "articles_case": True}
            filters[f"{name}_articles"] = {"type": "elision", **articles}
            first.append(f"{name}_articles")
        first.append(language.lowercase)
        rest = [*language.before_stemmer]
        if language.stemmer:
            filters[f"{name}_stemmer"] = {"type": "stemmer", "language": language.stemmer}
            rest.append(f"{name}_stemmer")
        rest.append("asciifolding")
        stops: list[str] = []
        if language.stop:
            words = [language.stop, *sorted(STOP_WORDS.get(name, ()))]
            filters[f"{name}_stop"] = {"type": "stop", "stopwords": words}
            stops.append(f"{name}_stop")
        analyzers[name] = _analyzer([*first, *rest])
        analyzers[f"{name}_query"] = _analyzer([*first, *stops, *rest])
    return {"filter": filters, "analyzer": analyzers}


def _analyzer(filters: list[str]) -> dict[str, Any]:
    return {"type": "custom", "tokenizer": "standard", "filter": filters}
