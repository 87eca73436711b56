"""User administration in the admin, and that nobody rises by it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.interface import Role, User
from cms.workflows import EDITORS, MODERATORS
from tests.people import PASSWORD, client_of, make_person

pytestmark = pytest.mark.django_db

INDEX = "/admin/users/"
ADD = "/admin/users/new/"


@pytest.fixture
def manager(editorial_setup: None) -> User:
    """Manages users and is an editor, not more."""
    group = Group.objects.create(name="User managers")
    group.permissions.set(
        Permission.objects.filter(content_type__app_label="accounts", content_type__model="user")
    )
    return make_person("manager@example.com", EDITORS, "User managers")


def edit_url(person: User) -> str:
    return reverse("wagtailusers_users:edit", args=[person.pk])


def form_of(person: User, **changes: Any) -> dict[str, Any]:
    """What the edit form of `person` sends, with `changes`."""
    values = {
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "is_active": "on",
        "groups": [group.pk for group in person.groups.all()],
        "password1": "",
        "password2": "",
    }
    return values | changes


def test_an_administrator_adds_a_person(admin: User) -> None:
    group = Group.objects.get(name=EDITORS)
    response = client_of(admin).post(
        ADD,
        {
            "email": "New.Person@Example.com",
            "name": "New Person",
            "role": "user",
            "groups": [group.pk],
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert response.status_code == 302
    person = User.objects.get(email="new.person@example.com")
    assert (person.name, person.role, person.is_superuser) == ("New Person", Role.USER, False)
    assert list(person.groups.all()) == [group]
    assert person.check_password(PASSWORD)


def test_the_same_address_in_other_letters_is_refused(admin: User, editor: User) -> None:
    form = {"email": "EDITOR@example.com", "name": "Other", "role": "user"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    response = client_of(admin).post(ADD, form)
    assert response.status_code == 200
    assert "already exists" in response.content.decode()
    assert User.objects.count() == 2


def test_an_administrator_changes_a_person(admin: User, editor: User) -> None:
    group = Group.objects.get(name=MODERATORS)
    form = form_of(editor, name="Edith", role="admin", is_superuser="on", groups=[group.pk])
    response = client_of(admin).post(edit_url(editor), form)
    assert response.status_code == 302
    editor.refresh_from_db()
    assert (editor.name, editor.role, editor.is_superuser) == ("Edith", Role.ADMIN, True)
    assert list(editor.groups.all()) == [group]
    assert editor.check_password(PASSWORD)


def test_the_list_is_searched_by_name_and_address_and_sorted(admin: User) -> None:
    make_person("zoe@example.com", name="Aaron Zuse")
    make_person("anna@example.com", name="Zita Abel")
    client = client_of(admin)

    def names(query: str) -> list[str]:
        users = client.get(f"{INDEX}?{query}").context["object_list"]
        return [user.name for user in users]

    assert names("q=zuse") == ["Aaron Zuse"]
    assert names("q=anna@") == ["Zita Abel"]
    assert names("ordering=name") == ["Aaron Zuse", "Ada Admin", "Zita Abel"]
    assert names("ordering=-name") == ["Zita Abel", "Ada Admin", "Aaron Zuse"]
    assert names("ordering=email") == ["Ada Admin", "Zita Abel", "Aaron Zuse"]


def test_the_form_asks_for_one_name(admin: User, editor: User) -> None:
    for url in (ADD, edit_url(editor)):
        body = client_of(admin).get(url).content.decode()
        assert 'name="name"' in body
        assert 'name="role"' in body
        assert 'name="first_name"' not in body


@pytest.mark.parametrize("path", [INDEX, ADD])
def test_only_who_has_the_permission_sees_users(
    path: str, editor: User, moderator: User, stranger: User, manager: User
) -> None:
    assert client_of(manager).get(path).status_code == 200
    for person in (editor, moderator, stranger):
        assert client_of(person).get(path).status_code == 302


def test_a_manager_changes_a_person_with_no_more_rights(manager: User, editor: User) -> None:
    response = client_of(manager).post(edit_url(editor), form_of(editor, name="Edith"))
    assert response.status_code == 302
    editor.refresh_from_db()
    assert editor.name == "Edith"


@pytest.mark.parametrize("view", ["edit", "delete", "history", "usage"])
def test_a_manager_cannot_touch_people_with_more_rights(
    view: str, manager: User, moderator: User, admin: User
) -> None:
    service = make_person("machine@example.com", role=Role.SERVICE)
    client = client_of(manager)
    for person in (moderator, admin, service):
        url = reverse(f"wagtailusers_users:{view}", args=[person.pk])
        form = form_of(person, password1="taken over 1234", password2="taken over 1234")
        assert client.get(url).status_code == 302, person
        assert client.post(url, form).status_code == 302, person
        person.refresh_from_db()
        assert person.check_password(PASSWORD)


def test_a_manager_gives_neither_himself_nor_others_what_he_lacks(
    manager: User, editor: User
) -> None:
    own_groups = set(manager.groups.all())
    client = client_of(manager)
    for person in (manager, editor):
        for change in (
            {"groups": [Group.objects.get(name=MODERATORS).pk]},
            {"role": "admin"},
            {"role": "service"},
        ):
            response = client.post(edit_url(person), form_of(person, **change))
            assert response.status_code == 200, (person, change)
        client.post(edit_url(person), form_of(person, is_superuser="on", is_staff="on"))
        person.refresh_from_db()
        assert (person.role, person.is_superuser, person.is_staff) == (Role.USER, False, False)
    assert set(manager.groups.all()) == own_groups
    assert [group.name for group in editor.groups.all()] == [EDITORS]


def test_a_manager_cannot_add_a_superuser(manager: User) -> None:
    form = {"email": "new@example.com", "name": "New", "role": "user", "is_superuser": "on"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    assert client_of(manager).post(ADD, form).status_code == 302
    assert User.objects.get(email="new@example.com").is_superuser is False


def test_bulk_actions_leave_out_people_with_more_rights(
    manager: User, moderator: User, editor: User
) -> None:
    client = client_of(manager)
    people = f"id={moderator.pk}&id={editor.pk}"
    base = "/admin/bulk/accounts/user"
    client.post(f"{base}/set_active_state/?{people}", {"mark_as_active": "False"})
    client.post(f"{base}/delete/?id={moderator.pk}")
    moderators = Group.objects.get(name=MODERATORS)
    response = client.post(f"{base}/assign_role/?id={manager.pk}", {"role": moderators.pk})
    assert response.status_code == 200
    moderator.refresh_from_db()
    editor.refresh_from_db()
    assert (moderator.is_active, editor.is_active) == (True, False)
    assert moderators not in manager.groups.all()


def test_a_manager_may_bulk_assign_a_group_of_his_own(manager: User, stranger: User) -> None:
    group = Group.objects.get(name=EDITORS)
    url = f"/admin/bulk/accounts/user/assign_role/?id={stranger.pk}"
    assert client_of(manager).post(url, {"role": group.pk}).status_code == 302
    assert list(stranger.groups.all()) == [group]


@pytest.mark.parametrize("path", ["/admin/groups/", "/admin/groups/new/", "/admin/api-tokens/new/"])
def test_groups_and_tokens_are_for_superusers_only(path: str, manager: User, admin: User) -> None:
    manager.user_permissions.set(
        Permission.objects.filter(content_type__model__in=["group", "apitoken"])
    )
    assert client_of(manager).get(path).status_code == 302
    assert client_of(admin).get(path).status_code == 200


def test_nobody_switches_himself_off(admin: User) -> None:
    form = form_of(admin, name="Ada")
    del form["is_active"]
    assert client_of(admin).post(edit_url(admin), form).status_code == 302
    admin.refresh_from_db()
    assert (admin.is_active, admin.is_superuser, admin.name) == (True, True, "Ada")
