"""Loads the sample website: Marginalia Studio, a fictional workshop for publishers."""

from collections.abc import Callable

from django.db import transaction
from wagtail.models import Site

from cms.models import HomePage
from cms.new_site import SiteInUse, is_untouched
from cms.sample.content_files import HOME_KEY, read_json, read_pages, read_translations, stable_uuid
from cms.sample.files import load_files
from cms.sample.pages import create_drafts, publish_drafts
from cms.sample.registry import Registry
from cms.sample.site_content import (
    load_banner,
    load_categories,
    load_menus,
    load_settings,
    read_locales,
    take_over_site,
)


def is_sample_loaded() -> bool:
    """Whether the sample has been loaded before. Costs one query."""
    return bool(HomePage.objects.filter(translation_key=stable_uuid(HOME_KEY)).exists())


def count_steps() -> int:
    """How often a first load will call `advance`."""
    sources = read_pages()
    pages = len(sources) + len(read_translations(sources))
    names = ("images.json", "files.json", "categories.json")
    return 2 * pages + sum(len(read_json(name)) for name in names)


@transaction.atomic
def load_sample(*, advance: Callable[[str], None]) -> dict[str, int]:
    """Create what is missing of the sample and publish it; answer how much of each kind.

    All of it or nothing. What exists is left as it is, whatever has become of it: a page that
    was edited, renamed or moved keeps its edits, its name and its place. What was deleted
    comes back, so ask `is_sample_loaded` first where that is not wanted.

    Raises:
        SiteInUse: the default site has another home page.
    """
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    if not (is_sample_loaded() or is_untouched(site)):
        raise SiteInUse(site.root_page.title)
    registry = Registry(site=site, locales=read_locales(), advance=advance)
    load_files(registry)
    load_categories(registry)
    sources = read_pages()
    drafts = create_drafts(registry, sources)
    take_over_site(registry)  # before anything is published, so that it is published somewhere
    publish_drafts(registry, drafts)
    publish_drafts(registry, create_drafts(registry, read_translations(sources)))
    load_menus(registry)
    load_banner(registry)
    load_settings(registry)
    return registry.created
