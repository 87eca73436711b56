"""What each block owes the public side: its value as JSON."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from wagtail.models import Page
from wagtail.rich_text import RichText

from media.interface import CustomDocument, CustomImage

JSON = Mapping[str, Any]

RICH_TEXT_FEATURES = ["bold", "italic", "code", "strikethrough", "superscript", "subscript"]
RICH_TEXT_FEATURES += ["link", "document-link", "ol", "ul", "hr", "image", "h3", "h4"]
RICH_TEXT_FEATURES += ["blockquote"]
SHORT_TEXT_FEATURES = ["bold", "italic", "code", "link", "document-link", "ol", "ul"]


class BuildContext(Protocol):
    """What a block may ask of the document that it becomes a part of.

    Each call also notes the reference, so that the document knows all that it names.
    """

    def page(self, page: Page | None) -> str | None:
        """The marker of a page; nothing for none."""

    def image(self, image: CustomImage | None) -> str | None:
        """The marker of an image; nothing for none."""

    def file(self, document: CustomDocument | None) -> JSON | None:
        """Title, file name, address, size and type of a file; nothing for none."""

    def rich_text(self, value: RichText | None) -> JSON:
        """`{"html": ...}`, sanitised, with markers for links to pages and for images."""

    def text(self, value: str | None) -> str:
        """The words without control characters."""


@runtime_checkable
class Deliverable(Protocol):
    """A block that knows its own public form."""

    def to_delivery(self, value: Any, context: BuildContext) -> JSON:
        """The block's public value; `context` resolves what it refers to."""
