"""Elements of a text that have a form of their own: headings, lists, code, quotes, asides."""

import re
from dataclasses import replace
from typing import Final

from selectolax.lexbor import LexborNode

from cms.importing.content import Change
from cms.importing.html_nodes import (
    Callout,
    Code,
    LineBreak,
    Listing,
    Node,
    Paragraph,
    Quote,
    Rule,
    Words,
    links_of,
    words_of,
)
from cms.importing.html_reader import (
    PLAIN,
    HtmlReader,
    Style,
    children_of,
    classes_of,
    elements_of,
    letters_of,
    with_language,
)

_CALLOUTS: Final = {
    **dict.fromkeys(("note", "info", "information", "important", "admonition"), "info"),
    **dict.fromkeys(("tip", "hint", "success"), "tip"),
    **dict.fromkeys(("warning", "caution", "attention"), "warning"),
    **dict.fromkeys(("danger", "error", "alert-danger"), "danger"),
}
_LONGEST_WORDS: Final = 500


def read_heading(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A heading keeps its words and its anchor; links in it go below it."""
    reader.end_paragraph()
    own_id = (node.attributes.get("id") or "").strip()
    inlines = reader.inlines_in(children_of(node), style)
    if not words_of(inlines):
        for item in inlines:
            reader.add(item)
        reader.end_paragraph()
        return
    reader.emit_heading(int((node.tag or "h2")[1]), own_id, inlines)
    hrefs = [href for href in links_of(inlines) if href.removeprefix("#") != own_id]
    for href in hrefs:
        label = href.removeprefix("https://").removeprefix("http://").rstrip("/")
        reader.emit(Paragraph([Words(label, (), href)]))
    if hrefs:
        message = f"The links of the heading “{words_of(inlines)[:80]}” stand below it."
        reader.note(Change.CHANGED, "heading-link", message)


def read_list(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A list; what stands in it outside of an item goes to the item before it."""
    reader.end_paragraph()
    reader.remember_id(node)
    items: list[list[Node]] = []
    for child in children_of(node):
        if child.tag == "li":
            reader.remember_id(child)
            items.append(reader.nodes_in(children_of(child), style))
            continue
        found = reader.nodes_in([child], style)
        if found and items:
            items[-1].extend(found)
        elif found:
            items.append(found)
    items = [item for item in items if item]
    if items:
        start = (node.attributes.get("start") or "1").strip()
        number = int(start) if re.fullmatch(r"\d{1,9}", start) else 1
        reader.emit(Listing(node.tag == "ol", number, items))


def read_term(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A term of a list of definitions: a line in bold above what it means."""
    reader.end_paragraph()
    reader.remember_id(node)
    reader.note(
        Change.CHANGED, "definition-list", "A list of definitions became lines with bold terms."
    )
    reader.walk_children(node, replace(style, marks=style.marks | {"b"}))
    reader.end_paragraph()


def read_code(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """Preformatted text: code, except for verse, whose lines are words."""
    reader.end_paragraph()
    reader.remember_id(node)
    if any("verse" in name for name in classes_of(node)):
        _read_verse(reader, node, style)
        return
    inner = with_language(node, style)
    for child in elements_of(node):
        if child.tag == "code":
            inner = with_language(child, inner)
    text = letters_of(node).removesuffix("\n")
    if text.strip():
        reader.emit(Code(inner.language, text))
    elif node.css_first("img, iframe") is not None:
        reader.walk_children(node, style)
        reader.end_paragraph()


def _read_verse(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    for index, line in enumerate(letters_of(node).strip("\n").split("\n")):
        if index:
            reader.add(LineBreak())
        reader.add(Words(line, tuple(sorted(style.marks)), style.href))
    reader.end_paragraph()


def read_quote(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A quotation; a `<cite>` or `<footer>` right in it says whose words they are."""
    reader.end_paragraph()
    reader.remember_id(node)
    attribution: list[str] = []
    spoken: list[LexborNode] = []
    for child in children_of(node):
        if child.tag in {"cite", "footer", "figcaption"}:
            words = words_of(reader.inlines_in([child], PLAIN))
            attribution.append(words.lstrip("-\N{EN DASH}\N{EM DASH} "))
        else:
            spoken.append(child)
    nodes = reader.nodes_in(spoken, style)
    if nodes:
        reader.emit(Quote(nodes, " ".join(filter(None, attribution))))
    else:
        reader.add(Words(" ".join(filter(None, attribution))))
        reader.end_paragraph()


def read_details(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """Something to unfold: a remark with a title, since nothing is folded here."""
    reader.end_paragraph()
    reader.remember_id(node)
    title = ""
    inner: list[LexborNode] = []
    for child in children_of(node):
        if child.tag == "summary" and not title:
            title = words_of(reader.inlines_in([child], style))
        else:
            inner.append(child)
    nodes = reader.nodes_in(inner, style)
    reader.note(
        Change.CHANGED, "details-unfolded", "A text to unfold became a remark that is always open."
    )
    if title or nodes:
        reader.emit(Callout("info", title, nodes))


def read_box(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A `<div>` or `<aside>`: a remark if its class says so, otherwise looked through."""
    reader.end_paragraph()
    reader.remember_id(node)
    classes = classes_of(node)
    kinds = [_CALLOUTS[name] for name in sorted(classes) if name in _CALLOUTS]
    inner = with_language(node, style)
    if not kinds:
        reader.walk_children(node, inner)
        reader.end_paragraph()
        return
    nodes = reader.nodes_in(children_of(node), inner)
    if nodes:
        kind = next((kind for kind in kinds if kind != "info"), "info")
        reader.emit(Callout(kind, "", nodes))


def read_rule(reader: HtmlReader, node: LexborNode, _style: Style) -> None:
    """A line across."""
    reader.remember_id(node)
    reader.emit(Rule())


def read_break(reader: HtmlReader, _node: LexborNode, _style: Style) -> None:
    """A new line."""
    reader.add(LineBreak())


def read_link(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """A link, or an anchor without words."""
    reader.remember_id(node)
    raw = node.attributes.get("href")
    href = reader.link(raw) if raw else style.href
    reader.walk_children(node, replace(style, href=href))


def read_abbreviation(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """What the letters stand for follows in brackets: a hint under the mouse is nothing to read."""
    reader.walk_children(node, style)
    title = " ".join((node.attributes.get("title") or "").split())
    if title:
        reader.add(Words(f" ({title})", (), style.href))
        reader.note(Change.CHANGED, "abbreviation", f"“{title}” follows its abbreviation.")


def read_checkbox(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """The box of a task stays as a sign; any other field of a form is dropped."""
    if (node.attributes.get("type") or "").lower() != "checkbox":
        drop_with_words(reader, node, style)
        return
    sign = "\N{BALLOT BOX WITH CHECK}" if "checked" in node.attributes else "\N{BALLOT BOX}"
    reader.add(Words(f"{sign} "))


def read_form(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """The words of a form stay."""
    reader.note(Change.DROPPED, "form", "A form was dropped; its words were kept.")
    reader.end_paragraph()
    reader.walk_children(node, style)
    reader.end_paragraph()


def drop_with_words(reader: HtmlReader, node: LexborNode, _style: Style) -> None:
    """Not for a text; the words in it are told in the note."""
    words = " ".join(letters_of(node, between=" ").split())
    tag = node.tag or ""
    if len(words) > _LONGEST_WORDS:
        reader.end_paragraph()
        reader.add(Words(words))
        reader.end_paragraph()
        reader.note(Change.CHANGED, "tag-removed", f"A <{tag}> became its words.")
        return
    said = f": “{words}”" if words else ""
    reader.note(Change.DROPPED, "tag-dropped", f"A <{tag}> was dropped{said}.")


def drop_script(reader: HtmlReader, node: LexborNode, _style: Style) -> None:
    """Nothing that runs or styles comes along."""
    source = (node.attributes.get("src") or "")[:200]
    named = f" from {source}" if source else ""
    reader.note(Change.DROPPED, "script", f"A <{node.tag}>{named} was dropped.")


def drop_silently(_reader: HtmlReader, _node: LexborNode, _style: Style) -> None:
    """Never shown by a browser."""
