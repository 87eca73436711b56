"""Images, galleries and what other websites show in a frame."""

import re
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from cms.importing.content import Change
from cms.importing.html_nodes import (
    Code,
    Embed,
    Figure,
    Gallery,
    Listing,
    Node,
    Paragraph,
    Picture,
    Quote,
    Table,
    Words,
    flattened,
    links_of,
    words_of,
)
from cms.importing.html_reader import HtmlReader, Style, children_of, classes_of, with_language

_LAZY_SOURCES: Final = ("data-src", "data-lazy-src", "data-original", "data-orig-file")
_GALLERIES: Final = re.compile(r"(?:^|[-_])gallery(?:$|[-_]|\d)|blocks-gallery-grid|tiled-gallery")
_PICTURE_FILE: Final = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg|bmp)$", re.IGNORECASE)


def read_image(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """An image; one that a script was to load later is found by the script's own attribute."""
    attributes = node.attributes
    reader.remember_id(node)
    given = attributes.get("src") or ""
    if not given or given.startswith("data:"):
        given = next(filter(None, (attributes.get(name) for name in _LAZY_SOURCES)), given)
    alt = " ".join((attributes.get("alt") or "").split())
    source = reader.source(given)
    if source:
        href = style.href if style.href and not _PICTURE_FILE.search(_path(style.href)) else None
        reader.add(Picture(source, alt, href, _title_of(node, alt)))
        return
    if not given:
        reader.note(
            Change.DROPPED, "image-without-source", "An image that names no file was dropped."
        )
    if alt:
        reader.add(Words(alt, (), style.href))


def _title_of(node: LexborNode, alt: str) -> str:
    """A title that says something; many programs put the file's name there."""
    title = " ".join((node.attributes.get("title") or "").split())
    return title if " " in title and title != alt else ""


def read_figure(reader: HtmlReader, node: LexborNode, style: Style) -> None:
    """What a figure shows, with its caption where that has a place."""
    reader.end_paragraph()
    reader.remember_id(node)
    captions = [child for child in children_of(node) if child.tag == "figcaption"]
    shown = [child for child in children_of(node) if child.tag != "figcaption"]
    if not captions:
        captions = node.css("figcaption")[:1] if not node.css("figure") else []
    caption_inlines = reader.inlines_in(captions, style)
    caption = words_of(caption_inlines)
    nodes = _without(reader.nodes_in(shown, with_language(node, style)), caption)
    if _is_gallery(node) and (figures := figures_of(nodes)):
        nodes = [Gallery(figures)]
    if not caption:
        pass
    elif len(nodes) == 1 and _give_caption(nodes[0], caption):
        for href in links_of(caption_inlines):
            message = f"The caption “{caption[:80]}” lost its link to {href}."
            reader.note(Change.CHANGED, "caption-link", message)
    else:
        nodes = [*nodes, Paragraph(caption_inlines)]
    for found in nodes:
        reader.emit(found)


def _without(nodes: list[Node], caption: str) -> list[Node]:
    """`nodes` without the paragraph that the caption, deep in the figure, was read as."""
    for index, node in enumerate(nodes):
        if caption and isinstance(node, Paragraph) and words_of(node.inlines) == caption:
            return nodes[:index] + nodes[index + 1 :]
    return nodes


def _give_caption(node: Node, caption: str) -> bool:
    match node:
        case Figure(picture=picture) if node.caption in {"", picture.title}:
            node.caption = caption
        case Table(caption="") | Code(caption="") | Embed(caption=""):
            node.caption = caption
        case Quote(attribution=""):
            node.attribution = caption
        case _:
            return False
    return True


def read_gallery(reader: HtmlReader, node: LexborNode, style: Style) -> bool:
    """Reads an element that its class calls a gallery; False, and nothing read, for any other."""
    if not _is_gallery(node):
        return False
    reader.end_paragraph()
    reader.remember_id(node)
    nodes = reader.nodes_in(children_of(node), style)
    figures = figures_of(nodes)
    if figures:
        reader.emit(Gallery(figures))
    else:
        reader.emit_all(nodes)
    return True


def _is_gallery(node: LexborNode) -> bool:
    return any(_GALLERIES.search(name) for name in classes_of(node))


def figures_of(nodes: list[Node]) -> list[Figure]:
    """The figures of a gallery in order; nothing if anything else is among them."""
    figures: list[Figure] = []
    for node in nodes:
        match node:
            case Figure():
                figures.append(node)
            case Gallery():
                figures += node.figures
            case Listing():
                for item in node.items:
                    inner = figures_of(item)
                    if not inner:
                        return []
                    figures += inner
            case Paragraph() if figures and not figures[-1].caption and not links_of(node.inlines):
                figures[-1].caption = words_of(node.inlines)
            case _:
                return []
    return figures


def read_frame(reader: HtmlReader, node: LexborNode, _style: Style) -> None:
    """A frame becomes an embed, which is shown as a video or as a link."""
    title = " ".join((node.attributes.get("title") or "").split())
    url = node.attributes.get("src") or node.attributes.get("data-src") or ""
    url = url or node.attributes.get("data") or ""
    _emit_medium(reader, node, reader.source(url), title)


def read_medium(reader: HtmlReader, node: LexborNode, _style: Style) -> None:
    """A film or a sound: the address of its file, as a link."""
    source = node.attributes.get("src") or ""
    if not source:
        inner = node.css_first("source")
        source = (inner.attributes.get("src") or "") if inner is not None else ""
    _emit_medium(reader, node, reader.source(source), "")


def _emit_medium(reader: HtmlReader, node: LexborNode, url: str, title: str) -> None:
    tag = node.tag or ""
    inside = flattened(reader.nodes_in(children_of(node), Style())) if tag != "iframe" else []
    if url.startswith(("http://", "https://")) and _host(url):
        reader.emit(Embed(url, title))
    elif url:
        label = title or url.rsplit("/", 1)[-1] or url
        reader.emit(Paragraph([Words(label, (), url)]))
        reader.note(Change.CHANGED, "media-link", f"A <{tag}> became a link to {url[:200]}.")
    else:
        reader.note(
            Change.DROPPED, "media-without-source", f"A <{tag}> without address was dropped."
        )
    if inside:
        reader.emit(Paragraph(inside))


def read_gist(reader: HtmlReader, node: LexborNode) -> bool:
    """A snippet that a script would fetch becomes an embed of its page; False for other scripts."""
    source = node.attributes.get("src") or ""
    if not source.startswith("https://gist.github.com/"):
        return False
    reader.emit(Embed(source.split("?")[0].removesuffix(".js")))
    return True


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
