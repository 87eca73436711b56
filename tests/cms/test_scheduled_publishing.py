from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from wagtail.models import PageLogEntry
from wagtail.signals import page_published

from cms.interface import publish_scheduled
from cms.models import Banner, StandardPage
from cms.scheduled_publishing import SomeFailed
from core.interface import utc_now
from delivery.interface import Document
from outbox.interface import LedgerEvent
from tests.factories.cms import Website

pytestmark = pytest.mark.django_db


@pytest.fixture
def website() -> Website:
    return Website()


@pytest.fixture
def refuses_bad_titles() -> Iterator[None]:
    """Publishing a page with "Bad" in its title fails, after Wagtail has changed its row."""

    def refuse(instance: Any, **_: Any) -> None:
        if instance.live and "Bad" in instance.title:
            raise ValueError("This page cannot be published.")

    page_published.connect(refuse, dispatch_uid="refuse")
    yield
    page_published.disconnect(dispatch_uid="refuse")


def _schedule(website: Website, title: str, *, seconds: float) -> StandardPage:
    """A page of which an editor said: publish it then."""
    later = utc_now() + timedelta(hours=1)
    page = website.standard(title, is_published=False, go_live_at=later)
    revision = page.get_latest_revision()
    revision.publish()
    when = utc_now() + timedelta(seconds=seconds)
    revision.refresh_from_db()
    revision.content["go_live_at"] = when.isoformat()
    revision.approved_go_live_at = when
    revision.save()
    page.refresh_from_db()
    assert not page.live
    return page


def _events_since(sequence: int) -> list[tuple[str, str]]:
    events = LedgerEvent.objects.filter(sequence__gt=sequence).order_by("sequence")
    return [(event.type, event.data.get("title", "")) for event in events]


def _last_sequence() -> int:
    event = LedgerEvent.objects.order_by("-sequence").first()
    return event.sequence if event else 0


def test_what_is_due_goes_live_and_what_is_not_waits(website: Website) -> None:
    due = _schedule(website, "Due", seconds=-1)
    later = _schedule(website, "Later", seconds=30)
    before = _last_sequence()

    publish_scheduled()
    publish_scheduled()

    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.live, later.live) == (True, False)
    assert _events_since(before) == [("content.published", "Due")]
    assert Document.objects.filter(title="Due").count() == 1
    assert PageLogEntry.objects.filter(action="wagtail.publish.scheduled", page=due).count() == 1


def test_what_has_expired_goes(website: Website) -> None:
    page = website.standard("Offer")
    StandardPage.objects.filter(pk=page.pk).update(expire_at=utc_now() - timedelta(seconds=1))
    staying = website.standard("Staying")
    StandardPage.objects.filter(pk=staying.pk).update(expire_at=utc_now() + timedelta(seconds=30))
    before = _last_sequence()

    publish_scheduled()
    publish_scheduled()

    page.refresh_from_db()
    staying.refresh_from_db()
    assert (page.live, page.expired, staying.live) == (False, True, True)
    assert _events_since(before) == [("content.unpublished", "Offer")]
    assert not Document.objects.filter(title="Offer").exists()


def test_an_expired_banner_goes(website: Website) -> None:
    banner = Banner.objects.create(
        site=website.site, text="Sale", expire_at=utc_now() - timedelta(seconds=1)
    )

    publish_scheduled()

    banner.refresh_from_db()
    assert (banner.live, banner.expired) == (False, True)


def test_a_page_that_fails_changes_nothing_and_holds_up_no_other(
    website: Website, refuses_bad_titles: None, caplog: pytest.LogCaptureFixture
) -> None:
    bad = _schedule(website, "Bad", seconds=-10)
    good = _schedule(website, "Good", seconds=-1)
    before = _last_sequence()

    revision = bad.get_latest_revision().pk
    with pytest.raises(SomeFailed, match=rf"at their hour: revision {revision}\.$"):
        publish_scheduled()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.live, good.live) == (False, True)
    assert not Document.objects.filter(title="Bad").exists()
    assert _events_since(before) == [("content.published", "Good")]
    assert "This page cannot be published." in caplog.text

    page_published.disconnect(dispatch_uid="refuse")
    publish_scheduled()
    bad.refresh_from_db()
    assert bad.live


def test_the_document_and_the_page_commit_together(
    website: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    _schedule(website, "Due", seconds=-1)
    open_transactions: list[int] = []
    depth = len(transaction.get_connection().savepoint_ids)

    def note(instance: Any, **_: Any) -> None:
        open_transactions.append(len(transaction.get_connection().savepoint_ids) - depth)

    page_published.connect(note, dispatch_uid="note")
    try:
        publish_scheduled()
    finally:
        page_published.disconnect(dispatch_uid="note")

    assert open_transactions
    assert min(open_transactions) >= 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_database_says_what_is_due_whatever_this_hosts_clock_says(
    website: Website, hours: int
) -> None:
    """Both databases ask the system, whose clock stays as it is here."""
    due = _schedule(website, "Due", seconds=-1)
    later = _schedule(website, "Later", seconds=60)
    before = _last_sequence()

    with time_machine.travel(utc_now() + timedelta(hours=hours)):
        publish_scheduled()

    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.live, later.live) == (True, False)
    assert _events_since(before) == [("content.published", "Due")]
    assert not due.revisions.filter(approved_go_live_at__isnull=False).exists()
