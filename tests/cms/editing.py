"""Driving Wagtail's page editor as a browser does: fetch the form, change it, send it back."""

from typing import Any

from django.http import QueryDict
from django.test import Client
from wagtail.models import Page, Site, TaskState
from wagtail.test.utils.form_data import querydict_from_html

from accounts.interface import User
from cms.models import HomePage, StandardPage


def make_home() -> HomePage:
    """The default site's home page."""
    root = Page.get_first_root_node()
    home: HomePage = root.add_child(instance=HomePage(title="Home", slug="galley"))
    Site.objects.update(root_page=home)
    return home


def make_draft(parent: Page, owner: User, title: str = "Draft") -> StandardPage:
    """A page that was never published, with one revision by its owner."""
    page = StandardPage(title=title, live=False, owner=owner, intro="First words.")
    parent.add_child(instance=page)
    page.save_revision(user=owner, log_action=True)
    return StandardPage.objects.get(pk=page.pk)


def edit_url(page: Page) -> str:
    return f"/admin/pages/{page.pk}/edit/"


def editor_form(client: Client, page: Page) -> QueryDict:
    """What the editor would send if nothing were changed."""
    response = client.get(edit_url(page))
    assert response.status_code == 200
    form = querydict_from_html(response.content.decode(), form_id="page-edit-form").copy()
    form["body-count"] = "0"  # the browser's script adds the blocks; these pages have none
    return form


def save(client: Client, page: Page, action: str = "", **changes: Any) -> Any:
    """Changes fields in the editor and presses a button; without `action`, “Save draft”."""
    form = editor_form(client, page)
    for name, value in changes.items():
        form[name.replace("__", "-")] = value
    if action:
        form[f"action-{action}"] = "on"
    return client.post(edit_url(page), form)


def submit(client: Client, page: Page) -> TaskState:
    """Sends the page to review; returns the review that waits."""
    assert save(client, page, "submit").status_code == 302
    return TaskState.objects.get(
        workflow_state__object_id=str(page.pk), status=TaskState.STATUS_IN_PROGRESS
    )


def decide(client: Client, page: Page, action: str, state: TaskState, comment: str = "") -> Any:
    """Presses “Approve” or “Request changes” on a review."""
    url = f"/admin/pages/workflow/action/{page.pk}/{action}/{state.pk}/"
    return client.post(url, {"comment": comment})


def waiting_review(page: Page) -> TaskState:
    """The review of the page that waits now."""
    return page.specific_class.objects.get(pk=page.pk).current_workflow_task_state
