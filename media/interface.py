"""The front door of `media`."""

from media.downloads import is_public
from media.models import CustomDocument, CustomImage, CustomRendition
from media.renditions import ImageDescription, ImageSource, describe_image, describe_images

__all__ = [
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "ImageDescription",
    "ImageSource",
    "describe_image",
    "describe_images",
    "is_public",
]
