"""Which websites there are, as far as the public side knows."""

from collections.abc import Iterable

from django.db import transaction

from delivery.cache_tags import site_tag
from delivery.history import note_sites
from delivery.models import DeliverySite
from delivery.reading.site_lookup import forget_sites
from outbox.interface import EventRecord, ledger_moment, record_events

_ADDRESS = ("hostname", "port", "is_default")
_COLUMNS = (*_ADDRESS, "default_locale", "locales")


def save_sites(sites: Iterable[DeliverySite]) -> set[int]:
    """Makes `sites` the known websites and forgets the others; gives the ids that changed.

    One ledger event for each site that is new, different or gone; none where nothing changed.
    Where a host name may lead elsewhere now, the events name every site: what a host name
    showed by default until now bears the tags of that default, not of the new site.

    Raises:
        NotInTransaction: no transaction is open, and there is something to change.
    """
    wanted = {site.id: site for site in sites}
    present = DeliverySite.objects.in_bulk()
    changed = {
        key
        for key, site in wanted.items()
        if key not in present
        or any(getattr(site, name) != getattr(present[key], name) for name in _COLUMNS)
    }
    gone = set(present) - set(wanted)
    moved = {key for key in changed if not _has_address_of(wanted[key], present.get(key))} | gone
    everyone = [site_tag(key) for key in sorted({*present, *wanted})]
    record_events(
        [
            EventRecord(
                type="site.changed",
                subject=f"site:{key}",
                data={"site_id": key, "cache_tags": everyone if moved else [site_tag(key)]},
            )
            for key in sorted(changed | gone)
        ]
    )
    DeliverySite.objects.filter(id__in=gone).delete()
    for key in changed:
        wanted[key].save()
    if changed or gone:
        note_sites([wanted[key] for key in sorted(changed)], gone, ledger_moment())
        transaction.on_commit(forget_sites)
    return changed | gone


def _has_address_of(site: DeliverySite, before: DeliverySite | None) -> bool:
    return before is not None and all(
        getattr(site, name) == getattr(before, name) for name in _ADDRESS
    )
