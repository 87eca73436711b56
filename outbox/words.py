"""Spans of time as people say them."""

from typing import Final

from django.utils.translation import gettext as _

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def in_words(seconds: float) -> str:
    """In the largest unit of which there are two."""
    if seconds < 1:
        return _("less than a second") if seconds > 0 else _("nothing")
    if seconds < 2 * _MINUTE:
        return _("%(n)d s") % {"n": round(seconds)}
    if seconds < 2 * _HOUR:
        return _("%(n)d min") % {"n": round(seconds / _MINUTE)}
    if seconds < 2 * _DAY:
        return _("%(n)d h") % {"n": round(seconds / _HOUR)}
    return _("%(n)d days") % {"n": round(seconds / _DAY)}
