"""Drafts, history, comparison, restoring, comments, locks, schedules: Wagtail's, on our pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import Comment, Page

from accounts.interface import User
from cms.models import StandardPage
from core.interface import utc_now
from tests.cms.editing import edit_url, editor_form, save
from tests.people import client_of

pytestmark = pytest.mark.django_db


def is_live(page: StandardPage) -> bool:
    return bool(Page.objects.values_list("live", flat=True).get(pk=page.pk))


def history_lines(user: User, page: StandardPage, action: str = "wagtail.edit") -> int:
    response = client_of(user).get(f"/admin/pages/{page.pk}/history/")
    return sum(entry.action == action for entry in response.context["object_list"])


def autosave(client: Any, page: StandardPage, form: Any) -> Any:
    """What the editor's script sends some seconds after a change."""
    response = client.post(edit_url(page), form, headers={"Accept": "application/json"})
    if response.status_code == 200:
        form["overwrite_revision_id"] = str(response.json()["revision_id"])
    return response


def test_autosaves_of_one_sitting_are_one_revision_and_one_line(
    page: StandardPage, editor: User
) -> None:
    before = history_lines(editor, page)
    client = client_of(editor)
    form = editor_form(client, page)
    for number in range(12):
        form["intro"] = f"Version {number}."
        assert autosave(client, page, form).status_code == 200
    assert page.revisions.count() == 2
    assert page.revisions.latest("pk").content["intro"] == "Version 11."
    assert history_lines(editor, page) == before + 1


def test_the_next_sitting_is_a_line_of_its_own(
    page: StandardPage, editor: User, colleague: User
) -> None:
    before = history_lines(editor, page)
    for person in (editor, colleague, editor):
        client = client_of(person)
        form = editor_form(client, page)
        for number in range(3):
            form["intro"] = f"Version {number} by {person.name}."
            autosave(client, page, form)
    assert history_lines(editor, page) == before + 3
    assert page.revisions.count() == 4


def test_an_autosave_never_overwrites_somebody_elses_newer_words(
    page: StandardPage, editor: User, colleague: User
) -> None:
    client = client_of(editor)
    form = editor_form(client, page)
    autosave(client, page, form)
    save(client_of(colleague), page, intro="By the colleague.")
    form["intro"] = "By the editor."
    response = autosave(client, page, form)
    assert response.status_code == 400
    assert response.json()["error_code"] == "invalid_revision"
    assert page.revisions.latest("pk").content["intro"] == "By the colleague."


def test_autosave_asks_at_a_calm_pace(page: StandardPage, editor: User) -> None:
    body = client_of(editor).get(edit_url(page)).content.decode()
    assert 'data-w-autosave-interval-value="2000"' in body


def test_revisions_are_compared_and_restored(
    page: StandardPage, editor: User, colleague: User, stranger: User
) -> None:
    first = page.revisions.get()
    save(client_of(editor), page, intro="Second words.")
    second = page.revisions.latest("pk")
    compare = f"/admin/pages/{page.pk}/revisions/compare/{first.pk}...{second.pk}/"
    for person in (editor, colleague):
        body = client_of(person).get(compare).content.decode()
        assert "First" in body
        assert "Second" in body
    assert client_of(stranger).get(compare).status_code == 302
    client = client_of(editor)
    revert = f"/admin/pages/{page.pk}/revisions/{first.pk}/revert/"
    assert client.get(revert).status_code == 200
    form = editor_form(client, page)
    form["intro"] = "First words."
    assert client.post(revert, form).status_code == 302
    assert page.revisions.latest("pk").content["intro"] == "First words."
    assert history_lines(editor, page, "wagtail.revert") == 1


@pytest.mark.parametrize(
    "path", ["edit/", "history/", "revisions/{revision}/view/", "revisions/{revision}/revert/"]
)
def test_a_draft_is_closed_to_strangers(path: str, page: StandardPage, stranger: User) -> None:
    path = path.format(revision=page.revisions.get().pk)
    assert client_of(stranger).get(f"/admin/pages/{page.pk}/{path}").status_code == 302


def test_a_comment_is_written_answered_and_resolved(
    page: StandardPage, editor: User, colleague: User, mailoutbox: list[Any]
) -> None:
    changes = {
        "comments__TOTAL_FORMS": "1",
        "comments__INITIAL_FORMS": "0",
        "comments__0__text": "Is this right?",
        "comments__0__contentpath": "intro",
        "comments__0__position": "",
        "comments__0__id": "",
        "comments__0__replies__TOTAL_FORMS": "0",
        "comments__0__replies__INITIAL_FORMS": "0",
    }
    assert save(client_of(colleague), page, **changes).status_code == 302
    comment = Comment.objects.get()
    assert (comment.user, comment.text, comment.contentpath) == (
        colleague,
        "Is this right?",
        "intro",
    )
    form = editor_form(client_of(editor), page)
    form["comments-TOTAL_FORMS"] = form["comments-INITIAL_FORMS"] = "1"
    for name, value in {
        "text": comment.text,
        "contentpath": "intro",
        "position": "",
        "id": str(comment.pk),
        "resolved": "True",
        "replies-TOTAL_FORMS": "1",
        "replies-INITIAL_FORMS": "0",
        "replies-0-id": "",
        "replies-0-text": "It is.",
    }.items():
        form[f"comments-0-{name}"] = value
    assert client_of(editor).post(edit_url(page), form).status_code == 302
    comment.refresh_from_db()
    assert comment.resolved_by == editor
    assert [reply.text for reply in comment.replies.all()] == ["It is."]


def test_a_locked_page_is_changed_by_nobody_else(
    page: StandardPage, editor: User, colleague: User, moderator: User
) -> None:
    form = editor_form(client_of(editor), page)
    assert client_of(moderator).post(f"/admin/pages/{page.pk}/lock/").status_code == 302
    form["intro"] = "Changed."
    client_of(editor).post(edit_url(page), form)
    client_of(colleague).post(f"/admin/pages/{page.pk}/unlock/")
    assert Page.objects.get(pk=page.pk).locked is True
    assert page.revisions.count() == 1
    client_of(moderator).post(f"/admin/pages/{page.pk}/unlock/")
    client_of(editor).post(edit_url(page), form)
    assert page.revisions.count() == 2


def test_a_page_is_published_and_taken_down_on_time(
    page: StandardPage, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    times = {
        "go_live_at": (now + timedelta(days=1)).strftime("%Y-%m-%d %H:%M"),
        "expire_at": (now + timedelta(days=2)).strftime("%Y-%m-%d %H:%M"),
    }
    assert save(client_of(moderator), page, "publish", **times).status_code == 302
    assert is_live(page) is False
    seen = []
    for hours in (0, 23, 25, 47, 49):
        moment = now + timedelta(hours=hours)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        call_command("publish_scheduled")
        seen.append(is_live(page))
    assert seen == [False, False, True, True, False]


def test_an_editors_schedule_needs_the_review_too(page: StandardPage, editor: User) -> None:
    save(client_of(editor), page, go_live_at="2020-01-01 00:00")
    call_command("publish_scheduled")
    assert is_live(page) is False
