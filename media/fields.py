"""The field of an image's file."""

from PIL import Image
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

from media.image_checks import SAFE_FORMATS, UNREADABLE, lies_on_its_side


class UprightImageFieldFile(WagtailImageFieldFile):
    """Width and height as people see the picture, not as the camera wrote its rows."""

    def get_image_dimensions(self) -> tuple[int | None, int | None]:
        """From the header, swapped where EXIF says that the picture lies on its side.

        Django asks as soon as a file is assigned, before anything has been checked: only the
        decoders of `SAFE_FORMATS` see the file, and what they cannot read has no dimensions.
        """
        was_closed = self.closed
        try:
            self.open()
            with Image.open(self, formats=SAFE_FORMATS) as picture:
                width, height = picture.size
                lies = lies_on_its_side(picture)
        except UNREADABLE:
            return None, None
        finally:
            if was_closed:
                self.close()
            else:
                self.seek(0)
        return (height, width) if lies else (width, height)


class UprightImageField(WagtailImageField):
    """Wagtail's image field with upright dimensions."""

    attr_class = UprightImageFieldFile
