"""From bytes to a file that the library takes, or to a placeholder that says what is missing."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import filetype
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from cms.importing.content import Change, ItemKind, Note
from cms.importing.media import Obtained
from media.interface import check_document, check_image

# No wider than the smallest public size, so that few and small files are made of it.
_WIDTH: Final = 320
_HEIGHT: Final = 180
_PAPER: Final = 225
_FRAME: Final = 190
_INK: Final = 70
_LINE_LENGTH: Final = 36
_MAX_LINES: Final = 4
_MARK: Final = "Galley placeholder"
_MARKED_BYTES: Final = 4096
# What cameras and old sites call a picture, by what it is.
_EXTENSIONS: Final = {
    "avif": {"avif"},
    "gif": {"gif"},
    "jpg": {"jpg", "jpeg"},
    "png": {"png"},
    "webp": {"webp"},
}


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file to be saved as it is: it has been checked, or was made here."""

    file: "ContentFile[bytes]"
    is_placeholder: bool
    notes: tuple[Note, ...]


def make_file(kind: ItemKind, obtained: Obtained, *, urls: Iterable[str] = ()) -> MediaFile:
    """The file of an IMAGE or FILE item: the bytes if they may be kept, else a placeholder.

    An image is decoded once here, so saving does not do it again. Its name gets the extension of
    what it is. `urls` stand in the placeholder of a document.
    """
    notes: tuple[Note, ...] = (obtained.note,) if obtained.note else ()
    if obtained.data is not None:
        name, renamed = _fitting_name(kind, obtained)
        file = ContentFile(obtained.data, name=name)
        try:
            (check_image if kind is ItemKind.IMAGE else check_document)(file)
        except ValidationError as refusal:
            message = f"{obtained.filename} was not taken: {' '.join(refusal.messages)}"
            notes += (Note(Change.MISSING, f"{kind.value}-refused", message),)
        else:
            # The models look at this before they check what they save.
            file.is_checked = True  # type: ignore[attr-defined]
            return MediaFile(file, is_placeholder=False, notes=notes + renamed)
    if kind is ItemKind.IMAGE:
        return MediaFile(placeholder_image(obtained.filename), is_placeholder=True, notes=notes)
    reason = notes[-1].message if notes else ""
    stand_in = placeholder_document(obtained.filename, urls, reason)
    return MediaFile(stand_in, is_placeholder=True, notes=notes)


def _fitting_name(kind: ItemKind, obtained: Obtained) -> tuple[str, tuple[Note, ...]]:
    """The file's name with the extension of its content, where that is a picture."""
    name = obtained.filename
    if kind is not ItemKind.IMAGE:
        return name, ()
    known = filetype.image_match(obtained.data)
    fitting = _EXTENSIONS.get(known.extension if known else "", set())
    stem, dot, extension = name.rpartition(".")
    if not fitting or extension.lower() in fitting:
        return name, ()
    renamed = f"{stem if dot else name}.{known.extension}"
    message = f"{name} is a picture of another type than its name says; it is now {renamed}."
    return renamed, (Note(Change.CHANGED, "image-renamed", message),)


def placeholder_image(filename: str) -> "ContentFile[bytes]":
    """A grey picture of a few kilobytes that bears the missing file's name."""
    picture = Image.new("L", (_WIDTH, _HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((6, 6, _WIDTH - 7, _HEIGHT - 7), outline=_FRAME)
    text = "\n".join(["This picture is not here yet.", "", *_lines(filename)])
    draw.multiline_text(
        (_WIDTH / 2, _HEIGHT / 2),
        text,
        fill=_INK,
        font=ImageFont.load_default(14),
        anchor="mm",
        align="center",
        spacing=5,
    )
    stream = io.BytesIO()
    info = PngInfo()
    info.add_text("Comment", _MARK)
    picture.save(stream, "PNG", optimize=True, pnginfo=info)
    file: Any = ContentFile(stream.getvalue(), name=f"{filename.rpartition('.')[0] or 'image'}.png")
    file.is_checked = True
    return file


def placeholder_document(
    filename: str, urls: Iterable[str], reason: str = ""
) -> "ContentFile[bytes]":
    """A text file that says what is missing and where it was."""
    lines = [f"{_MARK}: {filename} is not here yet.", reason, *urls]
    text = "".join(f"{_plain(line)}\n" for line in lines if line)
    return ContentFile(text.encode(), name=f"{filename}.txt")


def is_placeholder(file: "File[Any]") -> bool:
    """Whether this stored file was made by one of the two above; reads its first bytes.

    A file that cannot be read counts as one: nothing of anybody's is lost with it.
    """
    try:
        with file.open("rb") as stream:
            return _MARK.encode() in stream.read(_MARKED_BYTES)
    except OSError:
        return True


def _lines(filename: str) -> list[str]:
    """A long name over several lines, cut in its middle where even these do not hold it."""
    name = _plain(filename)
    room = _LINE_LENGTH * _MAX_LINES
    if len(name) > room:
        name = f"{name[: room // 2 - 1]}…{name[-(room // 2) :]}"
    return [name[start : start + _LINE_LENGTH] for start in range(0, len(name), _LINE_LENGTH)]


def _plain(text: str) -> str:
    """Without control characters and halves of characters, which no text file may hold."""
    return "".join(
        letter for letter in text if letter.isprintable() and not "\ud800" <= letter <= "\udfff"
    )
