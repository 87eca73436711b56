"""A form that comes back as it was shown changes nothing: no revision, no new last author."""

from typing import Any

import pytest
from wagtail.models import Page

from accounts.interface import User
from cms.models import BlogIndexPage, BlogPostPage, HomePage, StandardPage
from tests.cms.editing import edit_url, editor_form, make_draft, make_home, submit, waiting_review
from tests.people import client_of

pytestmark = pytest.mark.django_db

CODE = "for page in galley:\n    print(page)"


@pytest.fixture
def home(editorial_setup: None) -> HomePage:
    return make_home()


@pytest.fixture
def post(home: HomePage, editor: User) -> BlogPostPage:
    blog = home.add_child(instance=BlogIndexPage(title="Blog", slug="blog"))
    body = [("code", {"language": "python", "code": CODE, "caption": ""})]
    post = BlogPostPage(title="Draft", live=False, owner=editor, intro="One.\nTwo.", body=body)
    blog.add_child(instance=post)
    post.save_revision(user=editor, log_action=True)
    return BlogPostPage.objects.get(pk=post.pk)


def shown_form(user: User, page: Page) -> Any:
    """What the browser sends back; its script has put the blocks in."""
    form = editor_form(client_of(user), page)
    form["intro"] = form["intro"].replace("\n", "\r\n")
    for number, block in enumerate(page.body):
        form[f"body-{number}-id"] = block.id
        form[f"body-{number}-type"] = block.block_type
        form[f"body-{number}-order"] = str(number)
        form[f"body-{number}-deleted"] = ""
        for name, value in block.value.items():
            form[f"body-{number}-value-{name}"] = value.replace("\n", "\r\n")
    form["body-count"] = str(len(page.body))
    return form


def approve_in_editor(user: User, page: Page) -> Any:
    form = shown_form(user, page)
    form["action-workflow-action"] = "true"
    form["workflow-action-name"] = "approve"
    return client_of(user).post(edit_url(page), form)


def test_a_colleague_approves_a_post_in_its_editor(
    post: BlogPostPage, editor: User, colleague: User
) -> None:
    client = client_of(editor)
    form = shown_form(editor, post)
    form["action-submit"] = "on"
    assert client.post(edit_url(post), form).status_code == 302
    revisions = post.revisions.count()
    assert approve_in_editor(colleague, post).status_code == 302
    assert waiting_review(post).task.name == "Approval"
    assert post.revisions.count() == revisions
    assert post.revisions.latest("pk").user == editor


def test_an_approval_in_the_editor_publishes_what_was_read(
    home: HomePage, editor: User, moderator: User
) -> None:
    page = make_draft(home, editor)
    submit(client_of(editor), page)
    revisions = page.revisions.count()
    for _ in range(2):
        assert approve_in_editor(moderator, page).status_code == 302
    page.refresh_from_db()
    assert page.live is True
    assert page.revisions.count() == revisions


def test_a_changed_form_is_still_a_change(
    post: BlogPostPage, editor: User, colleague: User
) -> None:
    form = shown_form(colleague, post)
    form["intro"] = "One.\r\nThree."
    form["body-0-value-code"] = "print(1)\r\nprint(2)"
    assert client_of(colleague).post(edit_url(post), form).status_code == 302
    latest = post.revisions.latest("pk")
    assert latest.user == colleague
    saved = latest.as_object()
    assert saved.intro == "One.\nThree."
    assert saved.body[0].value["code"] == "print(1)\nprint(2)"


def test_a_standard_page_is_unchanged_too(home: HomePage, editor: User) -> None:
    page = make_draft(home, editor)
    form_class = StandardPage.get_edit_handler().get_form_class()
    sent = shown_form(editor, page)
    form = form_class(sent, {}, instance=page, parent_page=home, for_user=editor)
    assert form.is_valid() is True
    assert form.changed_data == []
