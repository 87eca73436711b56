"""Which websites there are, as far as the public side knows."""

from collections.abc import Iterable

from django.db import transaction

from delivery.cache_tags import site_tag
from delivery.history import note_sites
from delivery.models import DeliverySite
from delivery.reading.site_lookup import forget_sites
from outbox.interface import EventRecord, ledger_moment, record_events

_COLUMNS = ("hostname", "port", "is_default", "default_locale", "locales")


def save_sites(sites: Iterable[DeliverySite]) -> set[int]:
    """Makes `sites` the known websites and forgets the others; gives the ids that changed.

    One ledger event for each site that is new, different or gone; none where nothing changed.

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
    record_events(
        [
            EventRecord(
                type="site.changed",
                subject=f"site:{key}",
                data={"site_id": key, "cache_tags": [site_tag(key)]},
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
