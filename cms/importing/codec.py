"""Items as JSON: how they lie in the scratch file, and the digest by which a change shows."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from cms.importing.content import Change, ItemKind, Note, SourceItem, Status

_FIELDS: Final = tuple(field.name for field in fields(SourceItem))
# Where a thing stands in its file says nothing of what it is, and neither does what was noted.
_NOT_CONTENT: Final = ("where", "notes", "key")
# What neither XML nor PostgreSQL can hold; half of a surrogate pair is no character.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Sets off a closer look at the JSON: control characters are escaped there.
_MAY_BE_UNWANTED: Final = re.compile(rb"\\u00|\x7f|\xef\xbf[\xbe\xbf]")
_CHUNK_BYTES: Final = 1 << 20


def dump_item(item: SourceItem) -> tuple[SourceItem, bytes]:
    """The item, without characters that cannot be kept, and its JSON.

    Raises `TypeError` for what JSON cannot say: the adapter is at fault, and the message names it.
    """
    try:
        data = orjson.dumps(item)
    except TypeError:
        if not _UNWANTED.search(repr(item)) and "\\ud" not in repr(item):
            raise
        data = b"\\u00"
    if _MAY_BE_UNWANTED.search(data):
        cleaned = _without_unwanted(item)
        if cleaned != item:
            note = Note(
                Change.CHANGED,
                "control-characters",
                "Characters that no text may hold were left out.",
            )
            item = replace(cleaned, notes=(*cleaned.notes, note))
        data = orjson.dumps(item)
    return item, data


def load_item(data: bytes | str) -> SourceItem:
    """The item of `dump_item`; lists inside it stay lists, and its notes stay out."""
    values: dict[str, Any] = orjson.loads(data)
    values["kind"] = ItemKind(values["kind"])
    values["status"] = Status(values["status"])
    for name in ("published_at", "updated_at"):
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    for name in ("addresses", "authors", "categories", "tags", "body"):
        values[name] = tuple(values[name])
    values["notes"] = ()
    return SourceItem(**values)


def digest_of(item: SourceItem) -> str:
    """Changes with what the item says, not with where it stood; a local file counts as its bytes."""
    content = {name: getattr(item, name) for name in _FIELDS if name not in _NOT_CONTENT}
    digest = hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16)
    path = item.details.get("path")
    if isinstance(path, str) and item.kind in {ItemKind.IMAGE, ItemKind.FILE}:
        _add_file(digest, Path(path))
    return digest.hexdigest()


def _add_file(digest: "hashlib.blake2b", path: Path) -> None:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError:  # whoever wants the bytes will say so
        digest.update(b"unreadable")


def _without_unwanted(item: SourceItem) -> SourceItem:
    return replace(
        item, **{name: _clean(getattr(item, name)) for name in _FIELDS if name != "notes"}
    )


def clean_text(text: str) -> str:
    """Without what neither XML nor PostgreSQL can hold."""
    return _UNWANTED.sub("", text)


def _clean(value: Any) -> Any:
    if type(value) is str:
        return clean_text(value)
    if isinstance(value, Mapping):
        return {_clean(key): _clean(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_clean(part) for part in value)
    return value
