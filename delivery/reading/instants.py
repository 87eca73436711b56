"""The parameter `as_of`: an instant, written as RFC 3339 has it."""

import re
from datetime import UTC, datetime
from typing import Final

from delivery.reading.faults import refuse

_INSTANT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)


def read_as_of(text: str | None, parameter: str = "as_of") -> datetime | None:
    """The instant in UTC, None where none is asked for. Errors name the `parameter`.

    Seconds may be left out. What is finer than a microsecond is cut off: history knows of
    nothing between two of them, so the answer is the same.

    Raises:
        Invalid: another form, no offset from UTC, or a day or hour that there is not.
    """
    if text is None:
        return None
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise refuse(
            parameter,
            "malformed",
            "Write an instant with its offset from UTC, such as 2026-11-01T09:30:00Z; the + of an"
            " offset is written %2B in an address.",
        )
    day, clock, seconds, fraction, offset = match.groups()
    text = f"{day}T{clock}:{seconds or '00'}.{fraction or '0'}{offset.upper()}"
    try:
        written = datetime.fromisoformat(text)
        return written.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(parameter, "out_of_range", "There is no such day, hour or offset.") from None
