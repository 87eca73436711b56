"""Old paths: kept when a page moves, and edited by hand in Wagtail's own list."""

from collections.abc import Collection, Sequence

from wagtail.contrib.redirects.models import Redirect as EditedRedirect
from wagtail.models import Page, Site

from cms.document_builders.context import page_document_id
from delivery.interface import (
    Redirect,
    fit_redirects_to_sites,
    remove_redirects,
    save_redirects,
)


def keep_old_paths(moved: Sequence[tuple[int, str, Page]]) -> None:
    """Makes the path that each page had lead to the page: (site, path, page) each.

    The rule stands in Wagtail's list of redirects, where editors see it and may change it.
    An older rule for the same path gives way.
    """
    if not moved:
        return
    rows = [
        EditedRedirect(
            old_path=EditedRedirect.normalise_path(path),
            site_id=site_id,
            redirect_page_id=page.pk,
            is_permanent=True,
            automatically_created=True,
        )
        for site_id, path, page in moved
        if path != "/"
    ]
    for site_id in {row.site_id for row in rows}:
        paths = [row.old_path for row in rows if row.site_id == site_id]
        replaced = EditedRedirect.objects.filter(site_id=site_id, old_path__in=paths)
        remove_redirects([_source(row.pk) for row in replaced])
        replaced.delete()
    EditedRedirect.objects.bulk_create(rows, batch_size=500)
    save_redirects([item for row in rows for item in _published_forms(row, [row.site_id])])


def publish_redirect(redirect: EditedRedirect) -> None:
    """The rule was made or changed by hand."""
    sites = (
        [redirect.site_id]
        if redirect.site_id
        else list(Site.objects.order_by("pk").values_list("pk", flat=True))
    )
    remove_redirects([_source(redirect.pk)])
    save_redirects(_published_forms(redirect, sites))


def withdraw_redirect(redirect: EditedRedirect) -> None:
    """The rule was deleted."""
    remove_redirects([_source(redirect.pk)])


def redirects_follow_sites(gone: Collection[int], new: Collection[int]) -> None:
    """A rule that names no website holds on each: also on one that was added after the rule."""
    if not gone and not new:
        return
    everywhere = EditedRedirect.objects.filter(site=None).order_by("pk") if new else ()
    added = [item for rule in everywhere for item in _published_forms(rule, sorted(new))]
    fit_redirects_to_sites(gone, added)


def _source(pk: int) -> str:
    return f"redirect:{pk}"


def _published_forms(redirect: EditedRedirect, site_ids: Sequence[int]) -> list[Redirect]:
    page = redirect.redirect_page_id
    return [
        Redirect(
            site_id=site_id,
            source=_source(redirect.pk),
            path=redirect.old_path,
            document_id=None if page is None else page_document_id(page),
            url="" if page is not None else redirect.redirect_link,
            is_permanent=redirect.is_permanent,
        )
        for site_id in site_ids
    ]
