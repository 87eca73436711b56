"""Addresses at the source become links to what their things are here."""

import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final, Literal

import nh3

from cms.importing.addresses import WEB, AddressReader, full_size_name
from cms.importing.content import Change, Note
from cms.importing.scratch import Scratch

_TAGS: Final = {
    *("p", "br", "hr", "a", "b", "strong", "i", "em", "s", "del", "code", "sup", "sub"),
    *("h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "blockquote", "img"),
}
_SHORT_TAGS: Final = {"p", "br", "a", "b", "strong", "i", "em", "code", "ol", "ul", "li"}
_ATTRIBUTES: Final = {"a": {"href"}, "img": {"src", "alt"}}
_LINK: Final = re.compile(r'<a(?: href="([^"]*)")?>|</a>')
_IMAGE: Final = re.compile(r"<img([^>]*)>")
_ATTRIBUTE: Final = re.compile(r'(\w+)="([^"]*)"')
_VOID: Final = re.compile(r"<(br|hr)>")
_EMPTY_PARAGRAPH: Final = re.compile(r"<p>(?:\s|&nbsp;|<br/?>)*</p>")
_NO_SCHEMES: Final = frozenset({"javascript", "vbscript", "data", "blob", "about"})
TargetKind = Literal["page", "image", "document", "category", "menu"]


@dataclass(slots=True)
class ItemNotes:
    """What happened to one item on its way; the same thing is told once."""

    notes: list[Note] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def add(self, change: Change, code: str, message: str) -> None:
        """Adds a line, unless it was told already."""
        if (code, message) not in self._told:
            self._told.add((code, message))
            self.notes.append(Note(change, code, message))

    def fit(self, text: str, length: int, name: str) -> str:
        """The words on one line, cut to what the field can hold; a cut is told."""
        words = " ".join(text.split())
        if len(words) <= length:
            return words
        self.add(
            Change.CHANGED,
            "text-cut",
            f"The {name} has {len(words)} characters; it was cut to {length}:"
            f" “{words[length - 1 : length + 60]}…” is lost.",
        )
        return words[: length - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to here, or where it leads elsewhere.

    `pk` is None where the thing is not here; then `url` is where it may be found, if anywhere.
    """

    kind: str = ""
    pk: int | None = None
    url: str = ""
    fragment: str = ""
    is_expected: bool = False
    """It is offered by the source and may still come."""


@dataclass(slots=True)
class Resolver:
    """Resolves the addresses of one item, and notes what it could not.

    `is_pending` tells that the item names things of the source that are not here: yet, or at
    all; `is_forward`, that some of them are offered and may still come. `expects_more` is whether
    anything may: then what is offered and not here is not told as missing. `home` is the page to
    which the source's own top leads.
    """

    scratch: Scratch
    reader: AddressReader
    schemes: frozenset[str]
    home: int
    notes: ItemNotes = field(default_factory=ItemNotes)
    expects_more: bool = True
    is_pending: bool = False
    is_forward: bool = False

    def find(self, text: str, *, is_image: bool = False) -> Found:
        """What the address leads to; nothing is noted."""
        address = self.reader.read(text)
        if address is None:
            return Found()
        key = self.scratch.key_of(address.name)
        if key is None and (larger := full_size_name(address.name)):
            key = self.scratch.key_of(larger)
        if key is None:
            if address.name == "/" and not is_image:
                return Found("page", self.home, fragment=address.fragment)
            self.is_pending |= address.is_internal
            return Found(url=address.url_with_fragment if address.is_internal else text.strip())
        target = self.scratch.target_of(key)
        if target is None:
            self.is_pending = self.is_forward = True
            return Found(url=address.url_with_fragment, is_expected=self.expects_more)
        return Found(target[0], target[1], address.url_with_fragment, address.fragment)

    def image(self, text: str, what: str = "picture") -> int | None:
        """The image at this address; None, with a note, where there is none."""
        found = self.find(text, is_image=True)
        if found.kind == "image":
            return found.pk
        if text:
            self.notes.add(
                Change.MISSING, "image-missing", f"The {what} {text} is not here, and was left out."
            )
        return None

    def page_or_url(self, text: str) -> tuple[int | None, str]:
        """A page of ours or an address on the web; neither, with a note, where it leads nowhere."""
        found = self.find(text)
        if found.kind == "page":
            return found.pk, ""
        url = self._url_of(text, found)
        return None, url

    def html(self, html: str, *, is_short: bool = False) -> str:
        """Rich text in Wagtail's own form: links and pictures by key, anything unknown left out.

        `is_short` is for fields that take no pictures and no headings.
        """
        clean = nh3.clean(
            html,
            tags=_SHORT_TAGS if is_short else _TAGS,
            attributes=_ATTRIBUTES if not is_short else {"a": {"href"}},
            url_schemes=set(self.schemes),
            link_rel=None,
        )
        clean = _IMAGE.sub(self._picture, clean)
        if "<a" in clean:
            clean = self._links(clean)
        return _EMPTY_PARAGRAPH.sub("", _VOID.sub(r"<\1/>", clean)).strip()

    def _links(self, html: str) -> str:
        is_open: list[bool] = []

        def replace(match: re.Match[str]) -> str:
            if match.group(0) == "</a>":
                return "</a>" if is_open and is_open.pop() else ""
            opening = self._link(unescape(match.group(1) or ""))
            is_open.append(bool(opening))
            return opening

        return _LINK.sub(replace, html)

    def _link(self, text: str) -> str:
        """The opening tag; empty where only the words stay."""
        if text.startswith("#"):
            return f'<a href="{escape(text)}">' if len(text) > 1 else ""
        found = self.find(text)
        if found.kind == "page":
            fragment = f' fragment="{escape(found.fragment)}"' if found.fragment else ""
            return f'<a linktype="page" id="{found.pk}"{fragment}>'
        if found.kind == "document":
            return f'<a linktype="document" id="{found.pk}">'
        url = self._url_of(text, found)
        return f'<a href="{escape(url)}">' if url else ""

    def _url_of(self, text: str, found: Found) -> str:
        """Where a link that leads to nothing of ours goes on the web; notes what is lost."""
        if not text:
            return ""
        address = self.reader.read(text)
        if address is not None and not address.is_internal and not found.kind:
            return found.url
        if found.is_expected:
            return found.url
        if found.kind:
            message = f"{text} is now {_article(found.kind)}, to which a text cannot link."
            self.notes.add(Change.CHANGED, "link-to-file", message)
        elif found.url:
            message = f"{text} is not among what was imported; the link goes to {found.url}."
            self.notes.add(Change.MISSING, "link-to-nowhere", message)
        else:
            message = f"{text} leads nowhere; the words stay without a link."
            self.notes.add(Change.DROPPED, "link-to-nowhere", message)
        return found.url

    def _picture(self, match: re.Match[str]) -> str:
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match.group(1))}
        pk = self.image(attributes.get("src", ""))
        if pk is None:
            return ""
        alt = escape(attributes.get("alt", ""))
        return f'<embed alt="{alt}" embedtype="image" format="fullwidth" id="{pk}"/>'


def _article(kind: str) -> str:
    return {"image": "an image", "category": "a category", "menu": "a menu"}.get(kind, kind)


def schemes_of(scratch: Scratch) -> frozenset[str]:
    """The schemes that links may have: the web's, and the adapter's own names."""
    rows = scratch.db.execute(
        "SELECT DISTINCT substr(name, 1, instr(name, ':') - 1) FROM addresses"
        " WHERE name NOT LIKE '/%' AND instr(name, ':') > 1"
    )
    own = {scheme.lower() for (scheme,) in rows if scheme.isalnum()}
    return frozenset({*WEB, "mailto", "tel", *own} - _NO_SCHEMES)
