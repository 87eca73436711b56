"""How the schedule fares: what each entry did last, and which are late.

Kept in the database, so that every process can tell, and by the database's clock, so that a
host whose clock is wrong neither seems late nor hides that it is.
"""

import os
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from core.interface import ScheduleEntry
from outbox.models import ScheduleState

_MAX_ERROR_LENGTH: Final = 2000
_LEAST_GRACE_SECONDS: Final = 60.0
_GRACE: Final = 0.1
_RARE_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class LateSchedule:
    """An entry that has not succeeded for longer than it may take; `failures_in_row` tells why.

    `last_ok_at` is None for one that never has. Without failures, nobody ran it at all.
    """

    name: str
    every_seconds: float
    last_ok_at: datetime | None
    failures_in_row: int
    last_error: str


def load_schedule() -> Sequence[ScheduleEntry]:
    """The entries that `settings.SCHEDULE` names."""
    entries: Sequence[ScheduleEntry] = import_string(settings.SCHEDULE)
    return entries


def late_schedules() -> list[LateSchedule]:
    """The entries that no scheduler has brought to a good end in time. One query.

    Each may be late by a minute, or by a tenth of its interval if that is longer. What the
    settings do not list any more is never late.
    """
    rows = {row.name: row for row in ScheduleState.objects.annotate(now=Now())}
    found = []
    for entry in load_schedule():
        row = rows.get(entry.name)
        if row is None:
            found.append(LateSchedule(entry.name, entry.every_seconds, None, 0, ""))
        elif row.now - (row.last_ok_at or row.known_since) > _allowed(entry.every_seconds):
            found.append(
                LateSchedule(
                    entry.name,
                    entry.every_seconds,
                    row.last_ok_at,
                    row.failures_in_row,
                    row.last_error,
                )
            )
    return found


def _allowed(every_seconds: float) -> timedelta:
    return timedelta(seconds=every_seconds + max(_LEAST_GRACE_SECONDS, every_seconds * _GRACE))


def tracked(entries: Iterable[ScheduleEntry]) -> list[ScheduleEntry]:
    """The same entries, each noting in the database how it fares.

    One that runs once in a while also waits for its time after a change of leader, rather than
    run at every start of a process.
    """
    return [_tracked(entry) for entry in entries]


def _tracked(entry: ScheduleEntry) -> ScheduleEntry:
    return replace(
        entry,
        run=lambda: run_tracked(entry),
        first_wait=lambda: _seconds_until_due(entry),
    )


def run_tracked(entry: ScheduleEntry, *, is_by_hand: bool = False) -> None:
    """Runs the entry and notes how it went. Two statements; whatever it raises goes on.

    Run by hand, it leaves the hour of the next run as it was.
    """
    _note(entry, last_started_at=Now(), holder=f"{socket.gethostname()}:{os.getpid()}"[:255])
    started = time.monotonic()
    try:
        entry.run()
    except Exception as error:
        text = f"{type(error).__name__}: {error}".replace("\0", "")[:_MAX_ERROR_LENGTH]
        ended = {"last_error": text, "failures_in_row": F("failures_in_row") + 1}
        _note_end(entry, started, ended, is_by_hand=is_by_hand)
        raise
    ended = {"last_ok_at": Now(), "last_error": "", "failures_in_row": 0}
    _note_end(entry, started, ended, is_by_hand=is_by_hand)


def _note_end(
    entry: ScheduleEntry, started: float, ended: dict[str, Any], *, is_by_hand: bool
) -> None:
    if not is_by_hand:
        left = max(0.0, entry.every_seconds - (time.monotonic() - started))
        ended["next_due_at"] = Now() + timedelta(seconds=left)
    _note(entry, last_finished_at=Now(), **ended)


def _note(entry: ScheduleEntry, **columns: Any) -> None:
    columns["every_seconds"] = entry.every_seconds
    if not _row(entry).update(**columns):
        ScheduleState.objects.get_or_create(
            name=entry.name, defaults={"every_seconds": entry.every_seconds}
        )
        _row(entry).update(**columns)


def _row(entry: ScheduleEntry) -> QuerySet[ScheduleState]:
    return ScheduleState.objects.filter(name=entry.name)


def _seconds_until_due(entry: ScheduleEntry) -> float:
    if entry.every_seconds < _RARE_SECONDS:
        return 0.0
    row = _row(entry).annotate(now=Now()).first()
    if row is None or row.next_due_at is None:
        return 0.0
    left = (row.next_due_at - row.now).total_seconds()
    return min(max(0.0, left), entry.every_seconds)
