"""Operations in the admin: who sees it, and who learns of nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from accounts.interface import User
from cms.workflows import OPERATORS, ensure_editorial_setup
from tests.people import client_of

pytestmark = pytest.mark.django_db
OVERVIEW = "/admin/operations/"


def test_operators_and_superusers_see_the_section(
    admin: User, operator: User, onlooker: User
) -> None:
    for user in (admin, operator, onlooker):
        response = client_of(user).get(OVERVIEW)
        assert response.status_code == 200
        assert f'"{OVERVIEW}"' in client_of(user).get("/admin/").content.decode()


def test_others_are_turned_away(editor: User, moderator: User, stranger: User) -> None:
    for user in (editor, moderator):
        response = client_of(user).get(OVERVIEW)
        assert (response.status_code, response["Location"]) == (302, "/admin/")
        assert OVERVIEW not in client_of(user).get("/admin/").content.decode()
    assert client_of(stranger).get(OVERVIEW).status_code == 302
    anonymous = Client().get(OVERVIEW)
    assert anonymous["Location"] == f"/admin/login/?next={OVERVIEW}"


def test_operators_may_operate_and_nothing_else(editorial_setup: None) -> None:
    ensure_editorial_setup()
    group = Group.objects.get(name=OPERATORS)
    assert set(group.permissions.values_list("codename", flat=True)) == {
        "access_admin",
        "view_operations",
        "manage_operations",
    }
    assert not GroupPagePermission.objects.filter(group=group).exists()
    assert not GroupCollectionPermission.objects.filter(group=group).exists()


def test_the_permissions_can_be_given_to_a_group(admin: User, editorial_setup: None) -> None:
    group: Any = Group.objects.get(name=OPERATORS)
    form = client_of(admin).get(f"/admin/groups/edit/{group.pk}/").content.decode()
    for codename in ("view_operations", "manage_operations"):
        permission = Permission.objects.get(codename=codename)
        assert f'value="{permission.pk}"' in form
