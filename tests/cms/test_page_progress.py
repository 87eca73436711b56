"""Where a page's last publication has got to, as its editors are told."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.interface import User
from cms.models import HomePage, StandardPage
from outbox import progress
from outbox.interface import (
    FinalError,
    LedgerEvent,
    ProgressState,
    StepProgress,
    register_progress,
)
from outbox.relay import Relay
from tests.cms.editing import edit_url, make_draft, make_home, save
from tests.outbox.conftest import on_call
from tests.outbox.steps_on_call import OnCall
from tests.people import client_of

__all__ = ["on_call"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def readers(monkeypatch: Any) -> None:
    monkeypatch.setattr(progress, "_readers", {})


@pytest.fixture
def page(editorial_setup: None, editor: User) -> StandardPage:
    home = make_home()
    home.save_revision().publish()
    return make_draft(HomePage.objects.get(pk=home.pk), editor, "About")


def _history(page: StandardPage) -> str:
    return f"/admin/pages/{page.pk}/history/"


def _text(user: User, path: str) -> str:
    response = client_of(user).get(path)
    assert response.status_code == 200
    return response.content.decode()


def _lines(html: str) -> list[Any]:
    return re.findall(r'galley-progress__line--(\w+)">.*?<span>(.*?)</span>', html, re.DOTALL)


def test_a_publication_is_followed_through_its_steps(
    on_call: OnCall, page: StandardPage, editor: User, moderator: User
) -> None:
    assert _lines(_text(editor, _history(page))) == []
    assert "This page was never public." in _text(editor, edit_url(page))

    save(client_of(moderator), page, "publish")
    begun = [
        ("done", "Live for all readers: done"),
        ("under_way", "Purge: under way"),
        ("under_way", "Search: under way"),
        ("under_way", "Tell: under way"),
    ]
    assert _lines(_text(editor, _history(page))) == begun
    assert _lines(_text(editor, edit_url(page))) == begun

    def fail(_event: LedgerEvent) -> None:
        raise FinalError("https://secret.example/hook refused <it>")

    on_call.answers["search"] = fail
    Relay().drain()
    for path in (_history(page), edit_url(page)):
        html = _text(editor, path)
        assert _lines(html) == [
            ("done", "Live for all readers: done"),
            ("done", "Purge: done"),
            ("failed", "Search: failed; the people who run the site see why"),
            ("done", "Tell: done"),
        ]
        assert "secret.example" not in html
        assert "/admin/operations/" not in html


def test_a_step_in_parts_says_how_many_are_done(
    on_call: OnCall, page: StandardPage, editor: User, moderator: User
) -> None:
    state = ProgressState.RETRYING

    def read(events: Sequence[LedgerEvent]) -> Mapping[int, StepProgress]:
        return {
            event.sequence: StepProgress("tell", "Webhooks", state, done=3, total=4)
            for event in events
        }

    register_progress("tell", read)
    save(client_of(moderator), page, "publish")
    Relay().drain()
    assert _lines(_text(editor, _history(page)))[-1] == (
        "retrying",
        "Webhooks: 3 of 4, failed so far, tried again by itself",
    )
    state = ProgressState.DONE
    assert _lines(_text(editor, _history(page)))[-1] == ("done", "Webhooks: 3 of 4")


def test_taking_a_page_down_is_told_too(
    on_call: OnCall, page: StandardPage, moderator: User
) -> None:
    save(client_of(moderator), page, "publish")
    client_of(moderator).post(f"/admin/pages/{page.pk}/unpublish/")
    html = _text(moderator, _history(page))
    assert "Last publication: Taken down" in html
    assert _lines(html) == [("done", "Gone for all readers: done")]


def test_those_who_run_the_site_get_a_link(
    on_call: OnCall, page: StandardPage, moderator: User, admin: User
) -> None:
    save(client_of(moderator), page, "publish")
    sequence = LedgerEvent.objects.filter(data__title="About").latest("sequence").sequence
    link = f'href="/admin/operations/ledger/{sequence}/"'
    assert link in _text(admin, _history(page))
    assert link in _text(admin, edit_url(page))
    assert link not in _text(moderator, _history(page))


def test_who_may_not_edit_the_page_is_told_nothing(
    page: StandardPage, operator: User, stranger: User
) -> None:
    for user in (operator, stranger):
        assert client_of(user).get(_history(page)).status_code == 302


def test_it_costs_the_same_however_often_a_page_was_published(
    on_call: OnCall, page: StandardPage, editor: User, moderator: User
) -> None:
    client = client_of(editor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(_history(page)).status_code == 200
        return sum("outbox_" in query["sql"] for query in queries.captured_queries)

    assert cost() == 1
    for number in range(3):
        save(client_of(moderator), page, "publish", title=f"About {number}")
    Relay().drain()
    assert cost() == 3
