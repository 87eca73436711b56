"""Slugs that are free below their parent."""

from itertools import count, islice

from wagtail.models import Locale, Page

from cms.importing.context import RunContext
from cms.importing.places import Place

_BLOCK = 8
_SITE_DEPTH = 2


def free_slug(run: RunContext, place: Place, wish: str, key: str, *, own: int | None = None) -> str:
    """`wish`, else the first of `wish-2`, `wish-3` that is free; claimed for this item.

    `own` is a page that may have the slug already. One query for eight candidates.
    """
    candidates = (wish if number == 1 else f"{wish}-{number}" for number in count(1))
    reserved = _language_prefixes() if place.depth == _SITE_DEPTH else frozenset()
    while True:
        block = list(islice(candidates, _BLOCK))
        taken = set(_taken(place, block, own)) | reserved
        for slug in block:
            if slug not in taken and run.scratch.take_slug(place.pk, slug, key):
                return slug


def _taken(place: Place, slugs: list[str], own: int | None) -> list[str]:
    if not place.path:
        return []
    pages = Page.objects.filter(
        path__startswith=place.path, depth=place.depth + 1, slug__in=slugs
    ).exclude(pk=own)
    return list(pages.values_list("slug", flat=True))


def _language_prefixes() -> frozenset[str]:
    codes = Locale.objects.values_list("language_code", flat=True)
    return frozenset(code.lower() for code in codes)
