import pytest

from accounts.interface import User
from cms.models import HomePage, StandardPage
from tests.cms.editing import make_draft, make_home
from tests.people import (
    admin,
    colleague,
    editor,
    editorial_setup,
    moderator,
    onlooker,
    operator,
    stranger,
)

__all__ = [
    "admin",
    "colleague",
    "editor",
    "editorial_setup",
    "moderator",
    "onlooker",
    "operator",
    "stranger",
]


@pytest.fixture
def home(editorial_setup: None) -> HomePage:
    return make_home()


@pytest.fixture
def page(home: HomePage, editor: User) -> StandardPage:
    return make_draft(home, editor)
