"""Telling others at which hour a page is to go live: `content.scheduled`.

As with documents, there is one way: look at which revisions are approved now, compare with what
was announced last, tell the difference. A page that would not be public at its hour is not told
of, and no word of any draft is: only that it comes, and when. Banners, which can be scheduled
too, have no document of their own; the website's document changes when their hour comes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime
from wagtail.models import Page, Revision

from cms.document_builders.context import page_document_id
from cms.document_builders.pages import BUILDERS
from cms.models import AnnouncedSchedule
from cms.site_map import SiteMap
from core.interface import zulu
from outbox.interface import EventRecord, record_events

SCHEDULED: Final = "content.scheduled"
_Hours = tuple[datetime, datetime | None]


def sync_schedules(
    pages: Sequence[Page],
    site_map: SiteMap,
    *,
    is_deleted: bool = False,
    saved: Revision | None = None,
) -> None:
    """Announces what is new of the hours of these pages. Two queries where there is nothing.

    The caller holds the ledger. `saved` is a revision that Wagtail has just approved, before it
    withdraws the one that was approved earlier.
    """
    by_id = {page_document_id(page.pk): page for page in pages}
    announced = {row.pk: row for row in _announced_rows(list(by_id))}
    hours = {} if is_deleted else _approved_hours(pages, saved)
    records = []
    for document_id, page in by_id.items():
        before = announced.get(document_id)
        after = _schedule_of(page, site_map, hours.get(page.pk))
        if after is None and before is not None:
            # What was published at its hour was not taken back: the publication tells of it.
            is_kept = before.has_come and page.live and saved is None and not is_deleted
            if not is_kept:
                records.append(_event(before, None, None))
            before.delete()
        elif after is not None and not after.says_as(before):
            after.save()
            records.append(_event(after, after.go_live_at, after.expire_at))
    record_events(records)


def have_schedules(page_pks: Sequence[int]) -> Q:
    """Whether `sync_schedules` could have anything to do for these, as a part of another query."""
    ids = [page_document_id(pk) for pk in page_pks]
    return Exists(AnnouncedSchedule.objects.filter(pk__in=ids)) | Exists(_approved(page_pks))


def is_announced(page_pk: int) -> bool:
    """Whether others know of an hour of this page. One query."""
    return AnnouncedSchedule.objects.filter(pk=page_document_id(page_pk)).exists()


def _announced_rows(ids: Sequence[UUID]) -> QuerySet[Any]:
    # The database's clock decides what is due (`cms.scheduled_publishing`), and so here.
    return AnnouncedSchedule.objects.filter(pk__in=ids).annotate(has_come=Q(go_live_at__lte=Now()))


def _approved(page_pks: Sequence[int]) -> QuerySet[Revision]:
    rows: QuerySet[Revision] = Revision.objects.filter(
        approved_go_live_at__isnull=False,
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=[str(pk) for pk in page_pks],
    )
    return rows


def _approved_hours(pages: Sequence[Page], saved: Revision | None) -> dict[int, _Hours]:
    """When each page is to appear, and until when, by its key."""
    rows = (
        _approved([page.pk for page in pages])
        .order_by("pk")
        .values_list("pk", "object_id", "approved_go_live_at", "content__expire_at")
    )
    newest = None if saved is None else saved.pk
    last_counts = sorted(rows, key=lambda row: row[0] == newest)
    return {int(key): (at, _read_time(until)) for _, key, at, until in last_counts}


def _schedule_of(page: Page, site_map: SiteMap, hours: _Hours | None) -> AnnouncedSchedule | None:
    """What may be told of the page's hour; None where there is none or nobody may know of it."""
    place = site_map.locate(page)
    if hours is None or place is None or site_map.is_restricted(page) or type(page) not in BUILDERS:
        return None
    return AnnouncedSchedule(
        document_id=page_document_id(page.pk),
        document_type=page.document_type,
        site_id=place[0],
        locale=page.locale.language_code,
        go_live_at=hours[0],
        expire_at=hours[1],
    )


def _event(
    row: AnnouncedSchedule, go_live_at: datetime | None, expire_at: datetime | None
) -> EventRecord:
    return EventRecord(
        type=SCHEDULED,
        subject=str(row.document_id),
        data={
            "document_id": str(row.document_id),
            "document_type": row.document_type,
            "site_id": row.site_id,
            "locale": row.locale,
            "go_live_at": go_live_at and zulu(go_live_at),
            "expire_at": expire_at and zulu(expire_at),
            # Nothing that is public changes, so there is nothing to purge.
            "cache_tags": [],
        },
    )


def _read_time(text: str | None) -> datetime | None:
    """A time as Wagtail writes it into a revision."""
    found = parse_datetime(text) if text else None
    return None if found is None else found.astimezone(UTC)
