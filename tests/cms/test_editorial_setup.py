"""`setup_editorial`: locales, groups, rights, workflow, and the demo's people."""

import json
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from pytest_django import Settings
from wagtail.models import (
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Workflow,
    WorkflowPage,
)

from accounts.interface import User
from cms.models import PeerApprovalTask
from cms.workflows import EDITORS, MODERATORS, WORKFLOW_NAME, ensure_editorial_setup

pytestmark = pytest.mark.django_db


def page_rights(group: str) -> set[str]:
    rights = GroupPagePermission.objects.filter(group__name=group)
    assert {right.page.depth for right in rights} == {1}
    return {right.permission.codename for right in rights}


def model_rights(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


def state() -> tuple[int, ...]:
    return (
        Locale.objects.count(),
        Group.objects.count(),
        GroupPagePermission.objects.count(),
        GroupCollectionPermission.objects.count(),
        Group.permissions.through.objects.count(),
        Workflow.objects.count(),
        WorkflowPage.objects.count(),
        PeerApprovalTask.objects.count(),
        PeerApprovalTask.groups.through.objects.count(),
    )


def test_the_groups_get_their_rights(editorial_setup: None) -> None:
    assert page_rights(EDITORS) == {"add_page", "change_page"}
    assert page_rights(MODERATORS) == {
        "add_page",
        "bulk_delete_page",
        "change_page",
        "lock_page",
        "publish_page",
        "unlock_page",
    }
    assert "access_admin" in model_rights(EDITORS)
    assert {"add_banner", "change_banner", "add_category"} <= model_rights(EDITORS)
    assert {"publish_banner", "change_sitesettings", "add_redirect"} <= model_rights(MODERATORS)


def test_editors_cannot_change_what_is_public_at_once(editorial_setup: None) -> None:
    """Menus, categories and site settings have no drafts: changing them would skip the review."""
    forbidden = {
        "change_category",
        "change_navigationmenu",
        "add_navigationmenu",
        "publish_banner",
        "change_sitesettings",
        "add_redirect",
        "change_user",
    }
    assert model_rights(EDITORS) & forbidden == set()


def test_the_workflow_has_two_steps_and_replaces_wagtails(editorial_setup: None) -> None:
    on_root = WorkflowPage.objects.get()
    assert on_root.page == Page.get_first_root_node()
    assert on_root.workflow.name == WORKFLOW_NAME
    steps = [
        (task.name, sorted(task.specific.groups.values_list("name", flat=True)))
        for task in on_root.workflow.tasks
    ]
    assert steps == [
        ("Editorial review", ["Editors", "Moderators"]),
        ("Approval", ["Moderators"]),
    ]
    assert list(Workflow.objects.active()) == [on_root.workflow]


def test_a_second_run_changes_nothing(editorial_setup: None) -> None:
    before = state()
    ensure_editorial_setup()
    assert state() == before
    assert set(Locale.objects.values_list("language_code", flat=True)) == {"en", "fr"}


def test_a_workflow_that_somebody_chose_stays(editorial_setup: None) -> None:
    own = Workflow.objects.create(name="Ours")
    WorkflowPage.objects.update(workflow=own)
    ensure_editorial_setup()
    assert WorkflowPage.objects.get().workflow == own


def test_the_demos_people_keep_their_passwords(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    output = StringIO()
    call_command("setup_editorial", "--demo", stdout=output)
    file = tmp_path / "demo-credentials.json"
    passwords = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(passwords) == [
        "editor@example.com",
        "editor2@example.com",
        "moderator@example.com",
        "admin@example.com",
    ]
    for email, password in passwords.items():
        assert f"{email}  {password}" in output.getvalue()
        assert User.objects.get(email=email).check_password(password)
    hashes = list(User.objects.order_by("email").values_list("password", flat=True))
    call_command("setup_editorial", "--demo", stdout=StringIO())
    assert json.loads(file.read_text()) == passwords
    assert list(User.objects.order_by("email").values_list("password", flat=True)) == hashes
    assert User.objects.get(email="admin@example.com").is_superuser


def test_a_lost_file_gives_new_passwords(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    call_command("setup_editorial", "--demo", stdout=StringIO())
    file = tmp_path / "demo-credentials.json"
    first = json.loads(file.read_text())
    file.unlink()
    call_command("setup_editorial", "--demo", stdout=StringIO())
    second = json.loads(file.read_text())
    assert first["editor@example.com"] != second["editor@example.com"]
    assert User.objects.get(email="editor@example.com").check_password(second["editor@example.com"])


def test_without_the_option_there_are_no_people(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    call_command("setup_editorial", stdout=StringIO())
    assert User.objects.count() == 0
    assert not (tmp_path / "demo-credentials.json").exists()
