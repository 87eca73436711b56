"""The standing people of access tests: an owner, a colleague, those above them, and a stranger."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.interface import User
from cms.workflows import EDITORS, MODERATORS, OPERATORS, ensure_editorial_setup

PASSWORD = "correct horse battery staple"


def make_person(email: str, *groups: str, **fields: object) -> User:
    """A user with the tests' password, in groups that exist."""
    fields = {"name": email.partition("@")[0].title()} | fields
    user = User.objects.create_user(email, PASSWORD, **fields)
    user.groups.set(Group.objects.filter(name__in=groups))
    assert user.groups.count() == len(groups)
    return user


def client_of(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editorial_setup(db: None) -> None:
    ensure_editorial_setup()


@pytest.fixture
def editor(editorial_setup: None) -> User:
    """Owns the pages of a test."""
    return make_person("editor@example.com", EDITORS)


@pytest.fixture
def colleague(editorial_setup: None) -> User:
    """Has the same rights as the editor."""
    return make_person("colleague@example.com", EDITORS)


@pytest.fixture
def moderator(editorial_setup: None) -> User:
    return make_person("moderator@example.com", MODERATORS)


@pytest.fixture
def admin(editorial_setup: None) -> User:
    return User.objects.create_superuser("admin@example.com", PASSWORD, name="Ada Admin")


@pytest.fixture
def stranger(editorial_setup: None) -> User:
    """Can sign in, and has no rights in the admin."""
    return make_person("stranger@example.com")


@pytest.fixture
def operator(editorial_setup: None) -> User:
    """Runs the site, and may edit none of its pages."""
    return make_person("operator@example.com", OPERATORS)


@pytest.fixture
def onlooker(editorial_setup: None) -> User:
    """May see Operations, and not act there."""
    person = make_person("onlooker@example.com")
    rights = Permission.objects.filter(codename__in=["access_admin", "view_operations"])
    person.user_permissions.set(rights)
    return person
