"""Markdown to HTML, with the anchors that the generator gave its headings.

markdown-it-py reads CommonMark with tables, strikethrough, footnotes and task lists; what comes
out is foreign HTML like any other, and goes through `blocks_from_html`.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from cms.importing.sources.markdown.naming import slug_of
from cms.importing.sources.markdown.site import Flavour

FOOTNOTES: Final = "footnotes"
_FOOTNOTES_TITLE: Final = "Footnotes"
_GIVEN_NAME: Final = re.compile(r"[ \t]*\{#([^\s{}]+)[^{}]*\}[ \t]*$")
_GIVEN_CLASS: Final = re.compile(r"(?<=\S)[ \t]*\{\.[^{}]*\}[ \t]*$")
_MORE: Final = re.compile(r"<!--\s*more\s*-->", re.IGNORECASE)
_NO_GITHUB_WORD: Final = re.compile(r"[^\w\- ]+")
_NO_KRAMDOWN_WORD: Final = re.compile(r"[^a-z0-9 -]+")
_BEFORE_KRAMDOWN_WORD: Final = re.compile(r"^[^a-zA-Z]+")

Options = Mapping[str, Any]
Environment = MutableMapping[str, Any]


def html_of(text: str, flavour: Flavour) -> str:
    """The HTML of a piece of Markdown, unsanitised."""
    return str(_reader(flavour).render(text, {}))


def before_more(text: str) -> str:
    """What stands above the `<!-- more -->` of a text; empty without one."""
    found = _MORE.search(text)
    return text[: found.start()] if found else ""


@cache
def _reader(flavour: Flavour) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": 40})
    reader.enable(["table", "strikethrough"])
    reader.use(footnote_plugin).use(tasklists_plugin)
    # Every address is judged where all HTML is; here a refused one would show its brackets.
    reader.validateLink = _accept  # type: ignore[method-assign]
    reader.core.ruler.push("galley_headings", lambda state: _name_headings(state.tokens, flavour))
    for name, rule in _RENDERERS.items():
        reader.add_render_rule(name, rule)
    return reader


def _accept(url: str) -> bool:
    return bool(url)


def _name_headings(tokens: Sequence[Token], flavour: Flavour) -> None:
    """Gives each heading its name: the one that stands behind it in braces, else the generator's."""
    taken: Counter[str] = Counter()
    for number, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        inline = tokens[number + 1]
        given = _take_given_name(inline)
        name = given or _unique(_SLUGS[flavour](_words_of(inline)), taken)
        taken[name] += 1
        if name:
            token.attrSet("id", name)


def _take_given_name(inline: Token) -> str:
    """Takes `{#name}` from the end of a heading's words."""
    last = inline.children[-1] if inline.children else None
    if last is None or last.type != "text":
        return ""
    found = _GIVEN_NAME.search(last.content)
    if found is None:
        last.content = _GIVEN_CLASS.sub("", last.content)
        return ""
    last.content = last.content[: found.start()]
    return found.group(1)


def _words_of(inline: Token) -> str:
    return "".join(
        child.content if child.type in {"text", "code_inline"} else " "
        for child in inline.children or ()
        if child.type in {"text", "code_inline", "softbreak", "hardbreak"}
    )


def _unique(slug: str, taken: Counter[str]) -> str:
    if not slug or slug not in taken:
        return slug
    number = 1
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


def _github_slug(words: str) -> str:
    return _NO_GITHUB_WORD.sub("", words.strip().lower()).replace(" ", "-")


def _kramdown_slug(words: str) -> str:
    begun = _BEFORE_KRAMDOWN_WORD.sub("", words).lower()
    return _NO_KRAMDOWN_WORD.sub("", begun).replace(" ", "-") or "section"


_SLUGS: Final[Mapping[Flavour, Callable[[str], str]]] = {
    Flavour.ZOLA: slug_of,
    Flavour.HUGO: _github_slug,
    Flavour.JEKYLL: _kramdown_slug,
    Flavour.PLAIN: _github_slug,
}


def _footnote_mark(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: Options,
    _environment: Environment,
) -> str:
    number = int(tokens[index].meta["id"]) + 1
    return f'<sup><a href="#{FOOTNOTES}">[{number}]</a></sup>'


def _footnotes_begin(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    _index: int,
    _options: Options,
    _environment: Environment,
) -> str:
    """A heading, since links can lead to nothing smaller."""
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    tag = f"h{min([2, *levels])}"
    return f'<{tag} id="{FOOTNOTES}">{_FOOTNOTES_TITLE}</{tag}><ol>'


def _footnotes_end(*_arguments: object) -> str:
    return "</ol>"


def _nothing(*_arguments: object) -> str:
    return ""


_RENDERERS: Final[Mapping[str, Callable[..., str]]] = {
    "footnote_ref": _footnote_mark,
    "footnote_block_open": _footnotes_begin,
    "footnote_block_close": _footnotes_end,
    "footnote_anchor": _nothing,
}
