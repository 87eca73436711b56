"""Old paths and where they lead."""

from collections.abc import Collection, Sequence

from delivery.cache_tags import site_tag
from delivery.history import note_redirects, note_redirects_removed
from delivery.models import Redirect
from outbox.interface import EventRecord, ledger_moment, lock_ledger, record_events

_BATCH = 500


def save_redirects(redirects: Sequence[Redirect]) -> None:
    """Makes these the rules of their `source`, in place of what that source had before.

    A path is written without a slash at its end. It leads to a document, wherever that is at
    the time, or to a URL; a document that is public at the same path goes first. One ledger
    event for each site that is touched.

    Raises:
        NotInTransaction: no transaction is open.
    """
    sources = {redirect.source for redirect in redirects}
    touched = _forget(sources) | {redirect.site_id for redirect in redirects}
    _record(touched)
    stored = Redirect.objects.bulk_create(redirects, batch_size=_BATCH)
    note_redirects(stored, ledger_moment())


def remove_redirects(sources: Collection[str]) -> None:
    """Forgets the rules of these sources, on every site; unknown ones are passed over.

    Raises:
        NotInTransaction: no transaction is open.
    """
    touched = _forget(sources)
    if touched:
        _record(touched)


def _forget(sources: Collection[str]) -> set[int]:
    lock_ledger()
    rows = Redirect.objects.filter(source__in=sources)
    found = dict(rows.values_list("pk", "site_id"))
    if found:
        note_redirects_removed(found.keys(), ledger_moment())
        rows.delete()
    return set(found.values())


def _record(site_ids: Collection[int]) -> None:
    record_events(
        [
            EventRecord(
                type="site.redirects_changed",
                subject=f"site:{site_id}",
                data={"site_id": site_id, "cache_tags": [site_tag(site_id)]},
            )
            for site_id in sorted(site_ids)
        ]
    )
