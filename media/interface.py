"""The front door of `media`."""

from media.document_checks import check_document
from media.downloads import is_public
from media.image_checks import check_image
from media.kept_renditions import keeping_renditions
from media.models import CustomDocument, CustomImage, CustomRendition
from media.renditions import ImageDescription, ImageSource, describe_image, describe_images
from media.responses import AsyncChunks

__all__ = [
    "AsyncChunks",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "ImageDescription",
    "ImageSource",
    "check_document",
    "check_image",
    "describe_image",
    "describe_images",
    "is_public",
    "keeping_renditions",
]
