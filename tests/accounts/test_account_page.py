"""One's own account page."""

import pytest

from accounts.interface import User
from tests.people import client_of

pytestmark = pytest.mark.django_db

ACCOUNT = "/admin/account/"


def account_form(user: User, **changes: str) -> dict[str, str]:
    values = {
        "name_email-name": user.name,
        "name_email-email": user.email,
        "locale-preferred_language": "",
        "locale-current_time_zone": "",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
    }
    return values | changes


def test_a_person_changes_his_name_and_address(editor: User) -> None:
    client = client_of(editor)
    body = client.get(ACCOUNT).content.decode()
    assert 'name="name_email-name"' in body
    assert "first_name" not in body
    form = account_form(
        editor, **{"name_email-name": "Edith", "name_email-email": "E2@Example.com"}
    )
    assert client.post(ACCOUNT, form).status_code == 302
    editor.refresh_from_db()
    assert (editor.name, editor.email) == ("Edith", "e2@example.com")


def test_the_address_of_another_is_refused(editor: User, colleague: User) -> None:
    form = account_form(editor, **{"name_email-email": "Colleague@example.com"})
    assert client_of(editor).post(ACCOUNT, form).status_code == 200
    editor.refresh_from_db()
    assert editor.email == "editor@example.com"


def test_the_page_is_closed_to_strangers(stranger: User, client: object) -> None:
    assert client_of(stranger).get(ACCOUNT).status_code == 302


def test_the_menu_greets_by_name(editor: User) -> None:
    assert '"name": "Editor"' in client_of(editor).get(ACCOUNT).content.decode()
