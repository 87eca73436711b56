"""Removing the distant past: what has not held for so long that nobody may ask for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, F, Func, IntegerField, Min, OuterRef, QuerySet, Sum

from core.interface import utc_now
from delivery.cache_tags import history_tag
from delivery.models import (
    DocumentVersion,
    HistoryStart,
    RedirectVersion,
    ReferenceVersion,
    SiteVersion,
    ValueVersion,
)
from outbox.interface import EventRecord, lock_ledger, record_events

_BATCH: Final = 500
_BESIDE: Final = (ReferenceVersion, ValueVersion, RedirectVersion, SiteVersion)
_TEXTS: Final = ("head", "content", "references", "values")
_EMPTIED: Final = {"slug": "", "path": "", "title": "", **dict.fromkeys(_TEXTS, "")}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class TypeRemoval:
    """What goes of one type of document."""

    type: str
    versions: int
    size_bytes: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes when history is to begin at `starts_at`; `rows` are those beside the versions."""

    starts_at: datetime
    types: tuple[TypeRemoval, ...]
    rows: int

    @property
    def versions(self) -> int:
        """The versions of all types."""
        return sum(item.versions for item in self.types)


def plan_removal(before: datetime) -> Removal:
    """What `thin_history` would remove. Six queries, each over what it counts."""
    size = sum((_ByteLength(F(name)) for name in _TEXTS[1:]), start=_ByteLength(F(_TEXTS[0])))
    rows = (
        _outdated_versions(before)
        .values("type")
        .order_by("type")
        .annotate(count=Count("pk"), size=Sum(size), oldest=Min("valid_from"))
    )
    types = tuple(
        TypeRemoval(row["type"], row["count"], row["size"] or 0, row["oldest"]) for row in rows
    )
    beside = sum(model.objects.filter(valid_to__lte=before).count() for model in _BESIDE)
    return Removal(_start(before), types, beside)


def thin_history(before: datetime, progress: Progress = lambda _rows: None) -> Removal:
    """Removes what ended at that instant or earlier; from then on, history begins there.

    Nobody can ask for an earlier instant before the first row goes, and caches forget what they
    know of the past, before and after. What holds now stays, whatever its age. Of a document
    that is no longer public the last version stays as a row without any content, so that its
    numbers go on if it comes back. In batches, each of which commits: after a crash the next
    call goes on. `progress` gets the number of rows that are done.

    Raises:
        ValueError: the instant has not come yet.
    """
    if before > utc_now():
        raise ValueError("History cannot begin in the future.")
    removal = plan_removal(before)
    _begin_history(removal.starts_at)
    _remove_versions(removal.starts_at, progress)
    for model in _BESIDE:
        _remove_rows(model.objects.filter(valid_to__lte=removal.starts_at), progress)
    _record(removal.starts_at)
    return removal


def _start(before: datetime) -> datetime:
    known = HistoryStart.objects.values_list("starts_at", flat=True).first()
    return before if known is None else max(before, known)


@transaction.atomic
def _begin_history(starts_at: datetime) -> None:
    lock_ledger()
    HistoryStart.objects.update_or_create(pk=1, defaults={"starts_at": _start(starts_at)})
    _record(starts_at)


@transaction.atomic
def _record(starts_at: datetime) -> None:
    """One event for each website that there is or was."""
    ids = SiteVersion.objects.order_by("site_id").values_list("site_id", flat=True).distinct()
    record_events(
        [
            EventRecord(
                type="site.history_removed",
                subject=f"site:{site_id}",
                data={
                    "site_id": site_id,
                    "starts_at": starts_at.isoformat(),
                    "cache_tags": [history_tag(site_id)],
                },
            )
            for site_id in ids
        ]
    )


def _outdated_versions(before: datetime) -> QuerySet[DocumentVersion]:
    """Versions that ended by then, and still have content."""
    return DocumentVersion.objects.filter(valid_to__lte=before).exclude(head="")


def _remove_versions(before: datetime, progress: Progress) -> None:
    later = DocumentVersion.objects.filter(
        document_id=OuterRef("document_id"), version__gt=OuterRef("version")
    )
    while True:
        pks = list(_outdated_versions(before).values_list("pk", flat=True)[:_BATCH])
        if not pks:
            return
        with transaction.atomic():
            batch = DocumentVersion.objects.filter(pk__in=pks)
            last = list(batch.filter(~Exists(later)).values_list("pk", flat=True))
            DocumentVersion.objects.filter(pk__in=set(pks) - set(last)).delete()
            DocumentVersion.objects.filter(pk__in=last).update(**_EMPTIED)
        progress(len(pks))


def _remove_rows(rows: QuerySet[Any], progress: Progress) -> None:
    while True:
        pks = list(rows.values_list("pk", flat=True)[:_BATCH])
        if not pks:
            return
        rows.model.objects.filter(pk__in=pks).delete()
        progress(len(pks))


class _ByteLength(Func):
    """How many bytes a text has."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite has that function only since its version 3.43."""
        template = "LENGTH(CAST(%(expressions)s AS BLOB))"
        return self.as_sql(compiler, connection, template=template, **context)
