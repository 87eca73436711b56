"""The way of a text to print: two reviews by somebody else, and no way around them."""

from typing import Any

import pytest
from django.test import Client
from wagtail.models import APIToken, TaskState, WorkflowState

from accounts.interface import User
from cms.models import HomePage, StandardPage
from tests.cms.editing import (
    decide,
    edit_url,
    editor_form,
    make_draft,
    save,
    submit,
    waiting_review,
)
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db


def is_live(page: StandardPage) -> bool:
    return bool(StandardPage.objects.values_list("live", flat=True).get(pk=page.pk))


def test_an_editor_submits_and_a_moderator_approves_twice(
    page: StandardPage, editor: User, moderator: User
) -> None:
    state = submit(client_of(editor), page)
    assert state.task.name == "Editorial review"
    client = client_of(moderator)
    assert decide(client, page, "approve", state).status_code == 302
    assert is_live(page) is False
    state = waiting_review(page)
    assert state.task.name == "Approval"
    decide(client, page, "approve", state, "Well done.")
    assert is_live(page) is True
    assert WorkflowState.objects.get().status == "approved"
    assert TaskState.objects.get(pk=state.pk).comment == "Well done."


def test_a_colleague_reviews_and_only_a_moderator_approves(
    page: StandardPage, editor: User, colleague: User, moderator: User
) -> None:
    decide(client_of(colleague), page, "approve", submit(client_of(editor), page))
    last = waiting_review(page)
    for person in (editor, colleague):
        decide(client_of(person), page, "approve", last)
        assert waiting_review(page) == last
    decide(client_of(moderator), page, "approve", last)
    assert is_live(page) is True


def test_nobody_approves_what_he_submitted(
    page: StandardPage, home: HomePage, editor: User, moderator: User, stranger: User
) -> None:
    state = submit(client_of(editor), page)
    for person in (editor, stranger):
        decide(client_of(person), page, "approve", state)
        assert waiting_review(page) == state
    own = make_draft(home, moderator, "By the moderator")
    state = submit(client_of(moderator), own)
    decide(client_of(moderator), own, "approve", state)
    assert waiting_review(own) == state


def test_another_pages_address_opens_no_way_to_ones_own_review(
    page: StandardPage, home: HomePage, editor: User, colleague: User
) -> None:
    """The review's number stands in the address beside the page's, and need not be that page's."""
    own = submit(client_of(editor), page)
    other = make_draft(home, colleague, "By the colleague")
    submit(client_of(colleague), other)
    decide(client_of(editor), other, "approve", own)
    assert waiting_review(page) == own


def test_who_corrects_a_text_leaves_its_approval_to_others(
    page: StandardPage, editor: User, colleague: User, moderator: User
) -> None:
    state = submit(client_of(editor), page)
    save(client_of(colleague), page, intro="Corrected.")
    decide(client_of(colleague), page, "approve", state)
    assert waiting_review(page) == state
    save(client_of(moderator), page, intro="Corrected again.")
    decide(client_of(moderator), page, "approve", state)
    assert waiting_review(page).task.name == "Approval"


def test_the_submitter_cannot_change_what_is_read(page: StandardPage, editor: User) -> None:
    client = client_of(editor)
    form = editor_form(client, page)
    submit(client, page)
    form["intro"] = "Changed behind the reviewer's back."
    client.post(edit_url(page), form)
    revision = page.revisions.latest("pk")
    assert revision.content["intro"] == "First words."


def test_a_page_is_sent_back_and_comes_again(
    page: StandardPage, editor: User, colleague: User
) -> None:
    state = submit(client_of(editor), page)
    decide(client_of(colleague), page, "reject", state, "Too long.")
    assert WorkflowState.objects.get().status == "needs_changes"
    again = submit(client_of(editor), page)
    assert (again.task.name, again.pk == state.pk) == ("Editorial review", False)


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "publish"},
        {"action": "publish", "go_live_at": "2020-01-01 00:00"},
        {"live": "on", "action": "publish"},
        {"action": "workflow-action", "workflow__action__name": "approve"},
    ],
)
def test_an_editor_publishes_by_no_button(
    fields: dict[str, Any], page: StandardPage, editor: User
) -> None:
    client = client_of(editor)
    form = editor_form(client, page)
    form["workflow-action-name"] = "approve"
    for name, value in fields.items():
        form[f"action-{value}" if name == "action" else name] = value
    client.post(edit_url(page), form)
    assert is_live(page) is False
    submit(client, page)
    client.post(edit_url(page), form)
    assert is_live(page) is False
    assert page.revisions.filter(approved_go_live_at__isnull=False).count() == 0


def test_an_editor_neither_unpublishes_nor_deletes_what_is_public(
    page: StandardPage, editor: User, moderator: User
) -> None:
    save(client_of(moderator), page, "publish")
    assert is_live(page) is True
    client = client_of(editor)
    for verb in ("unpublish", "delete"):
        client.post(f"/admin/pages/{page.pk}/{verb}/", {"confirm": "on"})
        assert is_live(page) is True
    client.post(f"/admin/bulk/wagtailcore/page/unpublish/?id={page.pk}")
    client.post(f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}")
    assert is_live(page) is True


def test_an_editors_token_publishes_nothing(
    page: StandardPage, home: HomePage, editor: User, client: Client
) -> None:
    _, token = APIToken.create_token(user=editor, name="script")
    headers = {"Authorization": f"Bearer {token}"}

    def send(method: Any, path: str, body: dict[str, Any]) -> int:
        url = f"/api/manage/v3/pages/{path}"
        return int(method(url, body, "application/json", headers=headers).status_code)

    publish = {"meta": {"action": "publish"}}
    new = {
        "title": "New",
        "meta": {"type": "cms.StandardPage", "parent_id": home.pk} | publish["meta"],
    }
    assert send(client.post, f"{page.pk}/actions/publish/", {}) == 403
    assert send(client.patch, f"{page.pk}/", {"title": "Mine."} | publish) == 403
    assert send(client.post, "", new) == 403
    assert send(client.patch, f"{page.pk}/", {"title": "A draft."}) == 200
    submit(client_of(editor), page)
    assert send(client.patch, f"{page.pk}/", {"title": "Behind the reviewer's back."}) == 403
    assert is_live(page) is False
    assert page.revisions.latest("pk").content["title"] == "A draft."
    assert StandardPage.objects.count() == 1


def test_a_moderator_publishes_without_a_review(page: StandardPage, moderator: User) -> None:
    save(client_of(moderator), page, "publish")
    assert is_live(page) is True


def test_reviewers_are_told_by_mail(
    page: StandardPage, editor: User, colleague: User, moderator: User, mailoutbox: list[Any]
) -> None:
    make_person("outsider@example.com")
    submit(client_of(editor), page)
    recipients = {address for mail in mailoutbox for address in mail.to}
    assert {"colleague@example.com", "moderator@example.com"} <= recipients
    assert "outsider@example.com" not in recipients
