"""Foreign HTML as blocks of a body: the way every adapter takes for the texts it finds.

The HTML is parsed as a browser would parse it and written anew from its words; scripts, styles
and handlers have no way through. What cannot stand here as it was is noted.
"""

import html
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cms.blocks.heading import LONGEST_ANCHOR, anchor_of
from cms.importing import html_elements as elements
from cms.importing import html_media as media
from cms.importing.content import BlockData, Change, Note
from cms.importing.html_nodes import Heading, Node, Paragraph, Words, flattened, words_of
from cms.importing.html_reader import Handler, HtmlReader, Style
from cms.importing.html_tables import read_table
from cms.importing.html_writer import BlockWriter

Address = Callable[[str], str]

_DEEPEST: Final = 1000
_TAG: Final = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
# Elements that close by themselves where the next one begins, or have no inside.
_SELF_CLOSING: Final = frozenset(
    {
        *("area", "base", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed"),
        *("head", "hr", "html", "img", "input", "li", "link", "meta", "optgroup", "option"),
        *("p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("track", "wbr"),
    }
)
_UNSEEN: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[^<>]*>?")
_BAD_IN_ANCHOR: Final = re.compile(r"[\s#%<>\"'`&]+")


def _read_script(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    if not media.read_gist(reader, node):
        elements.drop_script(reader, node, style)


def _read_box(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    if not media.read_gallery(reader, node, style):
        elements.read_box(reader, node, style)


def _read_list(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    if not media.read_gallery(reader, node, style):
        elements.read_list(reader, node, style)


_HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), elements.read_heading),
    **dict.fromkeys(("ul", "ol"), _read_list),
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext"), elements.read_code),
    **dict.fromkeys(("div", "aside"), _read_box),
    **dict.fromkeys(("iframe", "embed", "object", "frame"), media.read_frame),
    **dict.fromkeys(("video", "audio"), media.read_medium),
    **dict.fromkeys(("script", "style"), _read_script),
    **dict.fromkeys(
        ("select", "textarea", "button", "svg", "canvas", "datalist"), elements.drop_with_words
    ),
    **dict.fromkeys(("progress", "meter", "applet", "marquee", "dialog"), elements.drop_with_words),
    **dict.fromkeys(
        ("title", "meta", "link", "base", "head", "template", "source", "track", "param"),
        elements.drop_silently,
    ),
    **dict.fromkeys(("wbr", "col", "colgroup", "area", "noembed"), elements.drop_silently),
    "dt": elements.read_term,
    "blockquote": elements.read_quote,
    "details": elements.read_details,
    "hr": elements.read_rule,
    "br": elements.read_break,
    "a": elements.read_link,
    "abbr": elements.read_abbreviation,
    "acronym": elements.read_abbreviation,
    "input": elements.read_checkbox,
    "form": elements.read_form,
    "img": media.read_image,
    "figure": media.read_figure,
    "table": read_table,
}


def blocks_from_html(
    source: str, *, notes: list[Note], where: str = "", address: Address | None = None
) -> list[BlockData]:
    """The blocks of a text; what was dropped, changed or guessed is added to `notes`.

    `address` is given each link and image address of the text that is safe to follow, and says
    by which one the importer knows the target; without it they stay as they stand.
    """
    nodes, writer = _read(source, notes=notes, where=where, address=address)
    return writer.blocks(nodes)


def text_from_html(source: str) -> str:
    """The words alone, in one line."""
    if "<" not in source and "&" not in source:
        return " ".join(source.split())
    nodes, _ = _read(source, notes=[], where="", address=None)
    return words_of(flattened(nodes))


def _read(
    source: str, *, notes: list[Note], where: str, address: Address | None
) -> tuple[list[Node], BlockWriter]:
    reader = HtmlReader(handlers=_HANDLERS, notes=notes, where=where, address=address)
    source = source.replace("\x00", "")
    if _depth_of(source) > _DEEPEST:
        reader.note(
            Change.CHANGED,
            "nesting-too-deep",
            "The text nests its tags deeper than any page does; only its words were kept.",
        )
        words = html.unescape(_MARKUP.sub(" ", _UNSEEN.sub(" ", source)))
        nodes: list[Node] = [Paragraph([Words(" ".join(words.split()))])] if words.strip() else []
    else:
        # Inside a body from the start, a script that comes first is seen like any other.
        body = LexborHTMLParser(f"<body>{source}").body
        nodes = reader.read(body) if body is not None else []
    _fit_anchors(nodes, reader)
    return nodes, BlockWriter(
        note=reader.note, fragment=_fragments(nodes, reader), level_shift=_level_shift(nodes)
    )


def _depth_of(source: str) -> int:
    """No less than the depth to which tags nest; a parser's time may grow with its square."""
    depths: Counter[str] = Counter()
    deepest = 0
    total = 0
    for match in _TAG.finditer(source):
        name = match.group(2).lower()
        if name in _SELF_CLOSING:
            continue
        if not match.group(1):
            depths[name] += 1
            total += 1
            deepest = max(deepest, total)
        elif depths[name]:
            depths[name] -= 1
            total -= 1
    return deepest


def _level_shift(nodes: list[Node]) -> int:
    """1 where headings of level 1 part the text: that level is the page's title here, so all move
    down. One alone at the top is a title already, and what is below it stays.
    """
    levels = [node.level for node in nodes if isinstance(node, Heading)]
    return int(1 in levels and (levels[0] != 1 or levels.count(1) > 1))


def _fit_anchors(nodes: list[Node], reader: HtmlReader) -> None:
    """Makes anchors such that a link can name them."""
    for node in nodes:
        if not isinstance(node, Heading) or not node.anchor:
            continue
        fitting = _BAD_IN_ANCHOR.sub("-", node.anchor)[:LONGEST_ANCHOR]
        if fitting != node.anchor:
            reader.note(
                Change.CHANGED,
                "anchor",
                f"The anchor “{node.anchor[:80]}” became “{fitting[:80]}”.",
            )
            reader.moved_anchors[node.anchor] = fitting
            reader.anchors.discard(node.anchor)
            reader.anchors.add(fitting)
            node.anchor = fitting


def _fragments(nodes: list[Node], reader: HtmlReader) -> Callable[[str], str | None]:
    """Where a link to a place in the same text leads, now that only headings are such places."""
    own = {
        node.anchor or anchor_of(words_of(node.inlines))
        for node in nodes
        if isinstance(node, Heading)
    }

    def fragment(href: str) -> str | None:
        name = href[1:]
        if not href.startswith("#") or name in own or name in {"", "top"}:
            return None if href in {"#", "#top"} else href
        if name not in reader.moved_anchors:
            reader.note(
                Change.CHANGED, "fragment-to-nowhere", f"Nothing in the text is called {href[:80]}."
            )
            return None
        moved = reader.moved_anchors[name]
        place = (
            f"to #{moved}, the heading before it" if moved else "nowhere: no heading is before it"
        )
        reader.note(Change.CHANGED, "anchor-moved", f"Links to {href[:80]} now lead {place}.")
        return f"#{moved}" if moved else None

    return fragment
