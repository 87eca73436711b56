"""Images, alone and in a gallery."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from cms.blocks.base import JSON, BuildContext

LONGEST_ALT: Final = 1000


class ImageBlock(blocks.StructBlock):
    """An image with the words for those who cannot see it."""

    image = ImageChooserBlock(label=_("Image"))
    alt = blocks.CharBlock(
        required=False,
        max_length=LONGEST_ALT,
        label=_("Alternative text"),
        help_text=_("What the image says here; the image's own description when left blank."),
    )
    caption = blocks.CharBlock(required=False, max_length=300, label=_("Caption"))

    class Meta:
        icon = "image"
        label = _("Image")
        template = "cms/blocks/image.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        return {
            "image": context.image(value["image"]),
            "alt": context.text(value["alt"]) or None,
            "caption": context.text(value["caption"]),
        }


class GalleryBlock(blocks.StructBlock):
    """Several images that belong together."""

    images = blocks.ListBlock(ImageBlock(), min_num=1, max_num=50, label=_("Images"))

    class Meta:
        icon = "image"
        label = _("Gallery")
        template = "cms/blocks/gallery.html"

    def to_delivery(self, value: blocks.StructValue, context: BuildContext) -> JSON:
        block = self.child_blocks["images"].child_block
        return {"images": [block.to_delivery(item, context) for item in value["images"]]}
