"""The field of an image's file."""

from typing import Final

from PIL import Image
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

_ORIENTATION: Final = 0x0112
_ON_ITS_SIDE: Final = frozenset({5, 6, 7, 8})


class UprightImageFieldFile(WagtailImageFieldFile):
    """Width and height as people see the picture, not as the camera wrote its rows."""

    def get_image_dimensions(self) -> tuple[int, int]:
        """Swapped where EXIF says that the picture lies on its side; renditions are turned alike."""
        width, height = super().get_image_dimensions()
        if self.name.rpartition(".")[2].lower() not in {"jpg", "jpeg"}:
            return width, height  # elsewhere EXIF stands behind the pixels, or is not used
        was_closed = self.closed
        try:
            self.open()
            with Image.open(self, formats=("JPEG",)) as picture:
                lies = picture.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
        finally:
            if was_closed:
                self.close()
            else:
                self.seek(0)
        return (height, width) if lies else (width, height)


class UprightImageField(WagtailImageField):
    """Wagtail's image field with upright dimensions."""

    attr_class = UprightImageFieldFile
