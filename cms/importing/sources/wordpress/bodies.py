"""The text of a post or page: from what WordPress stores to blocks."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cms.importing.content import BlockData, Change, Note
from cms.importing.sources.wordpress.autop import add_paragraphs
from cms.importing.sources.wordpress.block_grammar import has_blocks
from cms.importing.sources.wordpress.body_builder import BodyBuilder
from cms.importing.sources.wordpress.catalogue import Catalogue
from cms.importing.sources.wordpress.editor_blocks import BlockWalker
from cms.importing.sources.wordpress.markup import mask, shorten, words
from cms.importing.sources.wordpress.records import RawItem
from cms.importing.sources.wordpress.shortcode_blocks import ENCLOSING, HANDLERS, expand_shortcodes
from cms.importing.sources.wordpress.shortcodes import find_shortcodes, read_attributes

MAX_SUMMARY: Final = 500
_MORE: Final = re.compile(r"<!--more[^<>]{0,200}?-->")
_NEXT_PAGE: Final = re.compile(r"<!--nextpage-->")
_LONE_URL: Final = re.compile(r"^[ \t]*(https?://[^\s<>\"\x00]+)[ \t]*$", re.MULTILINE)
_LONE_PARAGRAPH: Final = re.compile(r"<p[^<>]*>\s*(https?://[^\s<>\"]+)\s*</p>")
_SOURCE_CODE: Final = re.compile(r"\[(sourcecode|code)((?:\s[^\[\]]*)?)\]")


@dataclass(frozen=True, slots=True)
class Body:
    """What became of a text."""

    blocks: tuple[BlockData, ...]
    notes: tuple[Note, ...]
    summary: str


def read_body(item: RawItem, catalogue: Catalogue, *, where: str, hosts: frozenset[str]) -> Body:
    """The item's content as blocks, and its excerpt, or what stands before `<!--more-->`."""
    builder = BodyBuilder(catalogue, post_id=item.post_id, where=where, hosts=hosts)
    text = item.fields.get("content:encoded", "").replace("\r\n", "\n").replace("\r", "\n")
    summary = _summary(builder, item.text("excerpt:encoded"), text)
    if _NEXT_PAGE.search(text) and "<!-- wp:nextpage" not in text:
        count = len(_NEXT_PAGE.findall(text)) + 1
        builder.note(Change.CHANGED, "several-pages", f"The text had {count} pages; it is one now.")
    if has_blocks(text):
        walker = BlockWalker(
            builder, footnotes=_footnotes(item), add_text=_add_text, add_classic=_add_classic
        )
        walker.add_all(text)
    else:
        _add_classic(builder, text)
    return Body(builder.finish(), builder.notes(), summary)


def _add_classic(builder: BodyBuilder, text: str) -> None:
    """Text of the classic editor: paragraphs are still to be made."""
    text = _NEXT_PAGE.sub("\n\n", _MORE.sub("\n\n", text))
    _add_text(builder, add_paragraphs(_with_embeds(_with_source_code(text))))


def _add_text(builder: BodyBuilder, text: str) -> None:
    """HTML in which shortcodes may stand, and addresses that are a paragraph of their own."""
    expand_shortcodes(builder, _LONE_PARAGRAPH.sub(r"[embed]\1[/embed]", text))


def _with_embeds(text: str) -> str:
    """An address alone on its line is what WordPress embeds."""
    if "http" not in text:
        return text
    parts: list[str] = []
    position = 0
    for found in _LONE_URL.finditer(mask(text)):
        parts += [text[position : found.start()], f"\n\n[embed]{found[1]}[/embed]\n\n"]
        position = found.end()
    return "".join([*parts, text[position:]])


def _with_source_code(text: str) -> str:
    """`[sourcecode language="php"]` holds code to the letter, blank lines and tags included."""
    parts: list[str] = []
    position = 0
    last = {name: text.rfind(f"[/{name}]") for name in ("code", "sourcecode")}
    while (opening := _SOURCE_CODE.search(text, position)) is not None:
        end = -1
        if opening.end() <= last[opening[1]]:
            end = text.find(f"[/{opening[1]}]", opening.end())
        if end < 0 or text[max(0, opening.start() - 1) : opening.start()] == "[":
            parts.append(text[position : opening.end()])
            position = opening.end()
            continue
        attributes = read_attributes(opening[2])
        language = attributes.get("language") or attributes.get("lang") or attributes.get("0", "")
        # The visual editor stores the code with entities, the other one without.
        code = html.escape(html.unescape(text[opening.end() : end]).strip("\n"), quote=False)
        name = re.sub(r"[^A-Za-z0-9+#-]", "", language)
        shown = f'<pre><code class="language-{name}">{code}</code></pre>'
        # Brackets in code are no shortcodes.
        shown = shown.replace("[", "&#91;").replace("]", "&#93;")
        parts += [text[position : opening.start()], "\n\n", shown, "\n\n"]
        position = end + len(opening[1]) + 3
    return "".join([*parts, text[position:]])


def _footnotes(item: RawItem) -> list[Mapping[str, Any]]:
    try:
        read = json.loads(item.meta_value("footnotes") or "[]")
    except (ValueError, RecursionError):
        return []
    return [note for note in read if isinstance(note, dict)] if isinstance(read, list) else []


def _summary(builder: BodyBuilder, excerpt: str, text: str) -> str:
    source = excerpt
    more = _MORE.search(text)
    if not source and more is not None:
        source = text[: more.start()]
        for shortcode in reversed(find_shortcodes(source, names=HANDLERS, enclosing=ENCLOSING)):
            source = source[: shortcode.start] + source[shortcode.end :]
    summary = words(source)
    if len(summary) > MAX_SUMMARY:
        builder.note(
            Change.CHANGED,
            "summary-shortened",
            f"The excerpt has {len(summary)} letters; {MAX_SUMMARY} are kept as the introduction.",
        )
    return shorten(summary, MAX_SUMMARY)
