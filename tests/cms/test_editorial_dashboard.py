"""The dashboard's panel of what waits for me."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Comment, CommentReply, PageSubscription

from accounts.interface import User
from cms.admin import waiting
from cms.models import HomePage, StandardPage
from core.interface import utc_now
from tests.cms.editing import decide, make_draft, make_home, save, submit
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(editorial_setup: None) -> HomePage:
    return make_home()


def start_review(page: StandardPage, user: User) -> None:
    page.get_workflow().start(page, user)


def titles(selector: Callable[[User], list[waiting.WaitingPage]], user: User) -> list[str]:
    return [entry.page.get_admin_display_title() for entry in selector(user)]


def test_a_review_waits_for_those_who_may_decide_it(
    home: HomePage, editor: User, colleague: User, moderator: User, stranger: User
) -> None:
    page = make_draft(home, editor, "Fresh")
    state = submit(client_of(editor), page)
    assert [
        titles(waiting.pages_to_review, person)
        for person in (editor, colleague, moderator, stranger)
    ] == [[], ["Fresh"], ["Fresh"], []]
    save(client_of(colleague), page, title="Fresher")
    assert titles(waiting.pages_to_review, colleague) == []
    entry = waiting.pages_to_review(moderator)[0]
    assert (entry.note, entry.person) == ("Editorial review", "Editor")
    decide(client_of(moderator), page, "approve", state)
    assert titles(waiting.pages_to_review, moderator) == ["Fresher"]
    assert titles(waiting.pages_to_review, colleague) == []


def test_what_was_sent_back_waits_for_its_submitter_and_its_owner(
    home: HomePage, editor: User, colleague: User, moderator: User
) -> None:
    page = make_draft(home, editor, "Sent back")
    state = submit(client_of(colleague), page)
    assert titles(waiting.pages_under_review, editor) == ["Sent back"]
    decide(client_of(moderator), page, "reject", state, "Please shorten the second part.")
    for person in (editor, colleague):
        entry = waiting.pages_sent_back(person)[0]
        assert (entry.person, entry.note) == ("Moderator", "Please shorten the second part.")
        assert titles(waiting.pages_under_review, person) == []
    assert titles(waiting.pages_sent_back, moderator) == []


def test_scheduled_pages_wait_for_their_time(
    home: HomePage, editor: User, colleague: User, moderator: User
) -> None:
    page = make_draft(home, editor, "Later")
    page.go_live_at = utc_now() + timedelta(days=1)
    page.save_revision(user=moderator).publish(user=moderator)
    live = make_draft(home, editor, "Until then")
    live.expire_at = utc_now() + timedelta(days=2)
    live.save_revision(user=moderator).publish(user=moderator)
    for person in (editor, moderator):
        assert titles(waiting.pages_scheduled, person) == ["Later"]
    assert waiting.pages_scheduled(editor)[0].moment == page.go_live_at
    assert titles(waiting.pages_expiring, editor) == ["Until then"]
    assert titles(waiting.pages_scheduled, colleague) == []


def comment_on(page: StandardPage, user: User, text: str) -> Comment:
    return Comment.objects.create(page=page, user=user, text=text, contentpath="intro")


def test_comments_wait_until_one_has_answered(
    home: HomePage, editor: User, colleague: User, moderator: User
) -> None:
    page = make_draft(home, editor, "Discussed")
    comment = comment_on(page, colleague, "Is this date right?")
    assert titles(waiting.comments_to_answer, editor) == ["Discussed"]
    assert titles(waiting.comments_to_answer, colleague) == []
    assert titles(waiting.comments_to_answer, moderator) == []
    CommentReply.objects.create(comment=comment, user=editor, text="Yes, I checked.")
    assert titles(waiting.comments_to_answer, editor) == []
    entry = waiting.comments_to_answer(colleague)[0]
    assert (entry.person, entry.note) == ("Editor", "Yes, I checked.")
    PageSubscription.objects.create(page=page, user=moderator, comment_notifications=True)
    assert titles(waiting.comments_to_answer, moderator) == ["Discussed"]
    comment.resolved_at = timezone.now()
    comment.save()
    assert titles(waiting.comments_to_answer, colleague) == []


def test_the_dashboard_shows_it_and_links_to_the_editor(
    home: HomePage, editor: User, moderator: User
) -> None:
    body = client_of(moderator).get("/admin/").content.decode()
    assert "Nothing waits for you." in body
    page = make_draft(home, editor, "Read me")
    submit(client_of(editor), page)
    body = client_of(moderator).get("/admin/").content.decode()
    assert "To review (1)" in body
    assert f'href="/admin/pages/{page.pk}/edit/"' in body
    assert "Awaiting your review" not in body
    body = client_of(editor).get("/admin/").content.decode()
    assert "Your submissions under review (1)" in body


def test_it_costs_the_same_for_one_row_and_for_ten(
    home: HomePage, editor: User, colleague: User
) -> None:
    def queries() -> int:
        user = User.objects.get(pk=colleague.pk)
        client = client_of(user)
        client.get("/admin/")  # fills what is cached for good, such as content types
        with CaptureQueriesContext(connection) as captured:
            body = client.get("/admin/").content.decode()
        assert f"To review ({count})" in body
        assert f"Comments to answer ({count})" in body
        assert f"Your submissions under review ({count})" in body
        return len(captured)

    costs = []
    count = 0
    for amount in (1, 9):
        for number in range(amount):
            theirs = make_draft(home, editor, f"Theirs {count}-{number}")
            start_review(theirs, editor)
            mine = make_draft(home, colleague, f"Mine {count}-{number}")
            start_review(mine, colleague)
            comment_on(mine, editor, "Why?")
        count += amount
        costs.append(queries())
    assert costs[0] == costs[1]
