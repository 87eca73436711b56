"""Others hear at which hour a page goes live, whichever way an editor takes, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import APIToken, Page, PageViewRestriction, Revision

from accounts.interface import User
from cms.interface import publish_scheduled
from cms.models import AnnouncedSchedule, Banner, StandardPage
from core.interface import utc_now
from delivery.interface import document_id_for
from outbox.interface import LedgerEvent, announce
from tests.cms.editing import decide, make_draft, save, submit, waiting_review
from tests.factories.cms import Website, edit
from tests.people import client_of

pytestmark = pytest.mark.django_db

SOON = datetime(2099, 1, 2, 3, 4, tzinfo=UTC)
LATER = datetime(2099, 5, 6, 7, 8, tzinfo=UTC)
END = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def website(editorial_setup: None) -> Website:
    return Website()


@pytest.fixture
def draft(website: Website, editor: User) -> StandardPage:
    return make_draft(website.home, editor)


def told(page: Page) -> list[tuple[str | None, str | None]]:
    """The hours that were announced of the page, in their order; checks what comes with them."""
    found = []
    for event in LedgerEvent.objects.filter(type="content.scheduled").order_by("sequence"):
        announcement = announce(event)
        assert announcement is not None
        data = dict(announcement.data)
        if announcement.subject == str(document_id_for("page", page.pk)):
            found.append((data.pop("go_live_at"), data.pop("expire_at")))
            assert data == {
                "id": announcement.subject,
                "type": "pages",
                "locale": "en",
                "site_id": page.get_site().pk,
            }
            assert event.data["cache_tags"] == []
    return found


def schedule(page: Page, at: datetime = SOON, **fields: Any) -> Revision:
    """Approves a text for a later hour, as the editor's form does."""
    fresh = page.get_latest_revision_as_object()
    for name, value in {"go_live_at": at, **fields}.items():
        setattr(fresh, name, value)
    revision: Revision = fresh.save_revision()
    revision.publish()
    return revision


NEW = ("2099-01-02T03:04:00Z", None)
MOVED = ("2099-05-06T07:08:00Z", None)
CANCELLED = (None, None)


def test_publishing_in_the_editor_with_an_hour(draft: StandardPage, moderator: User) -> None:
    client = client_of(moderator)
    answer = save(
        client, draft, "publish", go_live_at="2099-01-02 03:04", expire_at="2100-01-01 00:00"
    )

    assert answer.status_code == 302
    assert told(draft) == [("2099-01-02T03:04:00Z", "2100-01-01T00:00:00Z")]


def test_a_draft_with_an_hour_that_nobody_approved_is_not_told_of(
    draft: StandardPage, editor: User
) -> None:
    save(client_of(editor), draft, go_live_at="2099-01-02 03:04")

    assert told(draft) == []


def test_the_last_approval_of_a_review(
    draft: StandardPage, editor: User, colleague: User, moderator: User
) -> None:
    save(client_of(editor), draft, go_live_at="2099-01-02 03:04")
    decide(client_of(colleague), draft, "approve", submit(client_of(editor), draft))
    assert told(draft) == []

    decide(client_of(moderator), draft, "approve", waiting_review(draft))

    assert told(draft) == [NEW]


def test_publishing_by_the_management_api(
    draft: StandardPage, moderator: User, client: Client
) -> None:
    fresh = draft.get_latest_revision_as_object()
    fresh.go_live_at = SOON
    fresh.save_revision()
    _, token = APIToken.create_token(user=moderator, name="test")

    answer = client.post(
        f"/api/manage/v3/pages/{draft.pk}/actions/publish/",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 200
    assert told(draft) == [NEW]


def test_taking_the_hour_back_in_the_history(draft: StandardPage, moderator: User) -> None:
    revision = schedule(draft)

    answer = client_of(moderator).post(
        f"/admin/pages/{draft.pk}/revisions/{revision.pk}/unschedule/"
    )

    assert answer.status_code == 302
    assert told(draft) == [NEW, CANCELLED]
    assert not AnnouncedSchedule.objects.exists()


@pytest.mark.parametrize("is_live", [False, True])
def test_another_hour_and_then_at_once(website: Website, is_live: bool) -> None:
    page = website.standard(is_published=is_live)
    schedule(page)
    schedule(page)
    schedule(page, LATER, expire_at=END)
    assert told(page) == [NEW, ("2099-05-06T07:08:00Z", "2100-01-01T00:00:00Z")]

    edit(page, go_live_at=None, expire_at=None, title="Now")

    assert told(page)[2:] == [CANCELLED]
    last = LedgerEvent.objects.exclude(type="content.scheduled").order_by("-sequence")[0]
    assert last.type == ("content.updated" if is_live else "content.published")


def test_an_older_text_in_place_of_a_newer_one(website: Website) -> None:
    """Wagtail approves the one before it withdraws the other."""
    page = website.standard()
    older = schedule(page)
    schedule(page, LATER)

    older.refresh_from_db()
    older.publish()

    assert told(page) == [NEW, MOVED, NEW]


def test_an_hour_that_comes_is_not_taken_back(website: Website) -> None:
    page = website.standard(is_published=False)
    revision = schedule(page)
    when = utc_now() - timedelta(seconds=1)
    revision.refresh_from_db()
    revision.content["go_live_at"] = when.isoformat()
    revision.approved_go_live_at = when
    revision.save()

    publish_scheduled()

    assert [at for at, _ in told(page)] == [NEW[0], when.isoformat().replace("+00:00", "Z")]
    last = LedgerEvent.objects.order_by("-sequence")[0]
    assert last.type == "content.published"
    assert not AnnouncedSchedule.objects.exists()


@pytest.mark.parametrize("is_live", [False, True])
def test_an_hour_that_came_in_vain_is_taken_back(
    website: Website, moderator: User, is_live: bool
) -> None:
    """Publishing failed at the hour, and then somebody gave it up."""
    page = website.standard(is_published=is_live)
    revision = schedule(page)
    AnnouncedSchedule.objects.update(go_live_at=utc_now() - timedelta(minutes=1))

    client_of(moderator).post(f"/admin/pages/{page.pk}/revisions/{revision.pk}/unschedule/")

    assert told(page) == [NEW, CANCELLED]


def test_unpublishing_takes_the_hour_of_the_next_text_back(website: Website) -> None:
    page = website.standard()
    schedule(page)

    StandardPage.objects.get(pk=page.pk).unpublish()

    assert told(page) == [NEW, CANCELLED]


def test_deleting_takes_the_hours_of_all_below_back(website: Website) -> None:
    section = website.standard("Section")
    page = website.add(section, StandardPage(title="Below"), is_published=False)
    schedule(page)
    place = page.get_site().pk

    Page.objects.get(pk=section.pk).delete()

    last = LedgerEvent.objects.filter(type="content.scheduled").order_by("-sequence")[0]
    assert last.data == {
        "document_id": str(document_id_for("page", page.pk)),
        "document_type": "pages",
        "locale": "en",
        "site_id": place,
        "go_live_at": None,
        "expire_at": None,
        "cache_tags": [],
    }


def test_what_will_not_be_public_is_not_told_of(website: Website) -> None:
    section = website.standard("Section")
    page = website.add(section, StandardPage(title="Below"), is_published=False)
    restriction = PageViewRestriction.objects.create(page=section, restriction_type="login")
    schedule(page)
    assert told(page) == []

    restriction.delete()
    assert told(page) == [NEW]

    PageViewRestriction.objects.create(page=section, restriction_type="login")
    assert told(page) == [NEW, CANCELLED]


def test_a_rebuild_tells_nothing_twice(website: Website) -> None:
    page = website.standard()
    schedule(page)

    call_command("rebuild_documents", restart=True)

    assert told(page) == [NEW]


def test_what_is_undone_was_not_told(website: Website) -> None:
    page = website.standard()
    with transaction.atomic():
        schedule(page)
        transaction.set_rollback(True)

    assert told(page) == []


def test_keeping_a_draft_asks_nothing(draft: StandardPage) -> None:
    fresh = draft.get_latest_revision_as_object()
    with CaptureQueriesContext(connection) as kept:
        fresh.save_revision()
    with CaptureQueriesContext(connection) as written_over:
        fresh.save_revision(overwrite_revision=fresh.latest_revision)

    def concerning(queries: CaptureQueriesContext) -> int:
        tables = ("cms_announcedschedule", "outbox_")
        return sum(any(t in q["sql"] for t in tables) for q in queries.captured_queries)

    assert (concerning(kept), concerning(written_over)) == (0, 1)


def test_a_banner_is_a_part_of_the_website_and_has_no_hour_of_its_own(website: Website) -> None:
    banner = Banner(site=website.site, locale=website.english, text="Sale", live=False)
    banner.save()
    banner.go_live_at = SOON
    banner.save_revision().publish()

    assert not LedgerEvent.objects.filter(type="content.scheduled").exists()


def test_a_mirror_passes_over_hours(
    website: Website, client: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    page = website.standard("About")

    def sync(query: str) -> dict[str, Any]:
        answer = client.get(f"/api/v1/content/sync?{query}", headers={"Host": "localhost"})
        assert answer.status_code == 200, answer.content
        body: dict[str, Any] = answer.json()
        return body

    token = sync("initial=true")["next_sync_token"]
    schedule(page)
    schedule(page, LATER)
    only_hours = sync(f"sync_token={quote(token)}")
    assert (only_hours["data"], only_hours["deleted"], only_hours["has_more"]) == ([], [], False)

    edit(page, go_live_at=None, title="Now")
    after = sync(f"sync_token={quote(only_hours['next_sync_token'])}")
    assert [item["title"] for item in after["data"]] == ["Now"]
    again = sync(f"sync_token={quote(token)}")
    assert [item["title"] for item in again["data"]] == ["Now"]
