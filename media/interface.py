"""The front door of `media`."""

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
]
