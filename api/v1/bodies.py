"""Reading the body of a request, strictly.

What two programs could read differently is refused with its place: a name that stands twice, a
number that not every language can hold, a character that no text should have. So is what only
serves to cost time: long bodies and deep ones.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.http import HttpRequest, UnreadablePostError

from api.v1.errors import Refused
from core.interface import Invalid, Issue

JSON_TYPES: Final = ("application/json",)
PATCH_TYPES: Final = ("application/json", "application/merge-patch+json")
BEACON_TYPES: Final = ("application/json", "text/plain")
"""A browser sends a text to another website without asking first (`navigator.sendBeacon`)."""
MOST_BYTES: Final = 64 * 1024
MOST_DEPTH: Final = 16
MOST_ISSUES: Final = 20
_LARGEST: Final = 2**53 - 1
"""Beyond it, a program that keeps numbers as floats (JavaScript's all do) reads another number."""
_LONGEST_NUMBER: Final = 40
_SHOWN: Final = 60
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_NOT_AN_OBJECT: Final = "The body is a JSON object."


def read_object(request: HttpRequest, types: tuple[str, ...] = JSON_TYPES) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        Refused: no length (411), too long (413), or not JSON by its headers (415).
        Invalid: not JSON by RFC 8259, or JSON that could be read in two ways.
    """
    _check_headers(request, types)
    try:
        raw = request.body
    except UnreadablePostError:
        raise _fault("body", "malformed", "The body ended too early.") from None
    try:
        checked = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        detail = f"The body is no JSON in UTF-8: {error.msg} (line {error.lineno})."
        raise _fault("body", "malformed", detail) from None
    if _depth_exceeds(checked, MOST_DEPTH):
        raise _fault("body", "too_deep", f"The body nests at most {MOST_DEPTH} levels.")
    if not isinstance(checked, dict):
        raise _fault("body", "wrong_type", _NOT_AN_OBJECT)
    issues: list[Issue] = []
    value: dict[str, Any] = _plain(_read_again(raw), "body", issues)
    if issues:
        raise Invalid(issues[0].detail, tuple(issues[:MOST_ISSUES]))
    return value


def has_body(request: HttpRequest) -> bool:
    """Whether the request says that it brings a body."""
    return request.META.get("CONTENT_LENGTH") not in {None, "", "0"} or _is_chunked(request)


def read_no_body(request: HttpRequest) -> None:
    """Takes an empty body, or an empty object from clients that always send one.

    Raises:
        Invalid: there is something in it, which nothing here would heed.
    """
    if not has_body(request):
        return
    for name in read_object(request):
        raise unknown_member(f"body/{escape(name)}", name)


@contextmanager
def faults_in(place: str) -> Iterator[None]:
    """Names the part of the request that faults are in, which the packages below do not know."""
    try:
        yield
    except Invalid as error:
        issues = tuple(
            Issue(_placed(place, item.pointer), item.code, item.detail) for item in error.issues
        )
        raise Invalid(error.detail, issues) from None


def _placed(place: str, pointer: str) -> str:
    is_placed = pointer.startswith(("body", "header/", "query/", "path/"))
    return pointer if is_placed else f"{place}/{pointer}"


def unknown_member(pointer: str, name: str) -> Invalid:
    """The refusal of a member that is not known."""
    return _fault(pointer, "unknown_member", f"There is no member {name[:_SHOWN]!r} here.")


def escape(name: str) -> str:
    """A member's name as a part of a JSON pointer (RFC 6901), cut where it is long."""
    return name[:_SHOWN].replace("~", "~0").replace("/", "~1")


def _check_headers(request: HttpRequest, types: tuple[str, ...]) -> None:
    if _is_chunked(request) and not request.META.get("CONTENT_LENGTH"):
        raise Refused("length-required", "Send the body with its Content-Length.")
    if int(request.META.get("CONTENT_LENGTH") or "0") > MOST_BYTES:
        raise Refused("payload-too-large", f"A body here has at most {MOST_BYTES} bytes.")
    name, _, parameters = request.META.get("CONTENT_TYPE", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if name.strip().lower() not in types or charset not in {"", "charset=utf-8"}:
        raise Refused(
            "unsupported-media-type",
            f"Send {' or '.join(types)}, in UTF-8.",
            pointer="header/Content-Type",
        )
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise Refused(
            "unsupported-media-type",
            "Send the body as it is, without compression.",
            pointer="header/Content-Encoding",
        )


def _is_chunked(request: HttpRequest) -> bool:
    return "HTTP_TRANSFER_ENCODING" in request.META


def _depth_exceeds(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        inside = [child for item in level for child in _children(item)]
        level = [child for child in inside if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class _Members(list[tuple[str, Any]]):
    """An object as it was written: names may stand twice."""


@dataclass(frozen=True, slots=True)
class _WildNumber:
    """A number that not every program reads alike."""


def _read_again(raw: bytes) -> Any:
    """The same text by the parser that tells of repeated names and of the digits of numbers."""
    return json.loads(raw, object_pairs_hook=_Members, parse_int=_whole_number, parse_float=_number)


def _whole_number(digits: str) -> int | _WildNumber:
    if len(digits) > _LONGEST_NUMBER or abs(int(digits)) > _LARGEST:
        return _WildNumber()
    return int(digits)


def _number(digits: str) -> float | _WildNumber:
    number = float(digits)
    is_tame = len(digits) <= _LONGEST_NUMBER and math.isfinite(number)
    return number if is_tame else _WildNumber()


def _plain(value: Any, pointer: str, issues: list[Issue]) -> Any:
    """The value without our marks; what is wrong with it goes to `issues`."""
    if isinstance(value, _Members):
        return _plain_object(value, pointer, issues)
    if isinstance(value, list):
        return [_plain(item, f"{pointer}/{at}", issues) for at, item in enumerate(value)]
    if isinstance(value, str) and _CONTROL.search(value):
        issues.append(Issue(pointer, "control_character", "The text has a control character."))
    if isinstance(value, _WildNumber):
        detail = f"A number here is finite and not beyond {_LARGEST}."
        issues.append(Issue(pointer, "out_of_range", detail))
    return value


def _plain_object(members: _Members, pointer: str, issues: list[Issue]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        place = f"{pointer}/{escape(name)}"
        if _CONTROL.search(name):
            detail = "The name of a member has a control character."
            issues.append(Issue(pointer, "control_character", detail))
            continue
        if name in found:
            detail = f"The member {name[:_SHOWN]!r} is given twice."
            issues.append(Issue(place, "repeated", detail))
        found[name] = _plain(value, place, issues)
    return found


def _fault(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, (Issue(pointer, code, detail),))
