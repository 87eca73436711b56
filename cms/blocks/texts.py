"""Blocks of words: quote, callout, code."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.blocks.base import JSON, SHORT_TEXT_FEATURES, BuildContext
from cms.blocks.languages import CODE_LANGUAGES


class QuoteBlock(blocks.StructBlock):
    """Somebody's words, and whose they are."""

    text = blocks.TextBlock(label=_("Text"))
    attribution = blocks.CharBlock(required=False, max_length=200, label=_("Attribution"))

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "cms/blocks/quote.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "text": context.text(value["text"]),
            "attribution": context.text(value["attribution"]),
        }


class CodeBlock(blocks.StructBlock):
    """Source text, kept to the letter."""

    language = blocks.ChoiceBlock(choices=CODE_LANGUAGES, default="text", label=_("Language"))
    code = blocks.TextBlock(label=_("Code"), rows=12)
    caption = blocks.CharBlock(required=False, max_length=200, label=_("Caption"))

    class Meta:
        icon = "code"
        label = _("Code")
        template = "cms/blocks/code.html"
        form_classname = "struct-block galley-code"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "language": value["language"],
            "code": context.text(value["code"]),
            "caption": context.text(value["caption"]),
        }


class CalloutBlock(blocks.StructBlock):
    """A remark that stands out from the text."""

    kind = blocks.ChoiceBlock(
        choices=[
            ("info", _("Information")),
            ("tip", _("Tip")),
            ("warning", _("Warning")),
            ("danger", _("Danger")),
        ],
        default="info",
        label=_("Kind"),
    )
    title = blocks.CharBlock(required=False, max_length=120, label=_("Title"))
    text = blocks.RichTextBlock(features=SHORT_TEXT_FEATURES, label=_("Text"))

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        template = "cms/blocks/callout.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "kind": value["kind"],
            "title": context.text(value["title"]),
            "text": context.rich_text(value["text"]),
        }


class QuestionBlock(blocks.StructBlock):
    """A question and its answer."""

    question = blocks.CharBlock(max_length=250, label=_("Question"))
    answer = blocks.RichTextBlock(features=SHORT_TEXT_FEATURES, label=_("Answer"))

    class Meta:
        icon = "help"
        label = _("Question")
        label_format = "{question}"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "question": context.text(value["question"]),
            "answer": context.rich_text(value["answer"]),
        }


class FAQBlock(blocks.StructBlock):
    """Questions with their answers."""

    items = blocks.ListBlock(QuestionBlock(), min_num=1, label=_("Questions"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "cms/blocks/faq.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        block = self.child_blocks["items"].child_block
        return {"items": [block.to_delivery(item, context) for item in value["items"]]}
