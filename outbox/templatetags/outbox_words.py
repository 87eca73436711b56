"""Numbers as people say them."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 60 * 60, 24 * 60 * 60


@register.filter
def in_words(seconds: float) -> str:
    """A span of time, in the largest unit of which there are two."""
    if seconds < 1:
        return _("less than a second") if seconds > 0 else _("nothing")
    if seconds < 2 * _MINUTE:
        return _("%(n)d s") % {"n": round(seconds)}
    if seconds < 2 * _HOUR:
        return _("%(n)d min") % {"n": round(seconds / _MINUTE)}
    if seconds < 2 * _DAY:
        return _("%(n)d h") % {"n": round(seconds / _HOUR)}
    return _("%(n)d days") % {"n": round(seconds / _DAY)}
