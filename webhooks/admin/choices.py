"""What the form of a webhook offers to choose from."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from delivery.interface import DeliverySite, all_types
from outbox.interface import ANNOUNCED_TYPES
from webhooks.wanting import EVERYTHING

Choices = list[tuple[str, Any]]

_WORDS: Final = {
    "content.published": _("A document is published"),
    "content.updated": _("A published document is changed"),
    "content.moved": _("A published document gets another address"),
    "content.unpublished": _("A document is withdrawn"),
    "content.deleted": _("A published document is deleted"),
    "content.scheduled": _("An hour is set, changed or cancelled at which a document goes live"),
    "media.changed": _("A public image is added, changed or removed"),
    "site.changed": _("Brand, menus, languages or banners of a website change"),
    "site.redirects_changed": _("Redirects of a website change"),
}
_GROUPS: Final = {
    "content": _("Everything about documents, now and with later releases"),
    "media": _("Everything about images, now and with later releases"),
    "site": _("Everything about websites, now and with later releases"),
}


def event_choices(current: Iterable[str] = ()) -> Choices:
    """Everything, then each group with its types; what a webhook names besides stays a choice."""
    found: dict[str, Any] = {EVERYTHING: _("Everything, now and with later releases")}
    for name in ANNOUNCED_TYPES:
        group = name.partition(".")[0]
        if group in _GROUPS:
            found.setdefault(f"{group}.*", _GROUPS[group])
        found[name] = _WORDS.get(name, name)
    return _with_current(found, current)


def content_choices(current: Iterable[str] = ()) -> Choices:
    """The types of documents that have a route of their own."""
    found = {item.name: item.name for item in all_types() if item.is_listed}
    return _with_current(found, current)


def locale_choices(current: Iterable[str] = ()) -> Choices:
    """The languages of all websites, by name. One query."""
    tags: set[str] = set()
    for locales in DeliverySite.objects.values_list("locales", flat=True):
        tags.update(locales)
    return _with_current({tag: _language(tag) for tag in sorted(tags)}, current)


def site_choices(current: int | None = None) -> Choices:
    """The websites, and all of them. One query."""
    sites = DeliverySite.objects.order_by("hostname", "port")
    found = {str(site.pk): f"{site.hostname}:{site.port}" for site in sites}
    names = {} if current is None else {str(current): f"#{current}"}
    return [("", _("All websites")), *(names | found).items()]


def describe_events(patterns: Iterable[str]) -> list[str]:
    """The patterns as the form words them."""
    words = dict(event_choices())
    return [str(words.get(pattern, pattern)) for pattern in patterns]


def _with_current(found: dict[str, Any], current: Iterable[str]) -> Choices:
    return [*found.items(), *((name, name) for name in current if name not in found)]


def _language(tag: str) -> str:
    try:
        return f"{get_language_info(tag)['name_local']} ({tag})"
    except KeyError:
        return tag
