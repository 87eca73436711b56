"""Pages go live at their hour by the database's clock, once, whoever schedules and dies."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime
from wagtail.models import PageLogEntry, Revision

from core.interface import utc_now
from delivery.interface import document_id_for
from outbox.interface import LedgerEvent
from outbox.models import ScheduleState
from tests.factories.cms import Website
from tests.outbox.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]

ROOT = Path(__file__).resolve().parents[2]
LATEST = timedelta(seconds=30)
"""The clocks are wrong by an hour."""
HOUR = 3600


class Scheduler:
    """A scheduler on a host of its own, with a clock of its own."""

    def __init__(self, name: str, offset: int) -> None:
        self.name = name
        settings = connection.settings_dict
        server = f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        self._environment = os.environ | {
            "DATABASE_URL": f"postgres://{settings['USER']}:{settings['PASSWORD']}@{server}",
            "DJANGO_SETTINGS_MODULE": "tests.site_config.skewed_settings",
            "CLOCK_OFFSET_SECONDS": str(offset),
            "PGAPPNAME": name,
        }

    def start(self) -> None:
        """Comes back when the process is at work, leading or waiting to."""
        self._process = subprocess.Popen(
            # Its relay keeps a connection, by which it shows.
            [sys.executable, "manage.py", "run_scheduler", "--with-relay"],
            cwd=ROOT,
            env=self._environment,
        )
        wait_until(self._is_connected)

    def _is_connected(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [self.name]
            )
            return bool(cursor.fetchone()[0])

    def leads(self) -> bool:
        state = ScheduleState.objects.filter(name="publish_scheduled").first()
        return state is not None and state.holder.endswith(f":{self._process.pid}")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def approve(website: Website, title: str) -> Any:
    """A page whose text was approved for an hour that is far away."""
    page = website.standard(title, is_published=False, go_live_at=utc_now() + timedelta(hours=9))
    page.get_latest_revision().publish()
    return page


@transaction.atomic
def set_hours(pages: Sequence[Any], after_seconds: Sequence[int]) -> dict[str, datetime]:
    """Has them go live so many seconds from now by the database's clock."""
    now = database_now()
    hours = {}
    for page, seconds in zip(pages, after_seconds, strict=True):
        revision = Revision.objects.get(object_id=str(page.pk), approved_go_live_at__isnull=False)
        at = hours[page.title] = now + timedelta(seconds=seconds)
        revision.content["go_live_at"] = at.isoformat()
        Revision.objects.filter(pk=revision.pk).update(
            approved_go_live_at=at, content=revision.content
        )
    return hours


class Watch:
    """Looks what is public, and by which of the database's instants."""

    def __init__(self, pages: list[Any]) -> None:
        self._names = {document_id_for("page", page.pk): page.title for page in pages}
        self.seen: dict[str, datetime] = {}

    def look(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, clock_timestamp() FROM delivery_document WHERE id = ANY(%s)",
                [list(self._names)],
            )
            for key, now in cursor.fetchall():
                self.seen.setdefault(self._names[key], now)

    def until(self, count: int) -> None:
        def is_reached() -> bool:
            self.look()
            return len(self.seen) >= count

        wait_until(is_reached)


@pytest.fixture
def schedulers() -> Iterator[tuple[Scheduler, Scheduler]]:
    pair = Scheduler("slow-clock", -HOUR), Scheduler("fast-clock", HOUR)
    yield pair
    for scheduler in pair:
        scheduler.kill()


def test_two_schedulers_with_wrong_clocks_publish_once_and_in_time(
    schedulers: tuple[Scheduler, Scheduler],
) -> None:
    website = Website()
    slow, fast = schedulers
    slow.start()
    wait_until(slow.leads)
    fast.start()

    pages = [approve(website, title) for title in ("First", "Second", "Third", "Fourth")]
    watch = Watch(pages)
    hours = set_hours(pages, (2, 5, 5, 9))

    watch.until(2)
    slow.kill()  # between two pages that are due together, or in the middle of one
    watch.until(4)

    assert fast.leads()
    for title, seen in watch.seen.items():
        assert timedelta(0) <= seen - hours[title] <= LATEST, title
    told = LedgerEvent.objects.filter(type="content.published", data__title__in=hours)
    assert sorted(event.data["title"] for event in told) == sorted(hours)
    published = PageLogEntry.objects.filter(action="wagtail.publish.scheduled")
    assert sorted(published.values_list("page__title", flat=True)) == sorted(hours)
    assert not Revision.objects.filter(approved_go_live_at__isnull=False).exists()
    for revision in Revision.objects.filter(object_str__in=hours):
        assert parse_datetime(revision.content["go_live_at"]) == hours[revision.object_str]
