"""Pictures for the tests, made on the spot."""

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from media.interface import CustomImage

FORMATS = {"avif": "AVIF", "gif": "GIF", "jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def picture_bytes(
    extension: str = "jpg", size: tuple[int, int] = (64, 48), **options: Any
) -> bytes:
    """A picture of one colour, in the format that the extension stands for."""
    buffer = BytesIO()
    Image.new("RGB", size, (180, 60, 20)).save(buffer, FORMATS[extension], **options)
    return buffer.getvalue()


def save_image(
    name: str = "harbour.jpg", size: tuple[int, int] = (64, 48), **fields: Any
) -> CustomImage:
    """An image in the database, as code that fills a site would make it."""
    extension = name.rpartition(".")[2]
    file = ContentFile(picture_bytes(extension, size), name=name)
    image = CustomImage(title=fields.pop("title", "Harbour"), file=file, **fields)
    image.save()
    return image
