"""The plain words of a document: its headings, and the rest of its text.

Knows no blocks by name: whatever texts stand in the public JSON are words, but for those keys
whose values are addresses, ids or settings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

MOST_BODY: Final = 100_000
"""Characters of a body that are searched; a longer one is cut off there."""

_NO_WORDS: Final = frozenset(
    {"id", "type", "url", "embed_url", "anchor", "kind", "level", "language", "provider"}
    | {"filename", "size_bytes", "slug", "path", "src", "srcset", "page", "image", "file"}
)
_MARKER: Final = re.compile("\x01[^\x01]*\x01")
_SPACE: Final = re.compile(r"\s+")
_HEADINGS: Final = "h1, h2, h3, h4, h5, h6"
# Words of two blocks are two words; those of <b>one</b>, with what follows, are one.
_BLOCK_END: Final = re.compile(r"</(?:p|li|h[1-6]|div|blockquote|t[dhr]|dd|dt|pre)>|<(?:br|hr)\b")


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The words of a document beside its title and summary."""

    headings: tuple[str, ...]
    body: str


def document_text(light: Iterable[Any], content: Mapping[str, Any]) -> DocumentText:
    """The words of some light values of a document, and of its heavy part."""
    headings: list[str] = []
    parts = [plain(part) for value in light for part in _texts(value, headings)]
    parts += [plain(part) for value in content.values() for part in _texts(value, headings)]
    body = "\n".join(part for part in parts if part)
    return DocumentText(
        headings=tuple(item for item in map(plain, headings) if item), body=body[:MOST_BODY]
    )


def plain(text: str) -> str:
    """The text without markers, on one line."""
    return _SPACE.sub(" ", _MARKER.sub("", text)).strip()


def _texts(value: Any, headings: list[str]) -> Iterator[str]:
    """The texts inside a value, in order; headings go to their list instead."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, headings)
    elif isinstance(value, Mapping):
        yield from _texts_of_object(value, headings)


def _texts_of_object(value: Mapping[str, Any], headings: list[str]) -> Iterator[str]:
    if value.get("type") == "heading":
        headings.append(value["value"]["text"])
        return
    for name, item in value.items():
        if name == "html" and isinstance(item, str):
            yield _text_of_html(item, headings)
        elif name == "question" and isinstance(item, str):
            headings.append(item)
        elif name not in _NO_WORDS:
            yield from _texts(item, headings)


def _text_of_html(html: str, headings: list[str]) -> str:
    tree = LexborHTMLParser(_BLOCK_END.sub(r" \g<0>", _MARKER.sub("", html)))
    for node in tree.css(_HEADINGS):
        headings.append(node.text())
        node.decompose()
    return tree.text() if tree.body else ""
