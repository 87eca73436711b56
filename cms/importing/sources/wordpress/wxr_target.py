"""Puts the parser's events together to records."""

import re
from collections.abc import Callable
from typing import Final

from cms.importing.sources.wordpress.records import (
    Channel,
    RawAuthor,
    RawComment,
    RawItem,
    RawTerm,
    Record,
    TermUse,
)

CONTROL_MARK: Final = "\ufdd0"
"""Stands where a control character stood that XML does not allow; no text of anybody's has it."""

MAX_ITEM_CHARACTERS: Final = 20_000_000
_CONTAINER_COST: Final = 200
"""What a custom field or a term counts for besides its text: empty ones are not free."""
_SHORT_FIELD: Final = 2_000
"""What of a field is kept after the limit, so that the item can still be named."""
_MAX_DEPTH: Final = 64
_MAX_NAMES: Final = 5_000
_EXPORT_NAMESPACE: Final = re.compile(r"^https?://wordpress\.org/export/[\d.]+/(excerpt/)?$")
_PREFIXES: Final = {
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}
_CONTAINERS: Final = {
    *("item", "wp:author", "wp:category", "wp:tag", "wp:term"),
    *("wp:postmeta", "wp:comment", "wp:commentmeta", "wp:termmeta"),
}
_CHANNEL_FIELDS: Final = {
    "title": "title",
    "link": "link",
    "language": "language",
    "wp:wxr_version": "version",
    "wp:base_site_url": "base_site_url",
    "wp:base_blog_url": "base_blog_url",
}


class NotAnExport(Exception):
    """What is read cannot be an export of WordPress; the text says why."""


class _Container:
    """An element whose children are fields."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.fields: dict[str, str] = {}
        self.terms: list[TermUse] = []
        self.meta: list[tuple[str, str]] = []
        self.size = 0
        self.comment_count = 0

    def take(self, name: str) -> str:
        return self.fields.get(name, "").strip()


class WxrTarget:
    """A target of an XML parser. Texts that no field holds are forgotten at once."""

    def __init__(self, channel: Channel, line: Callable[[], int]) -> None:
        self.is_export = False
        self._channel = channel
        self._line = line
        self._names: dict[str, str] = {}
        self._depth = 0
        self._containers: list[_Container] = []
        self._leaf: str | None = None
        self._leaf_depth = 0
        self._leaf_size = 0
        self._attributes: dict[str, str] = {}
        self._texts: list[str] = []
        self._ready: list[Record] = []

    def take(self) -> list[Record]:
        """The records that have ended since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotAnExport(f"elements lie within each other more than {_MAX_DEPTH} deep.")
        name = self._name(tag)
        if self._depth == 1 and name != "rss":
            raise NotAnExport(
                f"an export of WordPress begins with <rss>, this file with <{name[:40]}>."
            )
        if name in _CONTAINERS:
            if self._containers:
                self._containers[0].size += _CONTAINER_COST
            self._containers.append(_Container(name, self._line()))
            self._leaf = None
        elif self._leaf is None and self._depth > 2:  # noqa: PLR2004 - rss, channel, field
            self._leaf = name
            self._leaf_depth = self._depth
            self._leaf_size = 0
            self._attributes = attributes
            self._texts = []

    def data(self, text: str) -> None:
        """Text of the element that is open."""
        if self._leaf is None:
            return
        if self._containers:
            owner = self._containers[0]
            owner.size += len(text)
            self._leaf_size += len(text)
            if owner.size > MAX_ITEM_CHARACTERS and self._leaf_size > _SHORT_FIELD:
                return
        elif len(self._texts) > 1000:  # noqa: PLR2004 - a field of the channel is a line
            return
        self._texts.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = self._name(tag)
        if self._leaf is not None and self._depth == self._leaf_depth:
            self._keep(self._leaf, "".join(self._texts))
            self._leaf = None
            self._texts = []
        elif name in _CONTAINERS and self._containers and self._containers[-1].name == name:
            self._finish(self._containers.pop())
        self._depth -= 1

    def close(self) -> None:
        """The document ends."""

    def _name(self, tag: str) -> str:
        known = self._names.get(tag)
        if known is None:
            if len(self._names) >= _MAX_NAMES:
                raise NotAnExport(f"more than {_MAX_NAMES} different names of elements.")
            known = self._names[tag] = _short_name(tag)
        return known

    def _keep(self, name: str, text: str) -> None:
        if not self._containers:
            if name in _CHANNEL_FIELDS:
                setattr(self._channel, _CHANNEL_FIELDS[name], text.strip())
            self.is_export = self.is_export or name == "wp:wxr_version"
            return
        owner = self._containers[-1]
        if name == "category" and owner.name == "item":
            domain = self._attributes.get("domain", "")
            slug = self._attributes.get("nicename", "")
            # WXR 1.0 names each term twice; the short form says neither domain nor slug.
            is_full = owner.size > MAX_ITEM_CHARACTERS
            owner.size += _CONTAINER_COST
            if not is_full and domain and (slug or domain != "category"):
                owner.terms.append(TermUse(_taxonomy(domain), slug or text.strip(), text.strip()))
            return
        owner.fields[name] = text

    def _finish(self, done: _Container) -> None:
        self.is_export = self.is_export or done.name.startswith("wp:")
        outer = self._containers[-1] if self._containers else None
        match done.name:
            case "item":
                self._ready.append(_item(done))
            case "wp:author":
                self._ready.append(_author(done))
            case "wp:category" | "wp:tag" | "wp:term":
                self._ready.append(_term(done))
            case "wp:postmeta" if outer is not None and outer.size <= MAX_ITEM_CHARACTERS:
                outer.meta.append((done.take("wp:meta_key"), done.fields.get("wp:meta_value", "")))
            case "wp:comment" if outer is not None:
                outer.comment_count += 1
                # Its text is handed on, and is no longer the item's.
                self._ready.append(_comment(done, outer.take("wp:post_id")))
                outer.size -= min(outer.size, sum(map(len, done.fields.values())))


def _short_name(tag: str) -> str:
    if not tag.startswith("{"):
        return tag
    namespace, _brace, local = tag[1:].partition("}")
    if namespace in _PREFIXES:
        return _PREFIXES[namespace] + local
    matched = _EXPORT_NAMESPACE.match(namespace)
    if matched is None:
        return f"other:{local}"
    return f"{'excerpt' if matched[1] else 'wp'}:{local}"


def _taxonomy(domain: str) -> str:
    return "post_tag" if domain == "tag" else domain


def _item(done: _Container) -> RawItem:
    has_marks = any(CONTROL_MARK in text for text in done.fields.values())
    if has_marks:
        done.fields = {name: text.replace(CONTROL_MARK, "") for name, text in done.fields.items()}
    return RawItem(
        line=done.line,
        fields=done.fields,
        terms=done.terms,
        meta=done.meta,
        comment_count=done.comment_count,
        is_too_large=done.size > MAX_ITEM_CHARACTERS,
        has_control_characters=has_marks,
    )


def _author(done: _Container) -> RawAuthor:
    login = done.take("wp:author_login")
    names = (done.take("wp:author_first_name"), done.take("wp:author_last_name"))
    name = done.take("wp:author_display_name") or " ".join(filter(None, names)) or login
    email, author_id = done.take("wp:author_email"), done.take("wp:author_id")
    return RawAuthor(login, email, name, done.line, author_id)


def _term(done: _Container) -> RawTerm:
    match done.name:
        case "wp:category":
            taxonomy, slug, parent = "category", "wp:category_nicename", "wp:category_parent"
            name, description = "wp:cat_name", "wp:category_description"
        case "wp:tag":
            taxonomy, slug, parent = "post_tag", "wp:tag_slug", ""
            name, description = "wp:tag_name", "wp:tag_description"
        case _:
            taxonomy, slug, parent = done.take("wp:term_taxonomy"), "wp:term_slug", "wp:term_parent"
            name, description = "wp:term_name", "wp:term_description"
    return RawTerm(
        taxonomy=taxonomy,
        term_id=done.take("wp:term_id"),
        slug=done.take(slug),
        name=done.take(name) or done.take(slug),
        parent=done.take(parent),
        description=done.take(description),
        line=done.line,
    )


def _comment(done: _Container, post_id: str) -> RawComment:
    return RawComment(
        post_id=post_id,
        comment_id=done.take("wp:comment_id"),
        parent=done.take("wp:comment_parent"),
        author=done.take("wp:comment_author"),
        author_url=done.take("wp:comment_author_url"),
        date=done.take("wp:comment_date_gmt") or done.take("wp:comment_date"),
        status=done.take("wp:comment_approved"),
        kind=done.take("wp:comment_type") or "comment",
        text=done.take("wp:comment_content").replace(CONTROL_MARK, ""),
        line=done.line,
    )
