"""Rich text as the public gets it: sanitised HTML with markers for what it refers to.

The editor's HTML comes in Wagtail's own form, where `<a linktype="page" id="3">` names a page
(and `fragment="x"` a place on it) and `<embed embedtype="image" id="5">` an image. Anything but
the tags and attributes below is dropped (nh3, an HTML5 parser), then Wagtail's rewriters put a
marker for each reference.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import nh3
from wagtail.rich_text.rewriters import EmbedRewriter, LinkRewriter, MultiRuleRewriter

from cms.page_links import fragment_end

Attributes = Mapping[str, str]

_TAGS: Final = {
    *("p", "br", "hr", "a", "b", "strong", "i", "em", "u", "s", "del", "code", "sup", "sub"),
    *("h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "blockquote", "embed"),
}
_ATTRIBUTES: Final = {
    "a": {"href", "linktype", "id", "fragment"},
    "embed": {"embedtype", "id", "alt", "format", "url"},
}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_OPEN_EMBED: Final = re.compile(r"<embed([^>]*)>")


def sanitise(source: str) -> str:
    """`source` with nothing in it but what readers may be shown. Applying it twice changes nothing."""
    clean = nh3.clean(
        source, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None
    )
    # An HTML5 serialiser writes void elements without the slash that Wagtail's rewriter looks for.
    return _OPEN_EMBED.sub(r"<embed\1/>", clean)


def rewrite(
    source: str,
    *,
    page_href: Callable[[int], str | None],
    file_href: Callable[[int], str | None],
    image: Callable[[int, str], str | None],
) -> str:
    """Sanitised HTML in which each reference is what the callables give for it.

    A callable that gives None makes the reference vanish: of a link the words stay.
    """

    def links(find: Callable[[int], str | None]) -> Callable[[Sequence[Attributes]], list[str]]:
        return lambda attributes: [
            _link(find(_key(item)), fragment_end(item)) for item in attributes
        ]

    def images(attributes: Sequence[Attributes]) -> list[str]:
        return [
            image(_key(item), html.escape(item.get("alt", ""), quote=True)) or ""
            for item in attributes
        ]

    rewriter = MultiRuleRewriter(
        [
            LinkRewriter(bulk_rules={"page": links(page_href), "document": links(file_href)}),
            EmbedRewriter(bulk_rules={"image": images, "media": _media}),
        ]
    )
    return str(rewriter(sanitise(source)))


def _key(attributes: Attributes) -> int:
    value = attributes.get("id", "")
    return int(value) if value.isascii() and value.isdigit() else 0


def _link(href: str | None, end: str) -> str:
    return "<a>" if href is None else f'<a href="{href}{end}">'


def _media(attributes: Sequence[Attributes]) -> list[str]:
    urls = [item.get("url", "") for item in attributes]
    return [
        f'<a href="{html.escape(url, quote=True)}">{html.escape(url)}</a>'
        if url.startswith(("https://", "http://"))
        else ""
        for url in urls
    ]


def file_address(document_id: int, filename: str) -> str:
    """The path at which a file is served, after a check of who may have it."""
    return f"/documents/{document_id}/{quote(filename)}"
