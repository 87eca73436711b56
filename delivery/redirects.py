"""Old paths and where they lead."""

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from delivery.cache_tags import path_tag, site_tag
from delivery.history import note_redirects, note_redirects_removed
from delivery.models import Redirect
from outbox.interface import EventRecord, ledger_moment, lock_ledger, record_events

_BATCH = 500
_MOST_PATHS = 100
"""More paths than this are purged by the tag of their whole site."""


def save_redirects(redirects: Sequence[Redirect]) -> None:
    """Makes these the rules of their `source`, in place of what that source had before.

    A path is written without a slash at its end. It leads to a document, wherever that is at
    the time, or to a URL; a document that is public at the same path goes first. One ledger
    event for each site that is touched.

    Raises:
        NotInTransaction: no transaction is open.
    """
    _write(redirects, _forget({redirect.source for redirect in redirects}))


def fit_redirects_to_sites(gone: Collection[int], added: Sequence[Redirect]) -> None:
    """Forgets the rules of websites that are gone, and adds some beside what their sources have.

    Raises:
        NotInTransaction: no transaction is open.
    """
    lock_ledger()
    touched = _remove(Redirect.objects.filter(site_id__in=gone))
    if touched or added:
        _write(added, touched)


def remove_redirects(sources: Collection[str]) -> None:
    """Forgets the rules of these sources, on every site; unknown ones are passed over.

    Raises:
        NotInTransaction: no transaction is open.
    """
    touched = _forget(sources)
    if touched:
        _record(touched)


def _write(redirects: Sequence[Redirect], touched: Collection[tuple[int, str]]) -> None:
    """Adds the rules; `touched` is what has changed besides."""
    _record({*touched, *((item.site_id, item.path) for item in redirects)})
    stored = Redirect.objects.bulk_create(redirects, batch_size=_BATCH)
    note_redirects(stored, ledger_moment())


def _forget(sources: Collection[str]) -> set[tuple[int, str]]:
    """Removes the rules of these sources; gives the site and path of each."""
    lock_ledger()
    return _remove(Redirect.objects.filter(source__in=sources))


def _remove(rows: QuerySet[Redirect]) -> set[tuple[int, str]]:
    found = list(rows.values_list("pk", "site_id", "path"))
    if found:
        note_redirects_removed([row[0] for row in found], ledger_moment())
        rows.delete()
    return {(site_id, path) for _, site_id, path in found}


def _record(touched: Collection[tuple[int, str]]) -> None:
    paths: dict[int, list[str]] = {}
    for site_id, path in sorted(touched):
        paths.setdefault(site_id, []).append(path)
    record_events(
        [
            EventRecord(
                type="site.redirects_changed",
                subject=f"site:{site_id}",
                data={"site_id": site_id, "cache_tags": _tags(site_id, of_site)},
            )
            for site_id, of_site in paths.items()
        ]
    )


def _tags(site_id: int, paths: Collection[str]) -> list[str]:
    if len(paths) > _MOST_PATHS:
        return [site_tag(site_id)]
    return list(dict.fromkeys(path_tag(site_id, path) for path in paths))
