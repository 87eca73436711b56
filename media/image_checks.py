"""What an image must be before it is kept. Every door ends here: forms by `CheckedImageField`,
code that saves a `CustomImage` by the model.

The order matters: size and first bytes, then the header alone, and only then is the picture
decoded. Whatever announces more than the limits is refused without having been unpacked.
"""

import threading
from typing import Any, Final

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.forms.fields import FileField
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from PIL import Image
from wagtail.images.fields import WagtailImageField

from media.gif_frames import count_gif_frames
from media.storages import extension_of

MAX_SIDE: Final = 16_000
"""In pixels. WebP, which every public size is made in, ends at 16,383."""

_HEAD_BYTES: Final = 8192
_ORIENTATION: Final = 0x0112
_ON_ITS_SIDE: Final = frozenset({5, 6, 7, 8})
# By what the first bytes say: Pillow's name of the format, and the extensions that go with it.
_KINDS: Final = {
    "avif": ("AVIF", frozenset({"avif"})),
    "gif": ("GIF", frozenset({"gif"})),
    "jpg": ("JPEG", frozenset({"jpg", "jpeg"})),
    "png": ("PNG", frozenset({"png"})),
    "webp": ("WEBP", frozenset({"webp"})),
}
SAFE_FORMATS: Final = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
"""Pillow reads dozens of formats; these are the ones whose decoders an upload may reach."""

_BOMB: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
UNREADABLE: Final = (
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG
    ValueError,
    EOFError,
    MemoryError,
    *_BOMB,
)
"""What Pillow raises for a file that it cannot or will not decode."""

decoding: Final = threading.Lock()
"""Held while a picture is decoded: one at the limit takes 160 MB (PNG) to 600 MB (WebP)."""


def lies_on_its_side(picture: Image.Image) -> bool:
    """Whether EXIF says that the camera was turned by a quarter.

    Asked of the header only: in a PNG it stands behind the pixels, and finding it would decode them.
    """
    return "exif" in picture.info and picture.getexif().get(_ORIENTATION) in _ON_ITS_SIDE


def check_header(file: "File[Any]") -> str:
    """Refuse what its size, first bytes or header rule out; gives Pillow's name of the format.

    Raises `ValidationError`. Reads the header only, whatever the file announces; the file is left
    at its start.
    """
    limit = settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE
    if file.size > limit:
        _refuse(
            _("This file is larger than %(limit)s."), "file_too_large", limit=filesizeformat(limit)
        )
    file.seek(0)
    known = filetype.image_match(file.read(_HEAD_BYTES))
    pillow_format, extensions = _KINDS.get(known.extension if known else "", ("", frozenset()))
    if not pillow_format:
        _refuse(_("This is not an AVIF, GIF, JPEG, PNG or WebP image."), "invalid_image")
    if extension_of(file.name or "") not in extensions:
        _refuse(
            _("The name must end in .%(extension)s, as the content is of that type."),
            "invalid_image_extension",
            extension=known.extension,
        )
    file.seek(0)
    try:
        with Image.open(file, formats=(pillow_format,)) as picture:
            _check_pixels(picture, file)
    except _BOMB:
        _refuse_pixels()
    except UNREADABLE:
        _refuse(_("This image cannot be read. It may be damaged."), "invalid_image")
    finally:
        file.seek(0)
    return pillow_format


def check_image(file: "File[Any]") -> None:
    """`check_header`, and then the whole picture must decode. Raises `ValidationError`."""
    pillow_format = check_header(file)
    try:
        with decoding, Image.open(file, formats=(pillow_format,)) as picture:
            # JPEG is read through at an eighth of its size, which shows damage as well.
            picture.draft(None, (picture.width // 8, picture.height // 8))
            picture.load()
    except UNREADABLE:
        _refuse(_("This image cannot be read. It may be damaged."), "invalid_image")
    finally:
        file.seek(0)


def _check_pixels(picture: Image.Image, file: "File[Any]") -> None:
    """The sides, and the pixels of all frames together."""
    width, height = picture.size
    limit = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
    if max(width, height) > MAX_SIDE or width * height > limit:
        _refuse_pixels()
    if picture.format == "GIF":
        file.seek(0)
        frames = count_gif_frames(file.read(), limit // (width * height) + 1)
    else:
        frames = getattr(picture, "n_frames", 1)
    if width * height * frames > limit:
        _refuse_pixels()


def _refuse_pixels() -> None:
    megapixels = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 1_000_000
    _refuse(
        _(
            "This image has too many pixels: %(limit)s million over all frames, and %(side)s a side."
        ),
        "file_too_many_pixels",
        limit=megapixels,
        side=MAX_SIDE,
    )


def _refuse(message: Any, code: str, **values: object) -> None:
    raise ValidationError(message, code=code, params=values)


class CheckedImageField(WagtailImageField):
    """Wagtail's field with our check in place of its own.

    Wagtail's parses whatever looks like XML, and answers 500 to a picture that is cut short.
    """

    def to_python(self, data: Any) -> Any:
        """Raises `ValidationError`; the file that is given back need not be checked again."""
        uploaded: Any = FileField.to_python(self, data)
        if uploaded is not None:
            check_image(uploaded)
            uploaded.is_checked = True
        return uploaded
