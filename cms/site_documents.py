"""Websites as a whole: which there are, their settings, menus and banners."""

from django.conf import settings as django_settings
from wagtail.models import Page, Site

from cms.dependants import new_dependant_states, remove_orphans
from cms.document_builders.context import Dependant
from cms.document_builders.site import build_site_document, describe_site, read_site_locales
from cms.models import SiteSettings
from cms.publishing import sync_subtree
from cms.redirects import redirects_follow_sites
from delivery.interface import (
    DeliverySite,
    Document,
    DocumentState,
    remove_documents,
    save_documents,
    save_sites,
)
from outbox.interface import lock_ledger


def sync_sites() -> int:
    """Brings the known websites and their documents up to date; gives how many documents changed.

    Costs a handful of queries for each website and language.
    """
    lock_ledger()
    names = dict(django_settings.WAGTAIL_CONTENT_LANGUAGES)
    rows: list[DeliverySite] = []
    states: list[DocumentState] = []
    dependants: set[Dependant] = set()
    for site in Site.objects.select_related("root_page", "root_page__locale").order_by("pk"):
        settings = _settings_of(site)
        locales = read_site_locales(site)
        row = describe_site(site, settings, locales)
        rows.append(row)
        for locale in locales:
            state, context = build_site_document(site, settings, row, locale, names)
            states.append(state)
            dependants |= context.dependants
    known, ids = set(DeliverySite.objects.values_list("id", flat=True)), {row.id for row in rows}
    save_sites(rows)
    redirects_follow_sites(known - ids, ids - known)
    present = Document.objects.filter(type="site").values_list("id", flat=True)
    gone = set(present) - {state.id for state in states}
    changes = save_documents([*states, *new_dependant_states(dependants)])
    removed = remove_documents(gone)
    remove_orphans(changes.dropped | removed.dropped)
    return len(changes.published) + len(changes.updated) + len(removed.removed)


def _settings_of(site: Site) -> SiteSettings:
    found = SiteSettings.objects.filter(site=site).select_related("default_locale").first()
    return found or SiteSettings(site=site)


def sync_everything_on_sites() -> int:
    """A website was added, removed, or got another top page: all pages may be elsewhere now."""
    changed = sync_sites()
    for root in Page.get_root_nodes():
        changed += sync_subtree(root)
    return changed
