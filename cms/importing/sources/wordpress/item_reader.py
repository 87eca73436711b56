"""The items of an export, one by one."""

from typing import Final

from cms.importing.content import Change, ItemKind, Note, Skipped, SourceItem
from cms.importing.sources.wordpress.attachments import read_attachment
from cms.importing.sources.wordpress.catalogue import Catalogue
from cms.importing.sources.wordpress.entries import BLOG_KEY, EntryReader, key_of, where_of
from cms.importing.sources.wordpress.markup import shorten, words
from cms.importing.sources.wordpress.old_addresses import OldAddresses
from cms.importing.sources.wordpress.records import RawAuthor, RawItem, RawTerm
from cms.importing.sources.wordpress.statuses import reason_to_skip

_OTHER_KINDS: Final = {
    "revision": "An older version of another item.",
    "wp_navigation": "A menu of a block theme; the website builds its menus from Galley's.",
    "wp_template": "A template of a block theme; the website has its own.",
    "wp_template_part": "A template of a block theme; the website has its own.",
    "wp_global_styles": "The look of a block theme; the website has its own.",
    "wp_font_family": "A font of a block theme; the website has its own.",
    "wp_font_face": "A font of a block theme; the website has its own.",
    "custom_css": "Styles of a theme; the website has its own.",
    "customize_changeset": "Unsaved settings of a theme.",
    "oembed_cache": "A copy of what another website showed.",
    "user_request": "A request for personal data.",
    "wp_block": "A reusable block; it is written out in the texts that use it.",
}


class ItemReader:
    """Makes items of what an export holds."""

    def __init__(self, catalogue: Catalogue, base_url: str, hosts: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._addresses = OldAddresses(base_url, catalogue)
        self._entries = EntryReader(catalogue, self._addresses, hosts)

    def item(self, item: RawItem) -> SourceItem | Skipped:
        """A post, page or upload; anything else is skipped with the reason."""
        if item.post_id:
            first = self._catalogue.item(item.post_id)
            if first is not None and first.line != item.line:
                return _skipped(
                    item, f"The export has it twice; the first stands in line {first.line}."
                )
        if item.kind not in {"post", "page", "attachment"}:
            kind = item.kind[:60]
            known = f"Content of the type “{kind}”, which a plug-in or theme brought along."
            return _skipped(item, _OTHER_KINDS.get(item.kind, known))
        reason = (
            ""
            if item.kind == "attachment" and item.text("wp:status") == "inherit"
            else reason_to_skip(item)
        )
        if reason:
            return _skipped(item, reason)
        if item.is_too_large:
            return _failed(item, "Its text is larger than 20 million characters.")
        if item.kind == "attachment":
            return read_attachment(item, self._catalogue, self._addresses)
        return self._entries.read(item)

    def author(self, author: RawAuthor) -> SourceItem:
        """A profile."""
        return SourceItem(
            key=f"author:{author.login}",
            kind=ItemKind.PROFILE,
            where=f"line {author.line}, author {author.login}",
            title=shorten(words(author.display_name) or author.login, 255),
            slug=author.login,
            addresses=self._addresses.author(author),
            details={
                "email": author.email,
                "role": "",
                "bio": "",
                "links": [],
                "login": author.login,
            },
        )

    def category(self, term: RawTerm) -> SourceItem:
        """A category, within a wider one if it was."""
        parent = self._catalogue.term("category", term.parent) if term.parent else None
        return SourceItem(
            key=f"category:{term.slug}",
            kind=ItemKind.CATEGORY,
            where=f"line {term.line}, category {term.slug}",
            title=shorten(words(term.name), 100),
            slug=term.slug,
            parent=f"category:{parent.slug}" if parent else None,
            details={"description": words(term.description)},
        )

    def blog(self) -> SourceItem:
        """WordPress keeps all posts in one row; here they lie below a blog."""
        found = [
            address
            for term in self._catalogue.terms("category", "post_tag", "post_format")
            for address in self._addresses.term(term)
        ]
        for attachment in self._catalogue.loose_attachments():
            found += self._addresses.attachment_pages(attachment)
        return SourceItem(
            key=BLOG_KEY,
            kind=ItemKind.SECTION,
            where="the website",
            title="Blog",
            slug="blog",
            addresses=("wp:blog", *dict.fromkeys(found)),
            details={"intro": ""},
        )


def _skipped(item: RawItem, reason: str) -> Skipped:
    return Skipped(
        key=f"{key_of(item)}:line {item.line}",
        kind=item.text("wp:status")
        if item.text("wp:status") in {"trash", "auto-draft"}
        else item.kind,
        where=where_of(item),
        title=shorten(words(item.text("title")), 255),
        reason=reason,
    )


def _failed(item: RawItem, message: str) -> SourceItem:
    return SourceItem(
        key=key_of(item),
        kind={"post": ItemKind.POST, "page": ItemKind.PAGE}.get(item.kind, ItemKind.FILE),
        where=where_of(item),
        title=shorten(words(item.text("title")), 255),
        notes=(Note(Change.FAILED, "too-large", message),),
    )
