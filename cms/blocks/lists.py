"""Short lists beside a text: features, questions, skills, links, menus."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.blocks.base import JSON, BuildContext
from cms.blocks.links import LinkBlock
from cms.blocks.texts import QuestionBlock


class WordsBlock(blocks.StreamBlock):
    """A list of short phrases."""

    item = blocks.CharBlock(max_length=200, label=_("Entry"))


class QuestionsBlock(blocks.StreamBlock):
    """A list of questions with answers."""

    question = QuestionBlock()


class ExternalLinkBlock(blocks.StructBlock):
    """A named address elsewhere."""

    label = blocks.CharBlock(max_length=100, label=_("Label"))
    url = blocks.URLBlock(label=_("Address"))

    class Meta:
        icon = "link-external"
        label_format = "{label}"


class ExternalLinksBlock(blocks.StreamBlock):
    """A list of addresses elsewhere."""

    link = ExternalLinkBlock(label=_("Link"))


class MenuItemBlock(LinkBlock):
    """An entry of a menu, with entries below it."""

    children = blocks.ListBlock(LinkBlock(), label=_("Entries below"), collapsed=True)

    class Meta:
        icon = "link"
        label = _("Entry")
        label_format = "{label}"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        block = self.child_blocks["children"].child_block
        return {
            **super().to_delivery(value, context),
            "children": [block.to_delivery(item, context) for item in value["children"]],
        }


class MenuBlock(blocks.StreamBlock):
    """The entries of a menu."""

    item = MenuItemBlock()
