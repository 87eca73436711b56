"""Writes exports of WordPress, as small as a test wants them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from cms.importing.content import Skipped, SourceItem
from cms.importing.sources.wordpress.source import WordPressSource

HOST = "blog.example.com"
BASE = f"https://{HOST}"

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.1" created="2023-01-16 07:17" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/{version}/">
<channel>
<title>A blog</title><link>{base}</link><description>Words</description><language>en</language>
<wp:wxr_version>{version}</wp:wxr_version>
<wp:base_site_url>{base}</wp:base_site_url><wp:base_blog_url>{base}</wp:base_blog_url>
"""
TAIL = "</channel>\n</rss>\n"


def cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def author(login: str, name: str = "", email: str = "", number: int = 1) -> str:
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id>"
        f"<wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_email>{cdata(email)}</wp:author_email>"
        f"<wp:author_display_name>{cdata(name)}</wp:author_display_name></wp:author>\n"
    )


def category(slug: str, name: str = "", *, parent: str = "", number: int = 1) -> str:
    return (
        f"<wp:category><wp:term_id>{number}</wp:term_id>"
        f"<wp:category_nicename>{cdata(slug)}</wp:category_nicename>"
        f"<wp:category_parent>{cdata(parent)}</wp:category_parent>"
        f"<wp:cat_name>{cdata(name or slug)}</wp:cat_name></wp:category>\n"
    )


def term(taxonomy: str, slug: str, name: str = "", number: int = 1) -> str:
    return (
        f"<wp:term><wp:term_id>{number}</wp:term_id><wp:term_taxonomy>{taxonomy}</wp:term_taxonomy>"
        f"<wp:term_slug>{cdata(slug)}</wp:term_slug><wp:term_name>{cdata(name or slug)}</wp:term_name>"
        "</wp:term>\n"
    )


def comment(number: int, text: str = "Well said.", *, parent: int = 0, kind: str = "") -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
        "<wp:comment_author><![CDATA[Ann]]></wp:comment_author>"
        "<wp:comment_author_email>ann@private.example</wp:comment_author_email>"
        "<wp:comment_author_url>https://ann.example/</wp:comment_author_url>"
        "<wp:comment_author_IP>203.0.113.9</wp:comment_author_IP>"
        "<wp:comment_date>2020-02-01 11:00:00</wp:comment_date>"
        "<wp:comment_date_gmt>2020-02-01 10:00:00</wp:comment_date_gmt>"
        f"<wp:comment_content>{cdata(text)}</wp:comment_content>"
        "<wp:comment_approved>1</wp:comment_approved>"
        f"<wp:comment_type>{kind}</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent>"
        "<wp:commentmeta><wp:meta_key>_agent</wp:meta_key><wp:meta_value>x</wp:meta_value></wp:commentmeta>"
        "</wp:comment>\n"
    )


def item(
    number: int,
    content: str = "",
    *,
    kind: str = "post",
    meta: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    terms: Sequence[tuple[str, str, str]] = (),
    comments: str = "",
    **fields: Any,
) -> str:
    """An `<item>`; `fields` are WordPress's names without `wp:`, or title, link, guid, creator."""
    slug = fields.pop("post_name", f"{kind}-{number}")
    pairs = meta.items() if isinstance(meta, Mapping) else meta
    values = {
        "post_id": number,
        "post_date": "2020-01-05 10:30:00",
        "post_date_gmt": "2020-01-05 09:30:00",
        "post_name": slug,
        "status": "publish",
        "post_parent": 0,
        "menu_order": 0,
        "post_type": kind,
        "post_password": "",
        "is_sticky": 0,
    }
    rest = {name: fields.pop(name) for name in list(fields) if name not in _PLAIN}
    wp = "".join(
        f"<wp:{name}>{cdata(str(value))}</wp:{name}>\n"
        for name, value in (values | rest).items()
        if value is not None
    )
    categories = "".join(
        f'<category domain="{taxonomy}" nicename="{escape(slug)}">{cdata(name)}</category>\n'
        for taxonomy, slug, name in terms
    )
    metas = "".join(
        f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key>"
        f"<wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>\n"
        for key, value in pairs
    )
    link = fields.get("link", f"{BASE}/{slug}/")
    return (
        f"<item>\n<title>{cdata(fields.get('title', f'{kind} {number}'.capitalize()))}</title>\n"
        f"<link>{link}</link>\n<pubDate>Sun, 05 Jan 2020 09:30:00 +0000</pubDate>\n"
        f"<dc:creator>{cdata(fields.get('creator', ''))}</dc:creator>\n"
        f'<guid isPermaLink="false">{escape(fields.get("guid", f"{BASE}/?p={number}"))}</guid>\n'
        f"<content:encoded>{cdata(content)}</content:encoded>\n"
        f"<excerpt:encoded>{cdata(fields.get('excerpt', ''))}</excerpt:encoded>\n"
        f"{wp}{categories}{metas}{comments}</item>\n"
    )


_PLAIN = {"title", "link", "guid", "creator", "excerpt"}


def attachment(
    number: int, name: str = "", *, parent: int = 0, alt: str = "", **fields: Any
) -> str:
    name = name or f"2020/01/picture-{number}.jpg"
    return item(
        number,
        kind="attachment",
        status="inherit",
        post_parent=parent,
        attachment_url=f"{BASE}/wp-content/uploads/{name}",
        guid=f"{BASE}/wp-content/uploads/{name}",
        meta={"_wp_attachment_image_alt": alt} if alt else {},
        **fields,
    )


def entry(number: int, menu: str, *, title: str = "", parent: int = 0, **target: Any) -> str:
    """An entry of a menu: `type`, `object`, `object_id`, `url`."""
    return item(
        number,
        kind="nav_menu_item",
        title=title,
        menu_order=target.pop("order", number),
        terms=[("nav_menu", menu, menu.title())] if menu else [],
        meta={
            "_menu_item_type": target.get("type", "custom"),
            "_menu_item_menu_item_parent": str(parent),
            "_menu_item_object_id": str(target.get("object_id", number)),
            "_menu_item_object": target.get("object", "custom"),
            "_menu_item_url": target.get("url", ""),
        },
    )


def export(*parts: str, version: str = "1.2") -> str:
    return HEAD.format(version=version, base=BASE) + "".join(parts) + TAIL


def write(folder: Path, *parts: str, **options: Any) -> Path:
    path = folder / "export.xml"
    path.write_text(export(*parts, **options), encoding="utf-8")
    return path


def read(folder: Path, *parts: str, **options: Any) -> dict[str, SourceItem | Skipped]:
    """What the adapter makes of these parts, by key."""
    source = WordPressSource(write(folder, *parts, **options))
    try:
        return {thing.key: thing for thing in source.items()}
    finally:
        source.close()


def read_item(folder: Path, *parts: str, key: str, **options: Any) -> SourceItem:
    thing = read(folder, *parts, **options)[key]
    assert isinstance(thing, SourceItem)
    return thing


def body_of(folder: Path, content: str, *others: str, **fields: Any) -> list[tuple[str, Any]]:
    """The blocks of a post with this content: (type, value) each."""
    found = read_item(folder, item(1, content, **fields), *others, key="post:1")
    return [(block["type"], block["value"]) for block in found.body]


def codes_of(thing: SourceItem | Skipped) -> list[str]:
    assert isinstance(thing, SourceItem)
    return [note.code for note in thing.notes]
