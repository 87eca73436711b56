"""An empty website of somebody's own, where there is only Wagtail's welcome page."""

from django.db import transaction
from wagtail.models import Page, Site

from cms.models import HomePage, SiteSettings

_SLUG = "website"
"""Stands in no address: a site's paths begin below its home page."""


class SiteInUse(Exception):
    """The default site has a home page of its own; the text is its title."""


def is_untouched(site: Site) -> bool:
    """Whether the site still shows Wagtail's welcome page, or nothing at all."""
    root = site.root_page
    return type(root.specific) is Page and not root.get_children().exists()


@transaction.atomic
def start_site(title: str) -> HomePage:
    """Puts a published home page, with nothing on it, at the root of the default site.

    Raises:
        SiteInUse: there is one already; nothing was changed.
    """
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    if not is_untouched(site):
        raise SiteInUse(site.root_page.title)
    welcome = site.root_page
    home: HomePage = Page.get_first_root_node().add_child(
        instance=HomePage(title=title, slug=_SLUG, live=False)
    )
    site.site_name, site.root_page = title, home
    site.save()
    if not welcome.is_root():
        welcome.delete()
    settings = SiteSettings.for_site(site)
    settings.brand_name = settings.brand_name or title
    settings.save()
    # Last, so that it is published somewhere.
    home = HomePage.objects.get(pk=home.pk)
    home.save_revision(log_action=True).publish()
    return home
