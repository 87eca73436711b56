"""The blocks of our body, without what Galley adds to them."""

from typing import Any, ClassVar

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock


def _struct(**fields: blocks.Block) -> blocks.StructBlock:
    return blocks.StructBlock(list(fields.items()))


def _words(**options: Any) -> blocks.CharBlock:
    return blocks.CharBlock(required=False, max_length=300, **options)


_IMAGE = {"image": ImageChooserBlock(), "alt": _words(), "caption": _words()}
_LEVELS: list[tuple[str, str]] = [("h2", "Section"), ("h3", "Subsection"), ("h4", "Minor heading")]


class StockBodyBlock(blocks.StreamBlock):
    """Everything that a text may hold."""

    heading = _struct(
        text=blocks.CharBlock(), level=blocks.ChoiceBlock(choices=_LEVELS), anchor=_words()
    )
    rich_text = blocks.RichTextBlock()
    quote = _struct(text=blocks.TextBlock(), attribution=_words())
    callout = _struct(kind=_words(), title=_words(), text=blocks.RichTextBlock())
    code = _struct(language=_words(), code=blocks.TextBlock(), caption=_words())
    table = TypedTableBlock([("text", _words()), ("rich_text", blocks.RichTextBlock())])
    faq = _struct(items=blocks.ListBlock(_struct(question=_words(), answer=blocks.RichTextBlock())))
    image = _struct(**_IMAGE)
    gallery = _struct(images=blocks.ListBlock(_struct(**_IMAGE)))
    embed = _struct(url=blocks.URLBlock(), caption=_words())
    file = _struct(document=DocumentChooserBlock(), title=_words())
    call_to_action = _struct(
        title=_words(), label=_words(), page=blocks.PageChooserBlock(required=False)
    )

    class Meta:
        label: ClassVar[str] = "Text"
