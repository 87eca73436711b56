"""Where Wagtail and Django tell of an edit. Each handler calls the verb that knows what it means."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from taggit.models import Tag
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    CollectionViewRestriction,
    Locale,
    Page,
    PageViewRestriction,
    Revision,
    Site,
)
from wagtail.search.index import remove_object
from wagtail.signals import (
    page_published,
    page_unpublished,
    post_page_move,
    published,
    unpublished,
)

from cms import edits
from cms.document_builders.pages import BUILDERS
from cms.models import Banner, Category, NavigationMenu, SiteSettings
from cms.redirects import publish_redirect, withdraw_redirect
from cms.signals import alias_created, paths_changed
from media.interface import CustomDocument, CustomImage


def on_page_published(instance: Page, **_: Any) -> None:
    edits.page_published(instance)


def on_page_unpublished(instance: Page, **_: Any) -> None:
    edits.page_withdrawn(instance)


def on_page_moved(instance: Page, **_: Any) -> None:
    edits.page_relocated(instance)


def on_paths_changed(instance: Page, **_: Any) -> None:
    edits.paths_below_changed(instance)


def on_page_deleted(instance: Page, **_: Any) -> None:
    edits.page_deleted(instance)


def on_revision_saved(instance: Revision, created: bool, update_fields: Any, **_: Any) -> None:  # noqa: FBT001
    edits.revision_saved(instance, is_new=created, fields=update_fields)


def on_specific_page_deleted(instance: Page, **_: Any) -> None:
    remove_object(instance)


def on_restriction_changed(instance: PageViewRestriction, origin: Any = None, **_: Any) -> None:
    edits.visibility_changed(instance, origin=origin)


def on_dependant_saved(instance: Any, **_: Any) -> None:
    edits.dependant_changed(instance)


def on_dependant_deleted(instance: Any, **_: Any) -> None:
    edits.dependant_deleted(instance)


def on_file_changed(instance: CustomDocument, **_: Any) -> None:
    edits.file_changed(instance)


def on_collection_restriction_changed(instance: CollectionViewRestriction, **_: Any) -> None:
    edits.collection_visibility_changed(instance)


def on_site_content_changed(instance: Any, **_: Any) -> None:
    edits.site_content_changed(instance)


def on_sites_changed(instance: Any, origin: Any = None, **_: Any) -> None:
    edits.sites_changed(instance, origin=origin)


def on_redirect_saved(instance: Redirect, **_: Any) -> None:
    publish_redirect(instance)


def on_redirect_deleted(instance: Redirect, **_: Any) -> None:
    withdraw_redirect(instance)


def connect() -> None:
    """Connects every handler; a second call changes nothing."""
    pairs: list[tuple[Any, Any, Any]] = [
        (page_published, on_page_published, None),
        (page_unpublished, on_page_unpublished, None),
        (post_page_move, on_page_moved, None),
        (alias_created, on_page_published, None),
        (paths_changed, on_paths_changed, None),
        (post_delete, on_page_deleted, Page),
        # Not their deletion: to hear of that, Django would load every revision of a page that is
        # deleted, and the page's own deletion takes its hour back.
        (post_save, on_revision_saved, Revision),
        (published, on_site_content_changed, Banner),
        (unpublished, on_site_content_changed, Banner),
        (post_delete, on_site_content_changed, Banner),
        (post_save, on_redirect_saved, Redirect),
        (post_delete, on_redirect_deleted, Redirect),
    ]
    pairs += [(post_delete, on_specific_page_deleted, sender) for sender in BUILDERS]
    for sender in (CustomImage, Tag, Category):
        pairs += [
            (post_save, on_dependant_saved, sender),
            (post_delete, on_dependant_deleted, sender),
        ]
    for handler, senders in (
        (on_restriction_changed, (PageViewRestriction,)),
        (on_file_changed, (CustomDocument,)),
        (on_collection_restriction_changed, (CollectionViewRestriction,)),
        (on_site_content_changed, (SiteSettings, NavigationMenu)),
        (on_sites_changed, (Site, Locale)),
    ):
        pairs += [
            (signal, handler, sender) for sender in senders for signal in (post_save, post_delete)
        ]
    for signal, handler, sender in pairs:
        name = getattr(sender, "__name__", "any")
        signal.connect(handler, sender=sender, dispatch_uid=f"cms:{handler.__name__}:{name}")
