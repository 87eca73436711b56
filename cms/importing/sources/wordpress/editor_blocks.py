"""What the blocks of WordPress's block editor become.

A block is looked up by name. One that is only a text goes on as HTML and is joined with its
neighbours; one that is laid out is flattened; one that WordPress fills when it shows the page
(the latest posts, a search form) is left to the website and noted.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from cms.importing.content import Change
from cms.importing.sources.wordpress.block_grammar import EditorBlock, parse_blocks
from cms.importing.sources.wordpress.body_builder import BodyBuilder
from cms.importing.sources.wordpress.editor_block_names import (
    BUILT_BY_WEBSITE,
    LAYOUTS,
    MARKERS,
    TEXTS,
)
from cms.importing.sources.wordpress.editor_media_blocks import MEDIA_HANDLERS
from cms.importing.sources.wordpress.markup import (
    attribute,
    element_words,
    first,
    inner_markup,
    parse,
    shows_something,
)

_MAX_NESTED_REUSE: Final = 8

ExpandText = Callable[[BodyBuilder, str], None]
Handler = Callable[["BlockWalker", EditorBlock], None]


class BlockWalker:
    """Walks the blocks of one item and adds what they become to its body."""

    def __init__(
        self,
        builder: BodyBuilder,
        *,
        footnotes: list[Mapping[str, Any]],
        add_text: ExpandText,
        add_classic: ExpandText,
    ) -> None:
        self.builder = builder
        self.footnotes = footnotes
        self.add_text = add_text
        self.add_classic = add_classic
        self._reused: list[str] = []
        self._dynamic: dict[str, int] = {}

    def add_all(self, text: str) -> None:
        """Adds everything that a text holds, and notes what WordPress would have filled in."""
        self.walk(parse_blocks(text))
        if self._dynamic:
            names = ", ".join(
                name if count == 1 else f"{name} ({count})" for name, count in self._dynamic.items()
            )
            self.builder.note(
                Change.DROPPED,
                "block-dynamic",
                f"Blocks that WordPress fills when it shows a page: {names}. Websites build their like.",
            )

    def walk(self, blocks: list[EditorBlock]) -> None:
        """Adds these blocks in order."""
        for block in blocks:
            self._add(block)

    def _add(self, block: EditorBlock) -> None:
        name = block.name
        if name in TEXTS:
            self.text(block.markup())
        elif name in LAYOUTS:
            if name == "columns":
                _layout_note(self)
            self.inside(block)
        elif name in BUILT_BY_WEBSITE or name.startswith(("post-", "comment", "query", "site-")):
            self._dynamic[name] = self._dynamic.get(name, 0) + 1
        elif name in MARKERS:
            if MARKERS[name]:
                self.builder.note(Change.DROPPED, f"block-{name}", MARKERS[name])
        elif name in MEDIA_HANDLERS:
            MEDIA_HANDLERS[name](self.builder, block)
        elif name.startswith("core-embed/"):
            MEDIA_HANDLERS["embed"](self.builder, block)
        else:
            _OTHERS.get(name, _unknown)(self, block)

    def text(self, markup: str) -> None:
        """Adds HTML, in which shortcodes may stand."""
        self.add_text(self.builder, markup)

    def inside(self, block: EditorBlock) -> None:
        """Adds the blocks in it and, as HTML, what stands between them and shows something."""
        if not block.children:
            self.text(block.own_markup())
            return
        self.walk(block.children)

    def reuse(self, post_id: str) -> None:
        """Adds the content of a reusable block, unless it holds itself."""
        content = self.builder.catalogue.reusable(post_id)
        if content is None:
            self.builder.note(
                Change.MISSING,
                "reusable-block-missing",
                f"The reusable block {post_id} is not in the export.",
            )
            return
        if post_id in self._reused or len(self._reused) >= _MAX_NESTED_REUSE:
            self.builder.note(
                Change.DROPPED, "reusable-block-cycle", "A reusable block that holds itself."
            )
            return
        self._reused.append(post_id)
        self.builder.note(
            Change.CHANGED,
            "reusable-block",
            "A reusable block was written out; it is no longer shared.",
        )
        self.walk(parse_blocks(content))
        self._reused.pop()


def _unknown(walker: BlockWalker, block: EditorBlock) -> None:
    """A block of a plug-in: what it stored as HTML is kept, what it computes is not there."""
    shown = block.markup()
    if shows_something(shown):
        walker.builder.note(
            Change.CHANGED,
            "block-unknown",
            f"The block “{block.name}” belongs to a plug-in; its text was kept.",
        )
        walker.inside(block)
        return
    walker.builder.note(
        Change.DROPPED,
        "block-unknown",
        f"The block “{block.name}” belongs to a plug-in and stores no text.",
    )


def _verse(walker: BlockWalker, block: EditorBlock) -> None:
    """A poem: its line ends count."""
    inside = inner_markup(first(parse(block.markup()), "pre")) or block.markup()
    lines = [line.strip() for line in inside.strip().split("\n")]
    walker.text(f"<p>{'<br />'.join(lines)}</p>")


def _details(walker: BlockWalker, block: EditorBlock) -> None:
    summary = inner_markup(first(parse(block.own_markup()), "summary"))
    walker.builder.note(
        Change.CHANGED, "block-details", "What could be folded away is always shown."
    )
    if summary:
        walker.text(f"<p><strong>{summary}</strong></p>")
    if block.children:
        walker.walk(block.children)
        return
    tree = parse(block.own_markup())
    folded = first(tree, "summary")
    if folded is not None:
        folded.decompose()
    walker.text(inner_markup(first(tree, "details")))


def _buttons(walker: BlockWalker, block: EditorBlock) -> None:
    for child in block.children:
        if child.name == "button":
            _button(walker, child)
    if not block.children:
        for link in parse(block.markup()).css("a"):
            walker.builder.button(link)


def _button(walker: BlockWalker, block: EditorBlock) -> None:
    tree = parse(block.markup())
    link = first(tree, "a") or first(tree, "button")
    walker.builder.button(link)


def _social_links(walker: BlockWalker, block: EditorBlock) -> None:
    entries = []
    for child in block.children:
        url, service = (
            str(child.attributes.get("url") or ""),
            str(child.attributes.get("service") or ""),
        )
        url = url if "://" in url or url.startswith("mailto:") else f"https://{url}"
        label = str(child.attributes.get("label") or service.title() or url)
        if url.startswith("mailto:") or urlsplit(url).hostname:
            entries.append((url, label))
    walker.builder.note(
        Change.CHANGED, "block-social-links", "The icons of social networks became a list of links."
    )
    if entries:
        lines = (f'<li><a href="{escape(url)}">{escape(label)}</a></li>' for url, label in entries)
        walker.text(f"<ul>{''.join(lines)}</ul>")


def _reusable(walker: BlockWalker, block: EditorBlock) -> None:
    walker.reuse(str(block.attributes.get("ref") or ""))


def _shortcode(walker: BlockWalker, block: EditorBlock) -> None:
    walker.add_classic(walker.builder, block.markup())


def _freeform(walker: BlockWalker, block: EditorBlock) -> None:
    walker.add_classic(walker.builder, block.markup())


def _pullquote(walker: BlockWalker, block: EditorBlock) -> None:
    tree = parse(block.markup())
    quote = first(tree, "blockquote")
    if quote is None:
        walker.text(block.markup())
        return
    cite = first(quote, "cite")
    source = element_words(cite)
    if cite is not None:
        cite.decompose()
    text = element_words(quote)
    if not text:
        return
    if first(quote, "a") is not None:
        walker.text(
            f"<blockquote>{inner_markup(quote)}{f'<cite>{source}</cite>' if source else ''}</blockquote>"
        )
        return
    walker.builder.block("quote", {"text": text, "attribution": source[:200]})


def _footnotes(walker: BlockWalker, _block: EditorBlock) -> None:
    items = [
        f'<li id="{note.get("id", "")}">{note.get("content", "")}</li>'
        for note in walker.footnotes
        if isinstance(note.get("content"), str)
    ]
    if items:
        walker.text(f"<ol>{''.join(items)}</ol>")


def _missing(walker: BlockWalker, block: EditorBlock) -> None:
    walker.builder.note(
        Change.CHANGED,
        "block-unknown",
        f"The block “{block.attributes.get('originalName', '')}” was unknown there too; its text was kept.",
    )
    walker.text(str(block.attributes.get("originalUndelimitedContent") or block.markup()))


def _pattern(walker: BlockWalker, block: EditorBlock) -> None:
    walker.builder.note(
        Change.DROPPED,
        "block-pattern",
        f"The pattern “{block.attributes.get('slug', '')}” lies in the theme, not in the export.",
    )


def _media_text(walker: BlockWalker, block: EditorBlock) -> None:
    _layout_note(walker)
    attributes = block.attributes
    own = block.own_markup()
    media_id = str(attributes.get("mediaId") or "")
    tree = parse(own)
    video = first(tree, "video")
    if video is not None:
        walker.builder.media_file(attribute(video, "src"), attachment_id=media_id)
    else:
        walker.builder.figure(own, attachment_id=media_id)
    walker.walk(block.children)


def _cover(walker: BlockWalker, block: EditorBlock) -> None:
    _layout_note(walker)
    own = block.own_markup()
    tree = parse(own)
    media_id = str(block.attributes.get("id") or "")
    url = str(block.attributes.get("url") or "") or _background(own)
    video = first(tree, "video")
    if video is not None:
        walker.builder.media_file(attribute(video, "src") or url, attachment_id=media_id)
    elif not walker.builder.figure(own, attachment_id=media_id) and url:
        walker.builder.image(url, alt=str(block.attributes.get("alt") or ""))
    if block.children:
        walker.walk(block.children)
        return
    for paragraph in tree.css("p"):
        walker.text(paragraph.html or "")


def _background(markup: str) -> str:
    found = re.search(r"background-image:\s*url\(['\"]?([^'\")]+)", markup)
    return found[1] if found else ""


def _layout_note(walker: BlockWalker) -> None:
    walker.builder.note(
        Change.CHANGED,
        "layout",
        "What stood side by side, or over a picture, follows each other now.",
    )


_OTHERS: Final[Mapping[str, Handler]] = {
    "verse": _verse,
    "details": _details,
    "buttons": _buttons,
    "button": _button,
    "social-links": _social_links,
    "block": _reusable,
    "shortcode": _shortcode,
    "freeform": _freeform,
    "classic": _freeform,
    "pullquote": _pullquote,
    "footnotes": _footnotes,
    "missing": _missing,
    "pattern": _pattern,
    "media-text": _media_text,
    "cover": _cover,
}
