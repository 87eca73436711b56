"""Names of files: the one in the store, which nobody chooses, and the one that a visitor saves."""

import re
import unicodedata
from typing import Final

from core.interface import new_uuid7

MAX_NAME_LENGTH: Final = 150
_NOT_IN_AN_EXTENSION: Final = re.compile(r"[^a-z0-9]")
_NOT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|]')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def stored_name(folder: str, filename: str) -> str:
    """A name in the store: `<folder>/<uuid>.<extension>`, never used twice.

    The editor's own file name is kept in the database only: a name that nobody can choose
    cannot climb folders, and one that is never used again can be cached for ever.
    """
    extension = (
        _NOT_IN_AN_EXTENSION.sub("", filename.rpartition(".")[2].lower()) if "." in filename else ""
    )
    return f"{folder}/{new_uuid7().hex}.{extension[:8] or 'bin'}"


def shown_name(filename: str) -> str:
    """The editor's name as it may stand in a header, an address and a folder of any system.

    Without folders, control characters and marks that turn the direction of writing (they hide
    an extension); never a device of Windows, never hidden; the extension survives the cut.
    """
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(
        letter
        for letter in unicodedata.normalize("NFC", name)
        if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    name = _NOT_IN_A_NAME.sub("_", name).strip(" .")
    if _DEVICES.match(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:MAX_NAME_LENGTH] or "file"
    return f"{stem[: MAX_NAME_LENGTH - 1 - len(extension)]}.{extension}"[:MAX_NAME_LENGTH]
