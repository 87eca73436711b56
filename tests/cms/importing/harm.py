"""Tells what in the API's answers could run or load anything in a careless website."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

_ALLOWED_TAGS = {
    *("p", "br", "hr", "a", "b", "strong", "i", "em", "u", "s", "del", "code", "sup", "sub"),
    *("h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "blockquote", "img"),
}
# What Galley itself puts there.
_OWN = {"srcset", "sizes", "loading", "decoding"}
_ALLOWED_ATTRIBUTES = {"href", "src", "alt", "width", "height", "id", *_OWN}
_ALLOWED_SCHEMES = {"", "http", "https", "mailto", "tel"}
_ADDRESS_KEYS = {"url", "href", "src", "link", "embed_url", "canonical_url"}


class Markup(HTMLParser):
    """Collects what a browser would make of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED_TAGS:
            self.complaints.append(f"<{tag}>")
        for name, value in attrs:
            if name not in _ALLOWED_ATTRIBUTES:
                self.complaints.append(f"{tag} {name}={value}")
            if name in {"href", "src"} and not is_harmless(value or ""):
                self.complaints.append(f"{tag} {name}={value}")


def is_harmless(address: str) -> bool:
    bare = re.sub(r"[\x00-\x20]", "", address)
    return urlsplit(bare).scheme.lower() in _ALLOWED_SCHEMES


def complaints(value: Any, key: str = "") -> Iterator[str]:
    """What in a document of the API could run or load anything."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from complaints(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from complaints(part, key)
    elif isinstance(value, str):
        if key == "html" or key.endswith("_html"):
            yield from Markup(value).complaints
        if key in _ADDRESS_KEYS and not is_harmless(value):
            yield f"{key}={value}"


def all_html(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from all_html(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from all_html(part, key)
    elif isinstance(value, str) and key == "html":
        yield value
