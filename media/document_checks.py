"""What a file for download must be before it is kept: its content must be what its name says.

Nothing that a browser would run (SVG, HTML, XML) is taken under any name. Nothing is unpacked:
of an archive only the list of its contents is read, and only when that list is short.
"""

import codecs
import re
import zipfile
from typing import Any, Final

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from media.storages import extension_of

_HEAD_BYTES: Final = 8192
_CHUNK_BYTES: Final = 256 * 1024

TEXT_EXTENSIONS: Final = frozenset({"csv", "md", "txt"})
# What `filetype` calls the content, by the extension of the name.
_BINARY_TYPES: Final = {
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "pdf": "application/pdf",
    "png": "image/png",
    "rtf": "application/rtf",
    "webp": "image/webp",
}
# An entry that an archive of that kind must have.
_ARCHIVE_ENTRIES: Final = {
    "docx": "word/document.xml",
    "epub": "META-INF/container.xml",
    "odp": "content.xml",
    "ods": "content.xml",
    "odt": "content.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
    "zip": "",
}
EXTENSIONS: Final = sorted({*TEXT_EXTENSIONS, *_BINARY_TYPES, *_ARCHIVE_ENTRIES})

_MARKUP: Final = re.compile(rb"\s*<[a-z!?/]", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_DIRECTORY_END: Final = b"PK\x05\x06"
_DIRECTORY_END_BYTES: Final = 22
_MAX_DIRECTORY_BYTES: Final = 2 * 1024 * 1024


def check_document(file: "File[Any]") -> None:
    """Raises `ValidationError` when the file is too large, of no known type, or not what it says."""
    limit = settings.WAGTAILDOCS_MAX_UPLOAD_SIZE
    if file.size > limit:
        raise ValidationError(
            _("This file is larger than %(limit)s."),
            code="file_too_large",
            params={"limit": filesizeformat(limit)},
        )
    extension = extension_of(file.name or "")
    if extension not in EXTENSIONS:
        raise ValidationError(
            _("Files of this type are not taken. Types: %(types)s."),
            code="invalid_extension",
            params={"types": ", ".join(EXTENSIONS)},
        )
    try:
        file.seek(0)
        if not _is_of_type(file, extension):
            raise ValidationError(
                _("The content is not what .%(extension)s stands for. Text must be in UTF-8."),
                code="invalid_content",
                params={"extension": extension},
            )
    finally:
        file.seek(0)


def _is_of_type(file: "File[Any]", extension: str) -> bool:
    head: bytes = file.read(_HEAD_BYTES)
    if extension in TEXT_EXTENSIONS:
        return _is_text(head, file)
    if extension in _ARCHIVE_ENTRIES:
        return head.startswith(b"PK\x03\x04") and _is_archive(file, _ARCHIVE_ENTRIES[extension])
    return bool(filetype.guess_mime(head) == _BINARY_TYPES[extension])


def _is_text(head: bytes, file: "File[Any]") -> bool:
    """UTF-8 to the end, without control characters, and not beginning as markup does."""
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    chunk = head
    try:
        while chunk:
            if _CONTROL.search(decoder.decode(chunk)):
                return False
            chunk = file.read(_CHUNK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_archive(file: "File[Any]", entry: str) -> bool:
    """A list of contents at the end, short enough to be read, that names `entry`."""
    file.seek(max(0, file.size - 65_536 - _DIRECTORY_END_BYTES))
    tail: bytes = file.read()
    start = tail.rfind(_DIRECTORY_END)
    if start < 0 or len(tail) < start + _DIRECTORY_END_BYTES:
        return False
    if int.from_bytes(tail[start + 12 : start + 16], "little") > _MAX_DIRECTORY_BYTES:
        return False
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return not entry or entry in archive.NameToInfo
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
