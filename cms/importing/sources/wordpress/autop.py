"""Paragraphs for texts of WordPress's classic editor, which writes none.

The editor stores a blank line where a paragraph ends and a line break where a line ends; WordPress
makes `<p>` and `<br />` of them when it shows the text ("wpautop"). The same is done here, over
tokens instead of a chain of patterns, so that tags stay balanced where WordPress leaves that to
the browser: a blank line inside `<em>` ends it and begins it anew.

Kept to the letter is what `OPAQUE` names: `<pre>`, scripts, players. No `<p>` stands around block
elements; inside them one stands only where a blank line asks for it (in `<blockquote>` always),
and never in what holds a line of text, such as a heading.
"""

import re
from typing import Final

from cms.importing.sources.wordpress.markup import OPAQUE, VOID, Token, tokens

_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n\s*")
_LINE_END: Final = re.compile(r"(?<![ \t])[ \t]*\n[ \t]*")
_LINE_ONLY: Final = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "legend", "summary"}
_MAX_OPEN: Final = 8
"""Inline tags that go on over a blank line; more are no text, and would grow with its square."""
_IN_LINE: Final = OPAQUE - {"pre", "script", "style"}
_BLOCKS: Final = {
    *_LINE_ONLY,
    *("table", "thead", "tfoot", "tbody", "tr", "td", "th", "colgroup", "col", "hr"),
    *("div", "dl", "dd", "ul", "ol", "li", "menu", "form", "fieldset", "blockquote", "address"),
    *("article", "aside", "details", "figcaption", "figure", "footer", "header", "hgroup", "main"),
    *("nav", "section", "center", "map", "math", "pre", "script", "style"),
}


def add_paragraphs(text: str) -> str:
    """The text with `<p>` and `<br />` where WordPress would put them. Linear in its length."""
    writer = _Writer()
    for token in tokens(text.replace("\r\n", "\n").replace("\r", "\n")):
        if token.name in _BLOCKS:
            writer.block(token)
        else:
            writer.inline(token)
    return writer.finish()


class _Writer:
    """Gathers what stands in a line until a block element ends it."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._line: list[Token] = []
        self._open: list[str] = []

    def inline(self, token: Token) -> None:
        self._line.append(token)

    def block(self, token: Token) -> None:
        self._end_line()
        name = token.name
        if token.is_closing:
            while name in self._open and self._open.pop() != name:
                pass
        elif name not in VOID and not token.is_whole:
            # A paragraph ends where the next block begins, whether or not anybody says so.
            if self._open and self._open[-1] == "p":
                self._open.pop()
            self._open.append(name)
        self._out.append(token.text)
        if token.is_closing or token.is_whole or name in VOID:
            self._out.append("\n")

    def finish(self) -> str:
        self._end_line()
        return "".join(self._out).strip()

    def _end_line(self) -> None:
        pieces = _paragraphs(self._line)
        self._line = []
        if not pieces:
            return
        around = self._open[-1] if self._open else ""
        if around in _LINE_ONLY:
            self._out.append("<br />\n<br />\n".join(pieces))
        elif around and around != "blockquote" and len(pieces) == 1:
            self._out.append(pieces[0])
        else:
            self._out.extend(f"<p>{piece}</p>\n" for piece in pieces)


def _paragraphs(line: list[Token]) -> list[str]:
    """The pieces between blank lines; an inline tag that goes on is closed and opened again."""
    pieces: list[str] = []
    current: list[Token] = []
    going_on: list[Token] = []

    def end_piece() -> None:
        if any(_shows(token) for token in current):
            closing = "".join(f"</{token.name}>" for token in reversed(going_on))
            pieces.append(_with_line_breaks(current) + closing)
        current[:] = going_on

    for token in line:
        if token.name:
            current.append(token)
            _follow(going_on, token)
            continue
        start, *others = _BLANK_LINE.split(token.text)
        current.append(Token(start))
        for other in others:
            end_piece()
            current.append(Token(other))
    end_piece()
    return pieces


def _follow(going_on: list[Token], token: Token) -> None:
    if token.is_whole or token.name in VOID:
        return
    if not token.is_closing:
        if len(going_on) < _MAX_OPEN:
            going_on.append(token)
        return
    for index in range(len(going_on) - 1, -1, -1):
        if going_on[index].name == token.name:
            del going_on[index]
            return


def _shows(token: Token) -> bool:
    """Whether a reader would see something of it."""
    if not token.name:
        return bool(token.text.strip())
    return token.name in {"img", "iframe", "input", "embed", *_IN_LINE}


def _with_line_breaks(piece: list[Token]) -> str:
    """Each line end as `<br />`, but not after one that is written out, and not at the ends."""
    out: list[str] = []
    is_after_break = True
    for token in piece:
        if token.name:
            out.append(token.text)
            shows = token.is_whole or token.is_closing or token.name in VOID
            is_after_break = token.name == "br" or (is_after_break and not shows)
            continue
        text = token.text
        if is_after_break:
            text = text.lstrip(" \t\n")
            out.append("\n" if out and len(text) < len(token.text) else "")
        out.append(_LINE_END.sub("<br />\n", text))
        is_after_break = is_after_break and not text
    written = "".join(out).strip()
    while written.endswith("<br />"):
        written = written.removesuffix("<br />").rstrip()
    return written
