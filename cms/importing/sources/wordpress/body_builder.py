"""Gathers a body from HTML and blocks, in order, and the notes that belong to it."""

import html
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from cms.importing.content import BlockData, Change, Note
from cms.importing.html_blocks import blocks_from_html
from cms.importing.sources.wordpress.catalogue import Attachment, Catalogue
from cms.importing.sources.wordpress.markup import (
    Element,
    around,
    attribute,
    element_words,
    first,
    has_markup,
    inner_markup,
    parse,
    shorten,
    words,
)
from cms.importing.sources.wordpress.media_urls import is_image

_PLACE: Final = "https://block.invalid/"
"""A frame at this address holds a block's place in the HTML; nobody else can have one there."""

_MAX_GALLERY: Final = 50
_MAX_CAPTION: Final = 300
_MAX_LABEL: Final = 60


class BodyBuilder:
    """The body of one item. Adjacent HTML becomes one text, so that paragraphs stay together."""

    def __init__(
        self, catalogue: Catalogue, *, post_id: str, where: str, hosts: frozenset[str]
    ) -> None:
        self.catalogue = catalogue
        self.post_id = post_id
        self.where = where
        self.hosts = hosts
        self._blocks: list[BlockData] = []
        self._markup: list[str] = []
        self._notes: dict[tuple[Change, str, str], int] = {}
        self._other_notes: list[Note] = []

    def note(self, change: Change, code: str, message: str) -> None:
        """Notes something once, however often it happens; how often is said."""
        key = (change, code, message)
        self._notes[key] = self._notes.get(key, 0) + 1

    def notes(self) -> tuple[Note, ...]:
        """All notes so far."""
        told = (
            Note(change, code, message if count == 1 else f"{message} ({count} times)")
            for (change, code, message), count in self._notes.items()
        )
        return (*told, *self._other_notes)

    def markup(self, text: str) -> None:
        """Adds HTML."""
        if text.strip():
            self._markup.append(text)

    def block(self, type_: str, value: Any) -> None:
        """Adds a block after what is there."""
        self._markup.append(f'<iframe src="{_PLACE}{len(self._blocks)}"></iframe>')
        self._blocks.append({"type": type_, "value": value})

    def finish(self) -> tuple[BlockData, ...]:
        """The body. The HTML is read as one text, since its parts link to each other."""
        read = blocks_from_html(
            "\n".join(self._markup),
            notes=self._other_notes,
            where=self.where,
            address=self.original,
        )
        return tuple(self._in_place(block) for block in read)

    def _in_place(self, block: BlockData) -> BlockData:
        url = block["value"]["url"] if block["type"] == "embed" else ""
        if not url.startswith(_PLACE):
            return block
        return self._blocks[int(url.removeprefix(_PLACE))]

    def original(self, address: str) -> str:
        """The attachment's own URL in place of that of one of its sizes; else the address itself."""
        found = self.catalogue.attachment_by_url(address) if is_image(address) else None
        return found.url if found is not None else address

    def image(self, address: str, *, alt: str, caption: str = "") -> None:
        """Adds a picture. `caption` may hold HTML; its words are kept."""
        self.block("image", self.image_value(address, alt=alt, caption=caption))

    def image_value(self, address: str, *, alt: str, caption: str = "") -> Mapping[str, Any]:
        """A picture as it stands in a block, the original instead of one of its sizes."""
        if "<a" in caption.lower():
            self.note(Change.DROPPED, "caption-link", "A link in a caption; its words are kept.")
        return {
            "image": self.original(address),
            "alt": shorten(words(alt), 255),
            "caption": self.caption(caption),
        }

    def caption(self, markup: str) -> str:
        """A caption's words, as long as Galley takes them."""
        text = words(markup)
        if len(text) > _MAX_CAPTION:
            self.note(
                Change.CHANGED, "caption-shortened", f"A caption was cut at {_MAX_CAPTION} letters."
            )
        return shorten(text, _MAX_CAPTION)

    def figure(self, markup: str, *, attachment_id: str = "", caption: str | None = None) -> bool:
        """Adds the picture in a piece of HTML; False where there is none."""
        tree = parse(markup)
        img = first(tree, "img")
        attachment = self.catalogue.attachment(attachment_id) if attachment_id else None
        address = attachment.url if attachment else attribute(img, "src")
        if not address:
            return False
        if caption is None:
            figcaption = first(tree, "figcaption")
            caption = inner_markup(figcaption)
        self._note_image_link(img, address)
        self.image(address, alt=attribute(img, "alt"), caption=caption)
        return True

    def _note_image_link(self, img: Element | None, address: str) -> None:
        url = attribute(around(img, "a"), "href")
        if not url or is_image(url):
            return
        found = self.catalogue.attachment_by_url(address)
        if found is not None and url in {found.url, found.link, found.guid}:
            return
        if "attachment_id=" in url or "/attachment/" in url:
            return
        self.note(Change.DROPPED, "image-link", f"A picture led to {shorten(url, 200)}.")

    def gallery(self, images: list[Mapping[str, Any]]) -> None:
        """Adds a gallery, or several where there are more pictures than one may hold."""
        for start in range(0, len(images), _MAX_GALLERY):
            self.block("gallery", {"images": images[start : start + _MAX_GALLERY]})

    def media_file(self, url: str, *, title: str = "", attachment_id: str = "") -> None:
        """Adds a sound, film or other file: one of ours for download, another's as an embed."""
        attachment = self.catalogue.attachment(attachment_id) if attachment_id else None
        attachment = attachment or self.catalogue.attachment_by_url(url)
        if attachment is not None:
            self.attached_file(attachment, title=title)
        elif url.startswith(("http://", "https://")):
            self.block("embed", {"url": html.unescape(url), "caption": self.caption(title)})
        else:
            self.note(
                Change.MISSING,
                "media-without-address",
                "A player without a file that could be found.",
            )

    def attached_file(self, attachment: Attachment, *, title: str = "") -> None:
        """Adds an upload for download; a picture is shown."""
        if is_image(attachment.url):
            self.image(attachment.url, alt=attachment.alt, caption=title)
            return
        name = shorten(words(title) or attachment.title, 200)
        self.block("file", {"document": attachment.url, "title": name})

    def embed(self, url: str, *, caption: str = "") -> None:
        """Adds something of another website; a page of the source's own becomes a link."""
        address = html.unescape(url.strip())
        if not address.startswith(("http://", "https://")):
            self.markup(f"<p>{html.escape(address)}</p>")
            self.note(
                Change.CHANGED,
                "embed-without-address",
                "An embed without an address; kept as text.",
            )
        elif (urlsplit(address).hostname or "") in self.hosts or is_image(address):
            shown = html.escape(address)
            self.markup(f'<p><a href="{shown}">{shown}</a></p>')
        else:
            self.block("embed", {"url": address, "caption": self.caption(caption)})

    def button(self, link: Element | None) -> None:
        """Adds a button: a call to action, or a paragraph where it cannot be one."""
        label, url = element_words(link), attribute(link, "href")
        if not label:
            return
        if not url or len(label) > _MAX_LABEL:
            inside = (
                f'<a href="{html.escape(url)}">{html.escape(label)}</a>'
                if url
                else html.escape(label)
            )
            self.markup(f"<p>{inside}</p>")
            self.note(
                Change.CHANGED,
                "button-as-text",
                "A button without an address, or with a long label, is text.",
            )
            return
        if link is not None and has_markup(inner_markup(link)):
            self.note(
                Change.CHANGED, "button-format", "The emphasis inside a button's label is gone."
            )
        self.block("call_to_action", {"title": label, "text": "", "label": label, "url": url})
