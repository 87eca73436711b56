"""Where a hit matches, as HTML that nothing in a document can break."""

import html
from collections.abc import Mapping
from typing import Any, Final

from search.engines.elasticsearch.conditions import Condition
from search.engines.protocol import Highlights
from search.query import Terms

# For private use, and in no stored text (`stored.stored_entry` drops them). Control characters
# would do as well, did the engine not trim them off the ends of a text.
START: Final = "\ue000"
END: Final = "\ue001"
_FRAGMENTS: Final = 2
_FRAGMENT_CHARACTERS: Final = 180
_FIELDS: Final = ("title", "summary", "body")


def highlighter(terms: Terms, language: str) -> dict[str, Any]:
    """What to ask beside the search: whole titles and summaries, the best parts of the body."""
    whole = {"number_of_fragments": 0}
    parts = {"number_of_fragments": _FRAGMENTS, "fragment_size": _FRAGMENT_CHARACTERS}
    return {
        "type": "unified",
        "order": "score",
        "pre_tags": [START],
        "post_tags": [END],
        "fields": {
            f"{language}.{name}": (parts if name == "body" else whole)
            | {"highlight_query": _matching(f"{language}.{name}", language, terms)}
            for name in _FIELDS
        },
    }


def _matching(field: str, language: str, terms: Terms) -> Condition:
    wanted: list[Condition] = []
    if terms.words:
        wanted.append({"match": {field: " ".join(terms.words)}})
    if terms.synonyms:
        meant = " ".join(word for item in terms.synonyms for word in item.words)
        wanted.append({"match": {field: meant}})
    if terms.is_last_prefix:
        wanted.append({"prefix": {field: terms.words[-1].lower()}})
    for words in terms.phrases:
        exact = {"query": " ".join(words), "analyzer": language}
        wanted.append({"match_phrase": {field: exact}})
    return {"bool": {"should": wanted or [{"match_none": {}}]}}


def read_highlights(found: Mapping[str, Any], language: str) -> Highlights:
    """The answer's highlights, escaped, with `<mark>`."""
    title, summary, body = (found.get(f"{language}.{name}", ()) for name in _FIELDS)
    return Highlights(
        title=" ".join(map(_marked, title)),
        summary=" ".join(map(_marked, summary)),
        body=tuple(map(_marked, body)),
    )


def _marked(text: str) -> str:
    return html.escape(text.strip()).replace(START, "<mark>").replace(END, "</mark>")
