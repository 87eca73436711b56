"""A table whose columns have a type."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTable, TypedTableBlock
from wagtail.rich_text import RichText

from cms.blocks.base import JSON, SHORT_TEXT_FEATURES, BuildContext


class TableBlock(TypedTableBlock):
    """Rows and columns; a column holds words, numbers or rich text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            [
                ("text", blocks.CharBlock(required=False, label=_("Text"))),
                ("number", blocks.DecimalBlock(required=False, label=_("Number"))),
                (
                    "rich_text",
                    blocks.RichTextBlock(
                        required=False, features=SHORT_TEXT_FEATURES, label=_("Rich text")
                    ),
                ),
            ],
            **kwargs,
        )

    class Meta:
        icon = "table"
        label = _("Table")

    def to_delivery(self, value: TypedTable, context: BuildContext) -> JSON:
        """Caption, column headings with their type, and rows of cells; numbers as strings."""
        return {
            "caption": context.text(value.caption),
            "columns": [
                {"heading": context.text(column["heading"]), "type": column["block"].name}
                for column in value.columns
            ],
            "rows": [[_cell(cell, context) for cell in row["values"]] for row in value.row_data],
        }


def _cell(value: Any, context: BuildContext) -> Any:
    if isinstance(value, RichText):
        return context.rich_text(value)
    return "" if value is None else context.text(str(value))
