"""Websites, languages and pages, as the forms offer and take them."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from delivery.interface import UUID_TEXT, DeliverySite, Document, refuse
from search.entries import searched_types
from search.models import QueryRule
from search.trying import Place

Choices = list[tuple[str, Any]]
_SEPARATOR: Final = ":"


def place_choices() -> Choices:
    """Each website in each of its languages, the default one first. Two queries."""
    sites = DeliverySite.objects.order_by("-is_default", "hostname", "port")
    names = _site_names()
    found: Choices = []
    for site in sites:
        ordered = dict.fromkeys([site.default_locale, *site.locales])
        name = names.get(site.pk) or _host(site)
        found += [
            (f"{site.pk}{_SEPARATOR}{locale}", f"{name}, {language(locale)}") for locale in ordered
        ]
    return found


def read_place(value: str) -> Place:
    """One of these choices."""
    site_id, _separator, locale = value.partition(_SEPARATOR)
    return Place(int(site_id), locale)


def place_value(place: Place) -> str:
    """The choice of a place."""
    return f"{place.site_id}{_SEPARATOR}{place.locale}"


def site_choices() -> Choices:
    """The websites, and all of them. Two queries."""
    sites = DeliverySite.objects.order_by("hostname", "port")
    names = _site_names()
    return [
        ("", _("All websites")),
        *((str(site.pk), names.get(site.pk) or _host(site)) for site in sites),
    ]


def _site_names() -> dict[int, str]:
    """What editors call each website; with its host, where two are called the same."""
    rows = list(Site.objects.values_list("pk", "site_name", "hostname"))
    shared = Counter(name for _pk, name, _host in rows)
    return {
        pk: f"{name} ({hostname})" if name and shared[name] > 1 else name
        for pk, name, hostname in rows
    }


def _host(site: DeliverySite) -> str:
    return site.hostname if site.port in {80, 443} else f"{site.hostname}:{site.port}"


def locale_choices() -> Choices:
    """The languages of all websites, by name. One query."""
    tags: set[str] = set()
    for locales in DeliverySite.objects.values_list("locales", flat=True):
        tags.update(locales)
    return [(tag, language(tag)) for tag in sorted(tags)]


def language(tag: str) -> str:
    """The name of a language."""
    try:
        return str(get_language_info(tag)["name_local"])
    except KeyError:
        return tag


def read_pages(pointer: str, text: str, place: Place) -> list[UUID]:
    """The documents at the addresses in the lines of a text; an id may stand for one. One query.

    Raises:
        Invalid: nothing public is there.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    ids = {line for line in lines if UUID_TEXT.fullmatch(line)}
    paths = {line: path_of(line) for line in lines if line not in ids}
    known = dict(
        Document.objects.filter(
            site_id=place.site_id,
            locale=place.locale,
            type__in=searched_types(),
            path__in=set(paths.values()),
        ).values_list("path", "id")
    )
    found = []
    for line in lines:
        if line in ids:
            found.append(UUID(line))
        elif paths[line] in known:
            found.append(known[paths[line]])
        else:
            detail = "The website has no such published page in this language."
            raise refuse(pointer, "unknown_page", f"{line[:200]}: {detail}")
    return found


def path_of(line: str) -> str:
    """An address as documents have it, with or without the slashes at its ends."""
    return f"/{line.strip('/')}/".replace("//", "/")


def stored_rule(place: Place, key: str) -> QueryRule | None:
    """What is stored for the query with this key. One query."""
    return QueryRule.objects.filter(site_id=place.site_id, locale=place.locale, query=key).first()


def write_pages(ids: Iterable[UUID]) -> str:
    """The addresses of documents, one a line; the id of one that is not public any more. One query."""
    wanted = list(ids)
    paths = dict(Document.objects.filter(id__in=wanted).values_list("id", "path"))
    return "\n".join(paths.get(item) or str(item) for item in wanted)
