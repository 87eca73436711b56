"""HTML as a row of tags and texts, without judging it; and words out of HTML.

Every reader here is linear in the length of the text, whatever a stranger wrote into it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

_START: Final = re.compile(r"<(?:!--|/?[a-zA-Z])")
_TAG: Final = re.compile(r"</?([a-zA-Z][^\s>/<]*)(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*>")
_SPACE: Final = re.compile(r"\s+")
VOID: Final = frozenset(
    ("br", "img", "hr", "input", "wbr", "embed", "source", "col", "area", "param", "track")
)
"""Elements that hold nothing and are never closed."""
_ANY_TAG: Final = re.compile(r"</?[a-zA-Z!][^<>]*>")
_WORD_ENDS: Final = frozenset(
    {
        *("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"),
        *("tr", "td", "th", "dt", "dd", "figure", "figcaption", "section", "hr", "img"),
    }
)

OPAQUE: Final = frozenset(
    {"pre", "script", "style", "textarea", "svg", "object", "audio", "video", "select"}
)
"""Elements whose inside is no text that lines and paragraphs could be made of."""


@dataclass(frozen=True, slots=True)
class Token:
    """A tag, a comment or an opaque element with all that is in it; or text, which has no name."""

    text: str
    name: str = ""
    is_closing: bool = False
    is_whole: bool = False
    """It stands for itself: an opaque element, a comment, `<br/>`."""


def tokens(text: str) -> Iterator[Token]:
    """The text in pieces which, put together, are the text again."""
    position = begin = 0
    has_comment_ends = True
    while (found := _START.search(text, position)) is not None:
        start = found.start()
        if found.group() == "<!--":
            end = text.find("-->", start) if has_comment_ends else -1
            has_comment_ends = end >= 0
            token = Token(text[start : end + 3], "!--", is_whole=True) if end >= 0 else None
        else:
            token = _tag(text, start)
        if token is None:
            position = start + 1
            continue
        if start > begin:
            yield Token(text[begin:start])
        yield token
        position = begin = start + len(token.text)
    if begin < len(text):
        yield Token(text[begin:])


def _tag(text: str, start: int) -> Token | None:
    found = _TAG.match(text, start)
    if found is None:
        return None
    name = found[1].lower()
    is_closing = text[start + 1] == "/"
    if name in OPAQUE and not is_closing and not found.group().endswith("/>"):
        closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, found.end())
        end = closing.end() if closing else len(text)
        return Token(text[start:end], name, is_whole=True)
    is_whole = found.group().endswith("/>")
    return Token(found.group(), name, is_closing=is_closing, is_whole=is_whole)


Element: TypeAlias = LexborNode


def parse(markup: str) -> Element:
    """A small piece of HTML as a tree, for looking things up in it."""
    body = LexborHTMLParser(f"<body>{markup.replace(chr(0), '')}").body
    if body is None:
        raise ValueError("HTML without a body")
    return body


def first(tree: Element | None, name: str) -> Element | None:
    """The first element of that name."""
    return tree.css_first(name) if tree is not None else None


def around(element: Element | None, name: str) -> Element | None:
    """The nearest element of that name that the element lies in."""
    found = element.parent if element is not None else None
    while found is not None and found.tag != name:
        found = found.parent
    return found


def attribute(element: Element | None, name: str) -> str:
    """The attribute's text, without entities; empty where it is missing."""
    value = element.attributes.get(name) if element is not None else None
    return value.strip() if value else ""


def inner_markup(element: Element | None) -> str:
    """What is inside the element, as HTML."""
    return (element.inner_html or "").strip() if element is not None else ""


def words(markup: str) -> str:
    """The words of HTML in one line, without tags and entities."""
    plain = "".join(_plain(token) for token in tokens(markup)) if "<" in markup else markup
    return _SPACE.sub(" ", html.unescape(plain)).strip()


def _plain(token: Token) -> str:
    if not token.name:
        return token.text
    if token.name == "pre":
        return f" {_ANY_TAG.sub('', token.text)} "
    return " " if token.name in _WORD_ENDS else ""


def element_words(element: Element | None) -> str:
    """The words inside an element."""
    return words(inner_markup(element))


def has_markup(text: str) -> bool:
    """Whether there are tags in it."""
    return _TAG.search(text) is not None


def shorten(text: str, length: int) -> str:
    """At most that many characters, ended after a word."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    head, space, _rest = cut.rpartition(" ")
    return f"{(head if space and len(head) > length // 2 else cut).rstrip(' ,;:')}…"


_HIDDEN: Final = "\x00"
_MAX_OPEN: Final = 16


def mask(text: str) -> str:
    """The text with every tag, comment and opaque element blotted out, as long as before."""
    return "".join(
        _HIDDEN * len(token.text) if token.name else token.text for token in tokens(text)
    )


def cut(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """What lies between the spans, one piece more than there are spans.

    Elements that a cut goes through are closed before it and opened again after it.
    """
    pieces: list[str] = []
    open_tags: list[Token] = []
    begin = 0
    for start, end in [*spans, (len(text), len(text))]:
        opening = "".join(token.text for token in open_tags)
        piece = text[begin:start]
        for token in tokens(piece):
            _follow(open_tags, token)
        closing = "".join(f"</{token.name}>" for token in reversed(open_tags))
        pieces.append(f"{opening}{piece}{closing}")
        # What the span itself opens or closes counts for what follows it.
        for token in tokens(text[start:end]):
            _follow(open_tags, token)
        begin = end
    return pieces


def _follow(open_tags: list[Token], token: Token) -> None:
    if not token.name or token.is_whole or token.name in VOID:
        return
    if not token.is_closing:
        if len(open_tags) < _MAX_OPEN:
            open_tags.append(token)
        return
    for index in range(len(open_tags) - 1, -1, -1):
        if open_tags[index].name == token.name:
            del open_tags[index:]
            return


def shows_something(markup: str) -> bool:
    """Whether a reader would see anything of it."""
    return any(
        token.text.replace("&nbsp;", " ").strip()
        if not token.name
        else token.name in {"img", "iframe", "hr", "embed", "input", *OPAQUE} - {"script", "style"}
        for token in tokens(markup)
    )
