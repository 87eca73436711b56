"""Dates as people write them into heads, file names and paths."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cms.importing.content import Change, Note

_ISO: Final = re.compile(
    r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[Tt ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?\s*(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?\s*$"
)
_IN_PATH: Final = re.compile(r"(?:^|/)(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|$)")
_MONTHS: Final = 12
_WORDS: Final = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%a, %d %b %Y %H:%M:%S %z")


def zone_named(name: object) -> tzinfo:
    """The time zone of a site's settings; UTC for none and for an unknown one."""
    try:
        return ZoneInfo(str(name)) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment_of(
    value: Any, zone: tzinfo, notes: list[Note], *, name: str = "date"
) -> datetime | None:
    """The moment that a value of a head means, aware; None, with a note, for no moment at all."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    if value is None or value == "":
        return None
    text = str(value)
    found = _ISO.match(text)
    if found is not None:
        return _moment(found, zone, notes, name, text)
    for form in _WORDS:
        try:
            moment = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    notes.append(Note(Change.DROPPED, "date-unreadable", f"“{text[:80]}” is no {name}."))
    return None


def _moment(
    found: re.Match[str], zone: tzinfo, notes: list[Note], name: str, text: str
) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    guessed = _existing_day(year, month, day)
    if guessed is None or hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - clock hands
        notes.append(Note(Change.DROPPED, "date-unreadable", f"“{text[:80]}” is no {name}."))
        return None
    if guessed != (year, month, day):
        message = (
            f"There is no {text.strip()}; {date(*guessed).isoformat()} was taken for the {name}."
        )
        notes.append(Note(Change.GUESSED, "date-impossible", message))
    zone = _offset(found.group(7)) or zone
    return datetime(*guessed, hour, minute, second, tzinfo=zone)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    return datetime.strptime(text.replace(":", ""), "%z").tzinfo


def _existing_day(year: int, month: int, day: int) -> tuple[int, int, int] | None:
    """The day, or the last one of its month where it goes beyond; None for no month."""
    if not (1 <= month <= _MONTHS and day and year):
        return None
    return year, month, min(day, monthrange(year, month)[1])


def date_in(path: str, zone: tzinfo, notes: list[Note]) -> datetime | None:
    """The day that a path or a file name tells: `2015/01/09/x`, `2015-01-09-x.md`."""
    found = _IN_PATH.search(path)
    if found is None:
        return None
    return moment_of("-".join(found.groups()), zone, notes, name=f"date in {path}")
