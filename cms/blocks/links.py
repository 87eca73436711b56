"""Blocks that lead somewhere: call to action, file, embed."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from cms.blocks.base import JSON, BuildContext


class LinkBlock(blocks.StructBlock):
    """A label that leads to a page of ours or to an address: one of the two."""

    label = blocks.CharBlock(max_length=100, label=_("Label"))
    page = blocks.PageChooserBlock(required=False, label=_("Page"))
    url = blocks.URLBlock(required=False, label=_("or an address"))

    class Meta:
        icon = "link"
        label = _("Link")
        label_format = "{label}"

    def clean(self, value: Any) -> Any:
        """Refuses both and neither."""
        cleaned = super().clean(value)
        if bool(cleaned.get("page")) == bool(cleaned.get("url")):
            message = _("Choose a page or write an address: one of the two.")
            raise blocks.StructBlockValidationError({"page": ValidationError(message)})
        return cleaned

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "label": context.text(value["label"]),
            "page": context.page(value["page"]),
            "url": value["url"] or None,
        }


class CallToActionBlock(LinkBlock):
    """An invitation with a button."""

    title = blocks.CharBlock(max_length=120, label=_("Title"))
    text = blocks.TextBlock(required=False, rows=2, label=_("Text"))
    label = blocks.CharBlock(max_length=60, label=_("Button"))

    class Meta:
        icon = "pick"
        label = _("Call to action")
        label_format = "{title}"
        template = "cms/blocks/call_to_action.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "title": context.text(value["title"]),
            "text": context.text(value["text"]),
            **super().to_delivery(value, context),
        }


class FileBlock(blocks.StructBlock):
    """A file for download."""

    document = DocumentChooserBlock(label=_("File"))
    title = blocks.CharBlock(
        required=False, max_length=200, label=_("Title"), help_text=_("The file's own if blank.")
    )

    class Meta:
        icon = "doc-full"
        label = _("File")
        template = "cms/blocks/file.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "title": context.text(value["title"]) or None,
            "file": context.file(value["document"]),
        }


_VIDEO_ID: Final = re.compile(r"^[A-Za-z0-9_-]{3,20}$")


def embed_address(url: str) -> tuple[str | None, str | None]:
    """The provider of a video and the address that a frame may show without cookies.

    Known are YouTube and Vimeo; anything else gives (None, None), to be shown as a link. No
    request is made: a provider that is slow or away must not hold up a publication.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host == "youtu.be":
        video = parts.path.strip("/")
    elif host in {"youtube.com", "youtube-nocookie.com"}:
        video = parse_qs(parts.query).get("v", [parts.path.rsplit("/", 1)[-1]])[0]
    elif host in {"vimeo.com", "player.vimeo.com"}:
        number = parts.path.rsplit("/", 1)[-1]
        return (
            ("vimeo", f"https://player.vimeo.com/video/{number}")
            if number.isdigit()
            else (None, None)
        )
    else:
        return None, None
    if not _VIDEO_ID.match(video):
        return None, None
    return "youtube", f"https://www.youtube-nocookie.com/embed/{video}"


class EmbedBlock(blocks.StructBlock):
    """Something of another website, by its address."""

    url = blocks.URLBlock(label=_("Address"))
    caption = blocks.CharBlock(required=False, max_length=300, label=_("Caption"))

    class Meta:
        icon = "media"
        label = _("Embed")
        template = "cms/blocks/embed.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        provider, embed_url = embed_address(value["url"])
        return {
            "url": value["url"],
            "provider": provider,
            "embed_url": embed_url,
            "caption": context.text(value["caption"]),
        }
