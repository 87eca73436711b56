"""Reading the query string, strictly.

Frameworks forgive: they decode what is not UTF-8, drop what they do not know and take the last
of two values. Each of these lets two caches or two programs read the same address differently,
so here a query string is either fully understood or refused.
"""

import re
from collections.abc import Container
from typing import Final
from urllib.parse import unquote_to_bytes

from core.interface import Invalid, Issue

MAX_QUERY_LENGTH: Final = 8192
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SHOWN: Final = 60


def read_params(
    query_string: str, allowed: Container[str], *, takes_filters: bool = False
) -> dict[str, str]:
    """The parameters by name.

    Raises:
        Invalid: too long, not ASCII with UTF-8 escapes, a control character, a repeated or an
            unknown parameter.
    """
    if not query_string:
        return {}
    if len(query_string) > MAX_QUERY_LENGTH:
        raise _fault("", "too_long", f"A query has at most {MAX_QUERY_LENGTH} characters.")
    params: dict[str, str] = {}
    for part in query_string.split("&"):
        raw_name, _, raw_value = part.partition("=")
        name = _decode("", raw_name)
        if name not in allowed and not (takes_filters and name.startswith("filter[")):
            raise _fault(
                name, "unknown_parameter", f"There is no parameter {name[:_SHOWN]!r} here."
            )
        if name in params:
            raise _fault(name, "repeated", f"The parameter {name[:_SHOWN]} is given twice.")
        params[name] = _decode(name, raw_value)
    return params


def check_path_part(name: str, value: str) -> str:
    """A part of the path as it came, if it can be one.

    Raises:
        Invalid: it has a control character or more than 255 characters.
    """
    if _CONTROL.search(value) or len(value) > 255:  # noqa: PLR2004 — the length of a slug
        detail = f"The {name} in the path has a control character or is too long."
        raise Invalid(detail, (Issue(f"path/{name}", "malformed", detail),))
    return value


def _decode(name: str, raw: str) -> str:
    if not raw.isascii() or _BROKEN_ESCAPE.search(raw):
        raise _fault(name, "malformed", "A query is written in ASCII with UTF-8 in %-escapes.")
    try:
        text = unquote_to_bytes(raw.replace("+", " ")).decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        raise _fault(name, "malformed", "An escape in the query is no UTF-8.") from None
    if _CONTROL.search(text):
        raise _fault(name, "control_character", "The query has a control character.")
    return text


def _fault(name: str, code: str, detail: str) -> Invalid:
    pointer = f"query/{name[:_SHOWN]}" if name else "query"
    return Invalid(detail, (Issue(pointer=pointer, code=code, detail=detail),))
