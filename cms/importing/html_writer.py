"""From the values of `html_nodes` to blocks of a body, and to the HTML inside them.

The HTML is built here, from words that are escaped here: nothing of the source's own markup
passes through. It keeps to what the editor can show, so that an edit later loses nothing.
"""

import html
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Final

from cms.blocks.images import LONGEST_ALT
from cms.blocks.languages import language_of
from cms.importing.content import BlockData, Change
from cms.importing.html_nodes import (
    Callout,
    Code,
    Embed,
    Figure,
    Gallery,
    Heading,
    Inline,
    LineBreak,
    Listing,
    Node,
    Paragraph,
    Picture,
    Quote,
    Rule,
    Table,
    Words,
    flattened,
    links_of,
    words_of,
)

LONGEST_HEADING: Final = 200
_LONGEST_CAPTION: Final = 300
_LONGEST_ATTRIBUTION: Final = 200
_LONGEST_TITLE: Final = 120
_MOST_IMAGES: Final = 50
_BREAK: Final = "<br/>"

Notify = Callable[[Change, str, str], None]
Fragment = Callable[[str], str | None]


class BlockWriter:
    """Writes the nodes of one text. `fragment` says where a link inside the text leads now."""

    def __init__(self, *, note: Notify, fragment: Fragment, level_shift: int = 0) -> None:
        self._note = note
        self._fragment = fragment
        self._level_shift = level_shift
        self._blocks: list[BlockData] = []
        self._text: list[str] = []
        self._open_list = 0

    def blocks(self, nodes: Iterable[Node]) -> list[BlockData]:
        """The blocks of all that `nodes` say; neighbouring texts are one block."""
        for node in nodes:
            self._write(node)
        self._end_text()
        return self._blocks

    def inline(self, inlines: Iterable[Inline]) -> str:
        """The HTML of words in a line; neighbours with one address are one link."""
        parts = []
        for href, items in groupby(inlines, key=_href_of):
            written = "".join(self._inline(item) for item in items)
            target = self._fragment(href) if href else None
            parts.append(f'<a href="{_escaped(target)}">{written}</a>' if target else written)
        return "".join(parts)

    def flow(self, nodes: Iterable[Node]) -> str:
        """HTML of lines and lists only: for a cell, a list's item, a remark."""
        parts: list[str] = []
        has_line = False
        for node in nodes:
            if isinstance(node, Listing):
                parts.append(self._list(node))
                has_line = False
                continue
            line = self.inline(flattened([node]))
            if line:
                parts.append(_BREAK * 2 + line if has_line else line)
                has_line = True
        return "".join(parts)

    def _write(self, node: Node) -> None:
        match node:
            case Paragraph():
                self._text.append(f"<p>{self.inline(node.inlines)}</p>")
            case Rule():
                self._text.append("<hr/>")
            case Listing():
                self._write_list(node)
            case Heading():
                self._write_heading(node)
            case Quote():
                self._write_quote(node)
            case Callout():
                self._write_callout(node)
            case _:
                self._write_block(node)

    def _write_block(self, node: Code | Figure | Gallery | Table | Embed) -> None:
        match node:
            case Code():
                self._write_code(node)
            case Figure():
                self._write_figure(node)
            case Gallery():
                self._write_gallery(node)
            case Table():
                self._write_table(node)
            case Embed():
                self._add("embed", url=node.url, caption=self._caption(node.caption))

    def _add(self, block_type: str, /, **value: Any) -> None:
        self._end_text()
        self._blocks.append({"type": block_type, "value": value})

    def _end_text(self) -> None:
        if self._text:
            self._blocks.append({"type": "rich_text", "value": "".join(self._text)})
            self._text = []
        self._open_list = 0

    def _inline(self, item: Inline) -> str:
        match item:
            case LineBreak():
                return _BREAK
            case Picture(src, alt, href, _):
                # A picture in a line cannot be a link here: its words are the link instead.
                label = f' <a href="{_escaped(href)}">{_escaped(alt or href)}</a>' if href else ""
                return f'<img src="{_escaped(src)}" alt="{_escaped(alt)}"/>{label}'
            case Words(text, marks):
                written = html.escape(text, quote=False)
                for mark in reversed(marks):
                    written = f"<{mark}>{written}</{mark}>"
                return written

    def _list(self, node: Listing) -> str:
        tag = "ol" if node.is_ordered else "ul"
        items = "".join(f"<li>{self.flow(item)}</li>" for item in node.items)
        return f"<{tag}>{items}</{tag}>"

    def _write_list(self, node: Listing) -> None:
        is_whole = not any(_breaks_out(inner) for item in node.items for inner in item)
        if is_whole and (node.start == 1 or not node.is_ordered):
            self._text.append(self._list(node))
            return
        if not is_whole:
            self._note(
                Change.CHANGED,
                "list-split",
                "A list with code, a table or a picture in it became lines with those between.",
            )
        self._open_list = 0
        for number, item in enumerate(node.items, start=node.start):
            self._write_item(item, f"{number}. " if node.is_ordered else "")

    def _write_item(self, item: list[Node], number: str) -> None:
        """One entry of a list that cannot stay whole; `number` stands before its first words."""
        lead: list[Node] = []
        rest = list(item)
        while rest and not _breaks_out(rest[0]):
            lead.append(rest.pop(0))
        if number:
            first = [lead.pop(0)] if lead and not isinstance(lead[0], Listing) else []
            self._text.append(f"<p>{number}{self.flow(first)}</p>".replace(". </p>", ".</p>"))
            for node in lead:
                self._write(node)
        elif lead:
            self._continue_list(f"<li>{self.flow(lead)}</li>")
        for node in rest:
            self._write(node)

    def _continue_list(self, item: str) -> None:
        """Adds an item to the list that the last item of the same list has begun, or begins one."""
        if self._text and self._open_list == len(self._text):
            self._text[-1] = self._text[-1].removesuffix("</ul>") + f"{item}</ul>"
            return
        self._text.append(f"<ul>{item}</ul>")
        self._open_list = len(self._text)

    def _write_heading(self, node: Heading) -> None:
        text = words_of(node.inlines)
        if len(text) > LONGEST_HEADING:
            self._text.append(f"<p><b>{html.escape(text, quote=False)}</b></p>")
            self._note(
                Change.CHANGED,
                "heading-too-long",
                f"The heading “{text[:60]}…” is longer than {LONGEST_HEADING} characters: a bold line.",
            )
            return
        wanted = node.level + self._level_shift
        level = min(max(wanted, 2), 4)
        if level != node.level:
            message = f"Headings of level {node.level} became level {level}."
            self._note(Change.CHANGED, "heading-level", message)
        self._add("heading", text=text, level=f"h{level}", anchor=node.anchor)
        for item in node.inlines:
            if isinstance(item, Picture):
                self._write_figure(Figure(item))

    def _write_code(self, node: Code) -> None:
        language = language_of(node.language)
        if language is None:
            self._note(
                Change.CHANGED,
                "code-language",
                f"The language “{node.language[:60]}” of a piece of code is unknown: plain text.",
            )
        caption = self._caption(node.caption)
        self._add("code", language=language or "text", code=node.text, caption=caption)

    def _write_quote(self, node: Quote) -> None:
        is_plain = all(isinstance(inner, Paragraph) and _is_plain(inner) for inner in node.nodes)
        if is_plain and len(node.attribution) <= _LONGEST_ATTRIBUTION:
            paragraphs = [
                _lines_of(inner.inlines) for inner in node.nodes if isinstance(inner, Paragraph)
            ]
            self._add("quote", text="\n\n".join(paragraphs), attribution=node.attribution)
            return
        lines: list[Node] = []
        for inner in node.nodes:
            if isinstance(inner, Paragraph):
                lines.append(inner)
                continue
            self._write_quoted_lines(lines)
            self._note(
                Change.CHANGED,
                "quote-split",
                "A quotation with lists, code or pictures in it became its parts.",
            )
            self._write(inner)
        if node.attribution:
            lines.append(Paragraph([Words(f"\N{EM DASH} {node.attribution}")]))
        self._write_quoted_lines(lines)

    def _write_quoted_lines(self, lines: list[Node]) -> None:
        if lines:
            self._text.append(f"<blockquote>{self.flow(lines)}</blockquote>")
            lines.clear()

    def _write_figure(self, node: Figure) -> None:
        self._add("image", **self._image(node))
        href = node.picture.href
        target = self._fragment(href) if href else None
        if target:
            label = node.picture.alt or target
            self._text.append(f'<p><a href="{_escaped(target)}">{_escaped(label)}</a></p>')
            self._note(
                Change.CHANGED,
                "image-link",
                f"The link of a picture to {target[:200]} stands below the picture.",
            )

    def _image(self, node: Figure) -> dict[str, str]:
        alt = node.picture.alt
        if len(alt) > LONGEST_ALT:
            self._note(Change.DROPPED, "alt-too-long", f"The end of a description was cut: “{alt}”")
        return {
            "image": node.picture.src,
            "alt": alt[:LONGEST_ALT],
            "caption": self._caption(node.caption),
        }

    def _caption(self, caption: str) -> str:
        if len(caption) > _LONGEST_CAPTION:
            message = f"The end of a long caption was cut: “{caption}”"
            self._note(Change.DROPPED, "caption-too-long", message)
        return caption[:_LONGEST_CAPTION]

    def _write_gallery(self, node: Gallery) -> None:
        for start in range(0, len(node.figures), _MOST_IMAGES):
            figures = node.figures[start : start + _MOST_IMAGES]
            self._add("gallery", images=[self._image(figure) for figure in figures])
        for figure in node.figures:
            if figure.picture.href:
                message = f"A picture of a gallery lost its link to {figure.picture.href[:200]}."
                self._note(Change.DROPPED, "gallery-link", message)

    def _write_table(self, node: Table) -> None:
        pictures = [
            item
            for row in node.rows
            for cell in row
            for item in flattened(cell)
            if isinstance(item, Picture)
        ]
        rows = [[self._cell(cell) for cell in row] for row in node.rows]
        if any(_breaks_out(inner) for row in node.rows for cell in row for inner in cell):
            message = "Code, quotations or tables in the cells of a table became lines."
            self._note(Change.CHANGED, "cell-flattened", message)
        self._add("table", caption=node.caption, columns=node.columns, rows=rows)
        if pictures:
            self._note(Change.CHANGED, "cell-picture", "Pictures in a table stand below it.")
        for picture in pictures:
            self._write_figure(Figure(picture))

    def _cell(self, cell: list[Node]) -> str:
        """A cell's HTML, which can hold no picture: its description stands there."""
        if not any(isinstance(item, Picture) for item in flattened(cell)):
            return self.flow(cell)
        return self.inline(
            Words(item.alt) if isinstance(item, Picture) else item for item in flattened(cell)
        )

    def _write_callout(self, node: Callout) -> None:
        fits = len(node.title) <= _LONGEST_TITLE and not any(map(_breaks_out, node.nodes))
        if fits and node.nodes and not _has_picture(node.nodes):
            self._add("callout", kind=node.kind, title=node.title, text=self._remark(node.nodes))
            return
        if node.title:
            self._text.append(f"<p><b>{html.escape(node.title, quote=False)}</b></p>")
        self._note(
            Change.CHANGED, "callout-split", "A remark with code or pictures became its parts."
        )
        for inner in node.nodes:
            self._write(inner)

    def _remark(self, nodes: list[Node]) -> str:
        return "".join(
            self._list(node) if isinstance(node, Listing) else f"<p>{self.flow([node])}</p>"
            for node in nodes
        )


def _href_of(item: Inline) -> str | None:
    return item.href if isinstance(item, Words) else None


def _breaks_out(node: Node) -> bool:
    """Whether a node can only stand on its own, not in a list or a cell."""
    if isinstance(node, Listing):
        return any(_breaks_out(inner) for item in node.items for inner in item)
    return isinstance(node, Code | Table | Embed | Gallery | Figure | Quote | Callout)


def _has_picture(nodes: Iterable[Node]) -> bool:
    return any(isinstance(item, Picture) for item in flattened(nodes))


def _is_plain(node: Paragraph) -> bool:
    return not links_of(node.inlines) and all(
        isinstance(item, LineBreak) or (isinstance(item, Words) and not item.marks)
        for item in node.inlines
    )


def _lines_of(inlines: list[Inline]) -> str:
    return "".join(item.text if isinstance(item, Words) else "\n" for item in inlines).strip()


def _escaped(value: str | None) -> str:
    return html.escape(value or "", quote=True)
