"""What a subscription may ask for: read once when it is saved, so that sending never meets nonsense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.interface import Invalid, Issue, OutboundError, check_url
from delivery.interface import DeliverySite, all_types, read_fields
from outbox.interface import ANNOUNCED_TYPES

EVERYTHING: Final = "*"
MAX_NAME: Final = 100
MAX_URL: Final = 2048
MAX_FIELDS: Final = 1000
_MAX_ITEMS: Final = 100


@dataclass(slots=True)
class Wishes:
    """What a subscription asks for, and what is wrong with that, field by field."""

    values: dict[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def refuse(self, pointer: str, code: str, detail: str) -> None:
        """Notes a fault."""
        self.issues.append(Issue(pointer=pointer, code=code, detail=detail))


def read_wishes(values: Mapping[str, Any], *, current: Mapping[str, Any]) -> dict[str, Any]:
    """The checked `values`, cleaned; those that hang together are checked with `current`.

    A URL costs a look-up of its host, a list of languages or a website a query.

    Raises:
        Invalid: with an issue for each fault, named by the field.
    """
    wishes = Wishes()
    for name, value in values.items():
        _READERS[name](wishes, value)
    if {"fields", "content_types"} & set(values) and not wishes.issues:
        merged = {**current, **wishes.values}
        _check_fields(wishes, merged["fields"], merged["content_types"])
    if wishes.issues:
        raise Invalid(wishes.issues[0].detail, tuple(wishes.issues))
    return wishes.values


def _read_name(wishes: Wishes, value: Any) -> None:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not name or len(name) > MAX_NAME or not name.isprintable():
        wishes.refuse("name", "malformed", f"A name has 1 to {MAX_NAME} letters.")
    wishes.values["name"] = name


def _read_url(wishes: Wishes, value: Any) -> None:
    url = value.strip() if isinstance(value, str) else ""
    if len(url) > MAX_URL:
        wishes.refuse("url", "too_long", f"A URL has at most {MAX_URL} characters.")
        return
    try:
        check_url(url)
    except OutboundError as error:
        wishes.refuse("url", "unreachable" if error.is_retryable else "refused", str(error))
    wishes.values["url"] = url


def _read_event_types(wishes: Wishes, value: Any) -> None:
    names = _names(wishes, "event_types", value)
    unknown = [name for name in names if not any(map(_pattern(name), ANNOUNCED_TYPES))]
    for name in unknown:
        wishes.refuse("event_types", "unknown_type", f"There is no type of event {name[:80]}.")
    if not names and not wishes.issues:
        wishes.refuse("event_types", "missing", "Name at least one type of event, or *.")
    wishes.values["event_types"] = names


def _pattern(name: str) -> "_Pattern":
    return _Pattern(name)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`*`, the start of names (`content.*`), or a name."""

    text: str

    def __call__(self, event_type: str) -> bool:
        if self.text.endswith(".*"):
            return event_type.startswith(self.text[:-1])
        return self.text in (EVERYTHING, event_type)


def covers(patterns: Sequence[str], event_type: str) -> bool:
    """Whether one of the patterns means this type of event."""
    return any(_Pattern(pattern)(event_type) for pattern in patterns)


def _read_content_types(wishes: Wishes, value: Any) -> None:
    names = _names(wishes, "content_types", value)
    known = {item.name for item in all_types()}
    for name in names:
        if name not in known:
            detail = f"There is no type of document {name[:80]}."
            wishes.refuse("content_types", "unknown_type", detail)
    wishes.values["content_types"] = names


def _read_locales(wishes: Wishes, value: Any) -> None:
    names = _names(wishes, "locales", value)
    if names:
        lists = DeliverySite.objects.values_list("locales", flat=True)
        known = {tag for tags in lists for tag in tags}
        for name in names:
            if name not in known:
                detail = f"No website speaks {name[:80]}."
                wishes.refuse("locales", "unknown_locale", detail)
    wishes.values["locales"] = names


def _read_site(wishes: Wishes, value: Any) -> None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
    if value is not None and not (is_number and DeliverySite.objects.filter(pk=value).exists()):
        wishes.refuse("site", "unknown_site", "There is no website of that number.")
    wishes.values["site"] = value


def _read_fields(wishes: Wishes, value: Any) -> None:
    if not isinstance(value, str) or len(value) > MAX_FIELDS:
        detail = f"Write fields as title,author(name), at most {MAX_FIELDS} characters."
        wishes.refuse("fields", "malformed", detail)
    wishes.values["fields"] = value


def _read_is_active(wishes: Wishes, value: Any) -> None:
    if not isinstance(value, bool):
        wishes.refuse("is_active", "malformed", "Write true or false.")
    wishes.values["is_active"] = value


def _check_fields(wishes: Wishes, fields: str, content_types: Sequence[str]) -> None:
    try:
        read_fields(content_types, fields)
    except Invalid as error:
        wishes.issues += error.issues


def _names(wishes: Wishes, pointer: str, value: Any) -> list[str]:
    is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if not is_list or len(value) > _MAX_ITEMS:
        wishes.refuse(pointer, "malformed", f"Give a list of at most {_MAX_ITEMS} names.")
        return []
    return list(dict.fromkeys(value))


_READERS: Final = {
    "name": _read_name,
    "url": _read_url,
    "event_types": _read_event_types,
    "content_types": _read_content_types,
    "locales": _read_locales,
    "site": _read_site,
    "fields": _read_fields,
    "is_active": _read_is_active,
}
