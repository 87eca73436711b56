"""Rich text as a tree of nodes, for readers that do not want HTML.

    {"type": "paragraph", "children": [...]}            an element
    {"type": "text", "text": "...", "marks": [...]}     words; `marks` only when there are some
    {"type": "link", "attrs": {"href": "..."}, ...}     attributes, only when there are some

The types are paragraph, heading (attrs.level), list (attrs.ordered), list_item, link, image,
rule, break, quote, code_block, and, for an element that none of these names, element
(attrs.tag). The marks are bold, italic, code, strikethrough, superscript, subscript, underline.
"""

from html.parser import HTMLParser
from typing import Any, Final

JSONObject = dict[str, Any]

_MARKS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "code": "code",
    "s": "strikethrough",
    "del": "strikethrough",
    "sup": "superscript",
    "sub": "subscript",
    "u": "underline",
}
_TYPES: Final = {
    "p": "paragraph",
    "ul": "list",
    "ol": "list",
    "li": "list_item",
    "a": "link",
    "img": "image",
    "hr": "rule",
    "br": "break",
    "blockquote": "quote",
    "pre": "code_block",
    **{f"h{level}": "heading" for level in range(1, 7)},
}
_VOID: Final = frozenset({"img", "hr", "br"})
_NUMBERS: Final = frozenset({"width", "height"})


def nodes_of(html: str) -> list[JSONObject]:
    """The nodes of a piece of rich text, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def with_nodes(value: Any) -> Any:
    """A JSON value with each `{"html": ...}` in it turned into `{"nodes": [...]}`."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("html"), str):
            return {"nodes": nodes_of(value["html"])}
        return {key: with_nodes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_nodes(item) for item in value]
    return value


class _Reader(HTMLParser):
    """Builds the tree; what closes nothing is passed over, what stays open ends with the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: list[JSONObject] = []
        self._open: list[tuple[str, list[JSONObject]]] = []
        self._marks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _MARKS:
            self._marks.append(_MARKS[tag])
            return
        node: JSONObject = {"type": _TYPES.get(tag, "element")}
        found = _attributes(tag, attrs)
        if found:
            node["attrs"] = found
        self._children().append(node)
        if tag not in _VOID:
            node["children"] = []
            self._open.append((tag, node["children"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS:
            if _MARKS[tag] in self._marks:
                self._marks.remove(_MARKS[tag])
            return
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        node: JSONObject = {"type": "text", "text": data}
        marks = list(dict.fromkeys(self._marks))
        if marks:
            node["marks"] = marks
        self._children().append(node)

    def _children(self) -> list[JSONObject]:
        return self._open[-1][1] if self._open else self.root


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> JSONObject:
    found: JSONObject = {}
    if tag in {"ul", "ol"}:
        found["ordered"] = tag == "ol"
    elif _TYPES.get(tag) == "heading":
        found["level"] = int(tag[1])
    elif tag not in _TYPES:
        found["tag"] = tag
    for name, value in attrs:
        text = value or ""
        found[name] = int(text) if name in _NUMBERS and text.isdecimal() else text
    return found
