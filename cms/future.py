"""The websites as they will be: everything scheduled until an instant happens, and is undone.

It happens by the very code that will do it, in a transaction that is rolled back in the end,
so nothing can be shown that would not come about. What that costs: publications wait for the
ledger from the first thing scheduled to the last row of the answer.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import Page, Revision, Site

from cms.scheduled_publishing import models_with_drafts, unpublish_expired
from core.interface import Invalid, Issue, utc_now
from delivery.interface import register_future
from media.interface import keeping_renditions
from outbox.interface import lock_ledger

logger = logging.getLogger(__name__)

MAX_EVENTS: Final = 200
"""Each takes some 50 ms, during which no editor can publish."""


def connect() -> None:
    """Makes the future known to the reading side."""
    register_future(rehearse)


@contextmanager
def rehearse(until: datetime) -> Iterator[None]:
    """Inside, the database is as it will be at the instant; afterwards as it was.

    Sizes of images that were made for it stay: publishing will need them, and only who has
    seen the answer knows their addresses.

    Raises:
        Invalid: too much is scheduled until then.
        OperationalError: somebody is publishing one of the pages at this moment.
    """
    with keeping_renditions():
        try:
            with transaction.atomic():
                _let_happen(until)
                try:
                    yield
                finally:
                    transaction.set_rollback(True)
        finally:
            # Wagtail remembers for an hour where websites begin, which may have been rehearsed.
            Site.clear_site_root_paths_cache()


def _let_happen(until: datetime) -> None:
    """Brings about what is scheduled, in its order. Fails rather than waits.

    The rows of the pages are locked first: an editor who has one of them waits for the ledger,
    and whoever waited for his row with the ledger in hand would wait for ever. For other rows
    (aliases, descendants of a page whose slug changes) we give up before the database looks
    for such circles, so that it hardly ever ends the editor's transaction instead.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
    rows = Page.objects.filter(pk__in=_scheduled_pages(until)).order_by("pk")
    nowait = connection.features.has_select_for_update_nowait
    list(rows.select_for_update(nowait=nowait).values_list("pk"))
    lock_ledger()
    done: set[tuple[str, Any]] = set()
    for _ in range(MAX_EVENTS):
        event = _next_event(until, done)
        if event is None:
            return
        try:
            with transaction.atomic():
                event.act()
        except OperationalError:
            raise
        except Exception:  # as when it comes about: what cannot be published holds up no other
            logger.exception("What is scheduled for %s would fail.", event.at)
            done.add(event.key)
    detail = f"More than {MAX_EVENTS} things are scheduled until then; ask for an earlier instant."
    raise Invalid(detail, (Issue("as_of", "too_far", detail),))


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    key: tuple[str, Any]
    act: Callable[[], None]


def _next_event(until: datetime, failed: set[tuple[str, Any]]) -> _Event | None:
    """What comes first among what is scheduled; an end before a beginning at the same instant."""
    events = []
    for model in models_with_drafts():
        rows = model.objects.filter(live=True, expire_at__lte=until)
        skipped = [pk for name, pk in failed if name == model.__name__]
        item = rows.exclude(pk__in=skipped).order_by("expire_at", "pk").first()
        if item is not None:
            key = (model.__name__, item.pk)
            events.append(_Event(item.expire_at, key, partial(unpublish_expired, item)))
    due = Revision.objects.filter(approved_go_live_at__lte=until)
    skipped = [pk for name, pk in failed if name == "Revision"]
    revision = due.exclude(pk__in=skipped).order_by("approved_go_live_at", "pk").first()
    if revision is not None:
        at = revision.approved_go_live_at
        events.append(_Event(at, ("Revision", revision.pk), partial(_publish, revision, at)))
    return min(events, key=lambda event: event.at, default=None)


def _scheduled_pages(until: datetime) -> list[int]:
    """The pages that are to appear, change or go."""
    ending = Page.objects.filter(live=True, expire_at__lte=until).values_list("pk", flat=True)
    kind = ContentType.objects.get_for_model(Page)
    due = Revision.objects.filter(approved_go_live_at__lte=until, base_content_type=kind)
    return [*ending, *(int(pk) for pk in due.values_list("object_id", flat=True))]


def _publish(revision: Revision, at: datetime) -> None:
    """Publishes now what Wagtail would only schedule again."""
    if isinstance(revision.content_object, Page):
        action: PublishRevisionAction = _PublishPage(revision, at)
    else:
        action = PublishRevisionAction(revision, log_action=False)
    action.object.go_live_at = None
    action.execute(skip_permission_checks=True)


class _PublishPage(PublishPageRevisionAction):
    """Dates a page as it will be dated, before anybody hears that it is published."""

    def __init__(self, revision: Revision, at: datetime) -> None:
        super().__init__(revision, log_action=False)
        self._is_first = self.object.first_published_at is None
        # What is overdue will be published soon, not when it should have been.
        self._at = max(at, utc_now())

    def _after_publish(self) -> None:
        dates = {"last_published_at": self._at}
        if self._is_first:
            dates["first_published_at"] = self._at
        for name, value in dates.items():
            setattr(self.object, name, value)
        Page.objects.filter(pk=self.object.pk).update(**dates)
        super()._after_publish()
