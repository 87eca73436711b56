"""The body of a page: which blocks it may be made of, and its public form."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.blocks.base import RICH_TEXT_FEATURES, BuildContext, Deliverable
from cms.blocks.heading import HeadingBlock
from cms.blocks.images import GalleryBlock, ImageBlock
from cms.blocks.links import CallToActionBlock, EmbedBlock, FileBlock
from cms.blocks.table import TableBlock
from cms.blocks.texts import CalloutBlock, CodeBlock, FAQBlock, QuoteBlock


class BodyBlock(blocks.StreamBlock):
    """Everything that a text may hold."""

    heading = HeadingBlock(group=_("Text"))
    rich_text = blocks.RichTextBlock(
        features=RICH_TEXT_FEATURES, icon="pilcrow", label=_("Text"), group=_("Text")
    )
    quote = QuoteBlock(group=_("Text"))
    callout = CalloutBlock(group=_("Text"))
    code = CodeBlock(group=_("Text"))
    table = TableBlock(group=_("Text"))
    faq = FAQBlock(group=_("Text"))
    image = ImageBlock(group=_("Media"))
    gallery = GalleryBlock(group=_("Media"))
    embed = EmbedBlock(group=_("Media"))
    file = FileBlock(group=_("Media"))
    call_to_action = CallToActionBlock(group=_("Links"))


def stream_to_delivery(
    stream: blocks.StreamValue | None, context: BuildContext
) -> list[Mapping[str, Any]]:
    """Each block as `{"id", "type", "value"}`, in order; the id stays while the block lives."""
    if stream is None:
        return []
    return [
        {"id": child.id, "type": child.block_type, "value": _value(child, context)}
        for child in stream
    ]


def _value(child: blocks.StreamValue.StreamChild, context: BuildContext) -> Any:
    block = child.block
    if isinstance(block, Deliverable):
        return block.to_delivery(child.value, context)
    if isinstance(block, blocks.RichTextBlock):
        return context.rich_text(child.value)
    return context.text(str(child.value))
