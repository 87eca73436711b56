"""From an HTML tree to the values of `html_nodes`: the walk, and how words become paragraphs.

Elements with a form of their own are handed to the functions of `html_elements` and its
siblings; everything else is either a box, which ends a paragraph, or is looked through.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from cms.importing.content import Change, Note
from cms.importing.html_nodes import (
    MARKS,
    Figure,
    Heading,
    Inline,
    Node,
    Paragraph,
    Picture,
    Words,
    flattened,
    tidy,
)

BOXES: Final = frozenset(
    {
        *("address", "article", "aside", "body", "caption", "center", "dd", "details"),
        *("dir", "div", "dl", "dt", "fieldset", "figcaption", "footer", "form", "header"),
        *("hgroup", "html", "legend", "li", "main", "menu", "nav", "optgroup", "p"),
        *("search", "section", "summary", "tbody", "td", "tfoot", "th", "thead", "tr"),
    }
)
LOOKED_THROUGH: Final = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "ins", "kbd", "label", "map", "mark", "math", "nobr"),
        *("noframes", "noscript", "output", "picture", "q", "rp", "rt", "ruby", "s"),
        *("samp", "slot", "small", "span", "strike", "strong", "sub", "sup", "time", "tt"),
        *("u", "var"),
    }
)
_MARK_OF: Final = {
    **dict.fromkeys(("b", "strong"), "b"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "i"),
    **dict.fromkeys(("s", "strike", "del"), "s"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    "sup": "sup",
    "sub": "sub",
}
_AROUND: Final = {"q": ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}")}
_LINK_SCHEMES: Final = frozenset({"", "http", "https", "mailto", "tel"})
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LANGUAGE: Final = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|brush:)[-\s]?([\w+#.-]+)")
_DEEPEST: Final = 120


@dataclass(frozen=True, slots=True)
class Style:
    """What the elements around some words say of them."""

    marks: frozenset[str] = frozenset()
    href: str | None = None
    language: str = ""


PLAIN: Final = Style()
Handler = Callable[["HtmlReader", LexborNode, Style], None]


class HtmlReader:
    """Reads one text. `handlers` are by tag; `address` rewrites what links and images name."""

    def __init__(
        self,
        *,
        handlers: dict[str, Handler],
        notes: list[Note],
        where: str = "",
        address: Callable[[str], str] | None = None,
    ) -> None:
        self.moved_anchors: dict[str, str | None] = {}
        """Ids of what is no heading, with the anchor before them; None above the first one."""
        self.anchors: set[str] = set()
        self._handlers = handlers
        self._notes = notes
        self._where = where
        self._address = address
        self._noted: set[tuple[str, str]] = set()
        self._nodes: list[Node] = []
        self._inlines: list[Inline] = []
        self._pending_ids: list[str] = []
        self._last_anchor: str | None = None
        self._depth = 0
        self._holds_ids = 0

    def read(self, root: LexborNode) -> list[Node]:
        """Everything below `root`."""
        return self.nodes_in(children_of(root), PLAIN)

    def note(self, change: Change, code: str, message: str) -> None:
        """Adds a line to the report, once per text."""
        if (code, message) not in self._noted:
            self._noted.add((code, message))
            self._notes.append(Note(change, code, message, self._where))

    def nodes_in(self, nodes: Iterable[LexborNode], style: Style) -> list[Node]:
        """What these nodes say, for a caller that has a place of its own for it."""
        outer, self._nodes = (self._nodes, self._inlines), []
        self._inlines = []
        for node in nodes:
            self.walk(node, style)
        self.end_paragraph()
        found = self._nodes
        self._nodes, self._inlines = outer
        return found

    def emit(self, node: Node) -> None:
        """Adds a node after what was read so far."""
        self.end_paragraph()
        self._settle_ids(None)
        self._nodes.append(node)

    def emit_all(self, nodes: Iterable[Node]) -> None:
        """Adds nodes that `nodes_in` has read."""
        self.end_paragraph()
        self._nodes.extend(nodes)

    def emit_heading(self, level: int, own_id: str, inlines: list[Inline]) -> None:
        """Adds a heading; an anchor that stood right before it becomes its own."""
        self.end_paragraph()
        anchor = own_id or (self._pending_ids[0] if self._pending_ids else "")
        self._settle_ids(anchor or None)
        if anchor:
            self.anchors.add(anchor)
            self._last_anchor = anchor
        self._nodes.append(Heading(level, anchor, inlines))

    def add(self, inline: Inline) -> None:
        """Adds words or a picture to the paragraph."""
        self._inlines.append(inline)

    def inlines_in(self, nodes: Iterable[LexborNode], style: Style) -> list[Inline]:
        """What these nodes say in the form of one paragraph. Ids among them stay to be settled."""
        self._holds_ids += 1
        found = self.nodes_in(nodes, style)
        self._holds_ids -= 1
        return flattened(found)

    def remember_id(self, node: LexborNode) -> None:
        """Notes the element's id: a link may lead to it."""
        attributes = node.attributes
        name = attributes.get("id") or (attributes.get("name") if node.tag == "a" else "")
        if name and name.strip():
            self._pending_ids.append(name.strip())

    def walk(self, node: LexborNode, style: Style) -> None:
        """Reads one node and all below it."""
        tag = node.tag or ""
        if tag == "-text":
            self._read_text(node.text_content or "", style)
        elif tag.startswith(("-", "!", "#", "_")):
            return
        elif self._depth >= _DEEPEST:
            self.note(Change.CHANGED, "nesting-too-deep", "Formatting nested too deeply was lost.")
            self._read_text(letters_of(node, between=" "), style)
        else:
            self._depth += 1
            self._read_element(tag, node, style)
            self._depth -= 1

    def walk_children(self, node: LexborNode, style: Style) -> None:
        """Looks through an element."""
        for child in children_of(node):
            self.walk(child, style)

    def end_paragraph(self) -> None:
        """Makes a paragraph of the words since the last one; pictures alone become figures."""
        if not self._inlines:
            return
        inlines, self._inlines = tidy(self._inlines), []
        if not inlines:
            return
        self._settle_ids(None)
        if any(isinstance(item, Words) and item.text.strip() for item in inlines):
            self._nodes.append(Paragraph(inlines))
            return
        self._nodes.extend(Figure(p, p.title) for p in inlines if isinstance(p, Picture))

    def link(self, url: str | None) -> str | None:
        """The address of a link, or None where it must not be followed."""
        url = _INVISIBLE.sub("", (url or "")).strip()
        if not url:
            return None
        scheme = _scheme(url)
        if scheme not in _LINK_SCHEMES:
            self.note(
                Change.DROPPED,
                "link-refused",
                f"A link to {url[:120]} was dropped: {scheme}: is no address for a website.",
            )
            return None
        return self._rewritten(url)

    def source(self, url: str | None) -> str:
        """The address of an image or a frame; empty where there is none to use."""
        url = _INVISIBLE.sub("", (url or "")).strip()
        scheme = _scheme(url)
        if scheme in {"", "http", "https"}:
            return self._rewritten(f"https:{url}" if url.startswith("//") else url) if url else ""
        shown = url if scheme != "data" else f"{url[:30]}…"
        self.note(Change.DROPPED, "image-refused", f"The content of {shown[:120]} was dropped.")
        return ""

    def _rewritten(self, url: str) -> str:
        if self._address is None or url.startswith("#"):
            return url
        return self._address(url)

    def _read_text(self, text: str, style: Style) -> None:
        text = _INVISIBLE.sub("", text)
        if text:
            marks = tuple(mark for mark in MARKS if mark in style.marks)
            self._inlines.append(Words(text, marks, style.href))

    def _read_element(self, tag: str, node: LexborNode, style: Style) -> None:
        self._look_at_attributes(tag, node)
        handler = self._handlers.get(tag)
        if handler is not None:
            handler(self, node, style)
            return
        if tag in BOXES:
            self.end_paragraph()
            self.remember_id(node)
            self.walk_children(node, with_language(node, style))
            self.end_paragraph()
            return
        if tag not in LOOKED_THROUGH:
            self.note(
                Change.CHANGED, "tag-unknown", f"The tag <{tag}> was removed, its words kept."
            )
        self.remember_id(node)
        before, after = _AROUND.get(tag, ("", ""))
        inner = style
        if tag in _MARK_OF:
            inner = replace(style, marks=style.marks | {_MARK_OF[tag]})
        self._read_text(before, style)
        self.walk_children(node, inner)
        self._read_text(after, style)

    def _look_at_attributes(self, tag: str, node: LexborNode) -> None:
        handlers = [name for name in node.attributes if name.startswith("on")]
        if handlers:
            names = ", ".join(sorted(handlers))
            self.note(
                Change.DROPPED, "script", f"The event handler {names} of <{tag}> was dropped."
            )

    def _settle_ids(self, anchor: str | None) -> None:
        if self._holds_ids:
            return
        for name in self._pending_ids:
            if name != anchor:
                self.moved_anchors.setdefault(name, anchor or self._last_anchor)
        self._pending_ids.clear()


def children_of(node: LexborNode) -> Iterator[LexborNode]:
    """The nodes right below `node`, words included."""
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def elements_of(node: LexborNode) -> Iterator[LexborNode]:
    """The elements right below `node`."""
    return (child for child in children_of(node) if not (child.tag or "-").startswith(("-", "!")))


def letters_of(node: LexborNode, *, between: str = "") -> str:
    """The text inside to the letter, without scripts; `between` stands between two tags."""
    if node.css_first("br, script, style") is None:
        return node.text(deep=True, separator=between)
    parts: list[str] = []
    waiting = [*children_of(node)][::-1]
    while waiting:
        child = waiting.pop()
        if child.tag == "-text":
            parts.append(child.text_content or "")
        elif child.tag == "br":
            parts.append("\n")
        elif child.tag not in {"script", "style"}:
            waiting += [*children_of(child)][::-1]
    return between.join(parts)


def classes_of(node: LexborNode) -> set[str]:
    """The classes of an element, in lower case."""
    return set((node.attributes.get("class") or "").lower().split())


def with_language(node: LexborNode, style: Style) -> Style:
    """`style` with the language that the element gives to the code inside."""
    attributes = node.attributes
    language = (attributes.get("data-lang") or "").strip()
    if not language:
        found = _LANGUAGE.search((attributes.get("class") or "").lower())
        language = found.group(1) if found else ""
    return replace(style, language=language) if language else style


def _scheme(url: str) -> str:
    """The scheme as a browser sees it, past white space inside it."""
    bare = re.sub(r"[\s\x00-\x20]+", "", url)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", bare) is None:
        return ""
    try:
        return urlsplit(bare).scheme.lower()
    except ValueError:
        return "unreadable"
