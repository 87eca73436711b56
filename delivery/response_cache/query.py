"""One spelling for each query string, so that one answer is stored once."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote_to_bytes

MAX_QUERY: Final = 1024
"""Longer ones are answered, but not stored."""
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_PLAIN: Final = "-._~,:/()[]"


def canonical_query(raw: str, defaults: Mapping[str, str]) -> str | None:
    """The query with its parameters in order, each escaped in one way, defaults left out.

    None for what must not be stored: too long, malformed, or with a parameter given twice. Such
    a query goes on as it came, and the API says what is wrong with it.
    """
    if not raw:
        return ""
    if len(raw) > MAX_QUERY or not raw.isascii() or _BROKEN_ESCAPE.search(raw):
        return None
    found: dict[str, str] = {}
    for part in raw.split("&"):
        raw_name, _, raw_value = part.partition("=")
        try:
            name, value = _decode(raw_name), _decode(raw_value)
        except UnicodeDecodeError:
            return None
        if not name or name in found or _CONTROL.search(name) or _CONTROL.search(value):
            return None
        found[name] = value
    return "&".join(
        f"{quote(name, safe=_PLAIN)}={quote(value, safe=_PLAIN)}"
        for name, value in sorted(found.items())
        if defaults.get(name) != value
    )


def _decode(raw: str) -> str:
    return unquote_to_bytes(raw.replace("+", " ")).decode("utf-8", errors="strict")
