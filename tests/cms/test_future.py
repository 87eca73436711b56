"""`as_of` a coming instant: what is scheduled, for who may see drafts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import time_machine
from django.db import connection
from django.db.models import Value
from django.test import Client
from wagtail.models import APIToken, GroupPagePermission

from accounts.interface import User
from cms import future
from cms.interface import publish_scheduled
from cms.models import Banner, StandardPage
from core.interface import utc_now
from delivery.models import Document, DocumentVersion
from media.interface import CustomRendition
from outbox.models import LedgerEvent, LedgerHead
from tests.cms.time_travel import LISTS
from tests.factories.cms import Website, edit, make_image

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "/api/v1/content"


class Desk:
    """An editor's view of what is to come."""

    def __init__(self, user: User) -> None:
        _, token = APIToken.create_token(user=user, name="test")
        self.headers = {"host": "localhost", "authorization": f"Bearer {token}"}
        self.client = Client()

    def get(self, path: str, at: datetime | None = None) -> Any:
        if at is not None:
            path += f"{'&' if '?' in path else '?'}as_of={quote(at.isoformat())}"
        return self.client.get(BASE + path, headers=self.headers)

    def titles(self, at: datetime | None = None) -> list[str]:
        answer = self.get("?type=pages,blog-posts&sort=title&limit=100", at)
        assert answer.status_code == 200, answer.content
        return [item["title"] for item in answer.json()["data"]]


@pytest.fixture
def website() -> Website:
    return Website()


@pytest.fixture
def desk(website: Website, admin: User) -> Desk:
    return Desk(admin)


def hours(number: float) -> datetime:
    return utc_now() + timedelta(hours=number)


def schedule(website: Website, title: str, at: datetime, **fields: Any) -> StandardPage:
    """A page that an editor has published for a later hour."""
    page = website.standard(title, go_live_at=at, **fields)
    assert not page.live
    return page


def everything_stored() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Document, DocumentVersion, LedgerEvent, LedgerHead, StandardPage, Banner)
    ]


def test_what_is_scheduled_appears_changes_and_goes(website: Website, desk: Desk) -> None:
    schedule(website, "New", hours(1))
    website.standard("Ends", expire_at=hours(2))
    short = schedule(website, "Short", hours(1), expire_at=hours(3))
    changed = website.standard("Before")
    edit(changed, title="Draft later", go_live_at=hours(2))
    stored = everything_stored()

    def own(at: datetime | None) -> list[str]:
        return [title for title in desk.titles(at) if title not in {"Home", "People", "Services"}]

    assert own(None) == ["Before", "Ends"]
    assert own(hours(0.5)) == ["Before", "Ends"]
    assert own(hours(1.5)) == ["Before", "Ends", "New", "Short"]
    assert own(hours(2.5)) == ["Draft later", "New", "Short"]
    assert own(hours(3.5)) == ["Draft later", "New"]
    assert everything_stored() == stored
    short.refresh_from_db()
    assert not short.live


def test_drafts_that_are_not_scheduled_stay_hidden(website: Website, desk: Desk) -> None:
    website.standard("Never", is_published=False)
    page = website.standard("Live")
    page.title = "Draft of it"
    page.save_revision()

    titles = desk.titles(hours(99))
    assert "Live" in titles
    assert not {"Never", "Draft of it"} & set(titles)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Puts our clock, and the database's as far as publishing asks for it, to an instant."""
    travellers: list[time_machine.travel] = []

    def go(at: datetime) -> None:
        while travellers:
            travellers.pop().stop()
        traveller = time_machine.travel(at, tick=False)
        traveller.start()
        travellers.append(traveller)
        monkeypatch.setattr(
            "cms.scheduled_publishing.Now", lambda: Value(at + timedelta(microseconds=1))
        )

    yield go
    while travellers:
        travellers.pop().stop()


def test_the_future_comes_as_it_was_shown(
    website: Website, desk: Desk, admin: User, later: Any
) -> None:
    image = make_image()
    first, second = (utc_now().replace(microsecond=0) + timedelta(days=day) for day in (1, 2))
    post = website.post("Post", go_live_at=first, tags=["a"], cover_image=image)
    schedule(website, "Page", first, expire_at=second)
    moved = website.standard("Moves", slug="moves")
    edit(moved, slug="moved", go_live_at=second)
    banner = Banner(site=website.site, locale=website.english, text="Sale", go_live_at=second)
    banner.live = False
    banner.save()
    banner.save_revision().publish()
    assert not post.live

    addresses = [
        *LISTS,
        "/blog-posts/post?include=tags,cover_image",
        "/resolve?path=/moves/",
        "/resolve?path=/moved/",
        "/resolve?path=/page/",
    ]
    foreseen = {at: {url: desk.get(url, at) for url in addresses} for at in (first, second)}
    for at, answers in foreseen.items():
        later(at)
        publish_scheduled()
        for url, answer in answers.items():
            came = desk.get(url)
            assert came.status_code == answer.status_code, url
            if came.status_code == 200:
                assert came.content == answer.content, url
    assert foreseen[first]["/blog-posts/post?include=tags,cover_image"].status_code == 200
    assert foreseen[second]["/resolve?path=/moves/"].json() == {
        "redirect": {"to": "/moved/", "status": 301}
    }


def test_sizes_made_for_a_look_stay_for_the_publication(website: Website, desk: Desk) -> None:
    image = make_image()
    website.post("Post", go_live_at=hours(1), cover_image=image)
    assert not CustomRendition.objects.exists()

    cover = desk.get("/blog-posts/post", hours(2)).json()["data"]["cover_image"]
    made = {row.file.url: row for row in CustomRendition.objects.all()}
    assert cover["src"] in made
    assert all(row.file.storage.exists(row.file.name) for row in made.values())
    again = desk.get("/blog-posts/post", hours(2)).json()["data"]["cover_image"]
    assert again == cover
    assert CustomRendition.objects.count() == len(made)
    assert not Document.objects.filter(type="images").exists()


def test_the_answer_is_kept_by_nobody(website: Website, desk: Desk) -> None:
    website.standard("About")
    for path in ("", "/pages", "/pages/about", "/resolve?path=/", "/site", "/sitemap"):
        answer = desk.get(path, hours(1))
        assert answer.status_code == 200, path
        assert answer["Cache-Control"] == "private, no-store"
        assert not {"Surrogate-Key", "Cache-Tag"} & set(answer.headers)


def test_a_known_caller_has_private_answers_of_present_and_past(
    website: Website, desk: Desk
) -> None:
    for at in (None, datetime.now(UTC)):
        answer = desk.get("/pages", at)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_who_may_not_see_drafts_may_not_see_the_future(
    website: Website, stranger: User, editor: User, colleague: User
) -> None:
    GroupPagePermission.objects.filter(page=website.root).update(page=website.home)
    other = Website("other.example.com", slug="other", is_default=False)
    answers = {user.email: Desk(user).get("/pages", hours(1)) for user in (stranger, editor)}
    assert {email: answer.status_code for email, answer in answers.items()} == {
        "stranger@example.com": 403,
        "editor@example.com": 403,
    }
    for answer in answers.values():
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Cache-Control"] == "no-store"
        assert answer.json()["type"] == "/api/docs/problems/forbidden"

    GroupPagePermission.objects.update(page=other.root)
    assert Desk(colleague).get("/pages", hours(1)).status_code == 200


def test_a_revoked_token_is_refused_everywhere(website: Website, desk: Desk) -> None:
    assert desk.get("/pages").status_code == 200
    APIToken.objects.get().revoke()
    for at in (None, datetime.now(UTC), hours(1)):
        assert desk.get("/pages", at).status_code == 401


def test_one_thing_that_cannot_be_published_holds_up_no_other(
    website: Website, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = schedule(website, "Bad", hours(1))
    schedule(website, "Good", hours(2))
    publish = future._publish

    def fails(revision: Any, at: datetime) -> None:
        if int(revision.object_id) == bad.pk:
            raise ValueError("This page cannot be published.")
        publish(revision, at)

    monkeypatch.setattr(future, "_publish", fails)
    titles = desk.titles(hours(3))
    assert "Good" in titles
    assert "Bad" not in titles


def test_too_much_at_once_is_refused(
    website: Website, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        schedule(website, f"Page {number}", hours(1 + number))
    monkeypatch.setattr(future, "MAX_EVENTS", 2)

    assert desk.get("/pages", hours(1.5)).status_code == 200
    answer = desk.get("/pages", hours(9))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "query/as_of"


@pytest.mark.postgresql
def test_an_editor_at_work_is_not_waited_for(website: Website, desk: Desk) -> None:
    page = schedule(website, "New", hours(1))
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    given = {name: parameters[name] for name in names if name in parameters}
    with psycopg.connect(**given) as other:
        other.execute("SELECT 1 FROM wagtailcore_page WHERE id = %s FOR UPDATE", [page.pk])
        answer = desk.get("/pages", hours(2))
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        other.rollback()
    assert "New" in desk.titles(hours(2))


def test_a_stream_shows_no_future(website: Website, desk: Desk) -> None:
    path = f"{BASE}/pages?as_of={quote(hours(1).isoformat())}"
    lines = {"accept": "application/x-ndjson"}
    answer = desk.client.get(path, headers=desk.headers | lines)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "not_in_a_stream"
    assert desk.client.get(path, headers={"host": "localhost"} | lines).status_code == 401
