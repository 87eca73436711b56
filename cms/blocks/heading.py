"""A heading inside a text."""

import re
from typing import Final

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.blocks.base import JSON, BuildContext

LONGEST_ANCHOR: Final = 200
ANCHOR: Final = re.compile(rf"^[^\s#%<>\"'`&]{{1,{LONGEST_ANCHOR}}}$")
"""Whatever HTML takes as an id and a link can name: text from elsewhere keeps its anchors."""


def anchor_of(text: str) -> str:
    """The anchor of a heading that was given none."""
    return slugify(text)[:100]


class HeadingBlock(blocks.StructBlock):
    """A heading of level 2 to 4 that a link can point at."""

    text = blocks.CharBlock(label=_("Text"), max_length=200)
    level = blocks.ChoiceBlock(
        choices=[("h2", _("Section")), ("h3", _("Subsection")), ("h4", _("Minor heading"))],
        default="h2",
        label=_("Level"),
    )
    anchor = blocks.RegexBlock(
        regex=ANCHOR.pattern,
        required=False,
        max_length=LONGEST_ANCHOR,
        label=_("Anchor"),
        help_text=_("The end of links to this heading; made from the text when left blank."),
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        form_classname = "struct-block title"
        label_format = "{text}"
        template = "cms/blocks/heading.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        text = context.text(value["text"])
        return {
            "text": text,
            "level": value["level"],
            "anchor": value["anchor"] or anchor_of(text),
        }
