"""One name for all sizes of an uploaded picture.

WordPress stores a picture in many sizes beside each other (`sea.jpg`, `sea-300x200.jpg`,
`sea-scaled.jpg`, `sea-e1612345678901-150x150.jpg`), and hosts resize by a query (`sea.jpg?w=300`) or by
a host in front (`i0.wp.com/example.com/…`). Texts show any of them; the attachment names one.
"""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

_SIZE: Final = re.compile(r"-\d{1,5}x\d{1,5}(?=\.[A-Za-z0-9]{2,5}$)")
_EDITED: Final = re.compile(r"(?:-e\d{10,14}|-scaled|-rotated)(?=\.[A-Za-z0-9]{2,5}$)")
_PHOTON: Final = re.compile(r"^i\d\.wp\.com$")
_IMAGES: Final = frozenset({"jpg", "jpeg", "png", "gif", "webp", "avif"})
_PLAYABLE: Final = frozenset(
    {"mp3", "m4a", "ogg", "oga", "wav", "wma", "flac", "mp4", "m4v", "webm", "ogv", "mov", "wmv"}
)


def extension_of(url: str) -> str:
    """The letters after the last dot of the path, in lower case."""
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_image(url: str) -> bool:
    """Whether the name is that of a picture that Galley takes."""
    return extension_of(url) in _IMAGES


def is_playable(url: str) -> bool:
    """Whether the name is that of a sound or a film."""
    return extension_of(url) in _PLAYABLE


def file_name(url: str) -> str:
    """The last part of the path as a person reads it."""
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])


def exact_form(url: str) -> str:
    """Host and path, without scheme, `www.`, query and fragment; empty for what is no URL."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path)
    if _PHOTON.match(host):
        host, _slash, rest = path.lstrip("/").partition("/")
        path = f"/{rest}"
    return f"{host}{path}" if host else ""


def family_form(url: str) -> str:
    """As `exact_form`, without what tells one size of a picture from another."""
    return _EDITED.sub("", _SIZE.sub("", exact_form(url)))
