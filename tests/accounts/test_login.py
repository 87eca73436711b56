"""The one login, and its limit on wrong passwords."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.interface import User
from accounts.models import LoginFailures
from tests.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("accounts.login_throttle.utc_now", clock)
    monkeypatch.setattr("cms.admin.login_page.utc_now", clock)
    return clock


def sign_in(
    client: Client, email: str, password: str = PASSWORD, address: str = "192.0.2.1"
) -> Any:
    return client.post(LOGIN, {"username": email, "password": password}, REMOTE_ADDR=address)


def test_an_editor_signs_in_by_address_in_any_case(editor: User, client: Client) -> None:
    response = sign_in(client, "Editor@Example.com")
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_the_sixth_try_is_refused_and_says_until_when(
    editor: User, client: Client, clock: Clock
) -> None:
    for number in range(5):
        assert sign_in(client, editor.email, "wrong", f"192.0.2.{number}").status_code == 200
        clock.pass_seconds(10)
    response = sign_in(client, editor.email, PASSWORD, "192.0.2.9")
    assert response.status_code == 429
    assert response["Retry-After"] == "250"
    assert "Try again in 5 minutes (after 10:05:00 UTC)" in response.content.decode()
    assert client.get("/admin/").status_code == 302


def test_the_limit_ends_by_itself_however_often_it_is_tried(
    editor: User, client: Client, clock: Clock
) -> None:
    for _ in range(5):
        sign_in(client, editor.email, "wrong")
    for _ in range(29):
        clock.pass_seconds(10)
        assert sign_in(client, editor.email, "wrong").status_code == 429
    clock.pass_seconds(11)
    assert sign_in(client, editor.email).status_code == 302


def test_an_unknown_account_answers_the_same(editor: User, client: Client, clock: Clock) -> None:
    bodies = []
    for email in (editor.email, "nobody@example.com"):
        for number in range(5):
            sign_in(client, email, "wrong", f"192.0.2.{number}")
        response = sign_in(client, email, "wrong", "192.0.2.9")
        assert response.status_code == 429
        bodies.append(response.content.decode().replace(email, "EMAIL"))
    assert bodies[0].count("Too many wrong passwords") == 1
    assert bodies[1].count("Too many wrong passwords") == 1


def test_one_address_cannot_try_many_accounts(client: Client, db: None, clock: Clock) -> None:
    statuses = [
        sign_in(client, f"user{number}@example.com", "wrong").status_code for number in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2
    assert sign_in(client, "x@example.com", "wrong", "192.0.2.77").status_code == 200
    clock.pass_seconds(61)
    assert sign_in(client, "x@example.com", "wrong").status_code == 200


def test_a_whole_ipv6_network_counts_as_one_address(client: Client, db: None, clock: Clock) -> None:
    statuses = [
        sign_in(client, f"u{number}@example.com", "wrong", f"2001:db8::{number:x}").status_code
        for number in range(11)
    ]
    assert statuses == [200] * 10 + [429]


def test_a_right_password_forgets_the_failures(editor: User, client: Client, clock: Clock) -> None:
    for _ in range(4):
        sign_in(client, editor.email, "wrong")
    assert sign_in(client, editor.email).status_code == 302
    client.logout()
    statuses = [sign_in(Client(), editor.email, "wrong").status_code for _ in range(5)]
    assert statuses == [200] * 5


def test_a_stranger_cannot_lock_out_a_browser_that_signed_in_before(
    editor: User, client: Client, clock: Clock
) -> None:
    assert sign_in(client, editor.email).status_code == 302
    client.post("/admin/logout/")
    for number in range(5):
        sign_in(Client(), editor.email, "wrong", f"198.51.100.{number}")
    assert sign_in(Client(), editor.email, PASSWORD, "198.51.100.9").status_code == 429
    assert sign_in(client, editor.email).status_code == 302


def test_a_known_browser_has_a_limit_too_and_only_for_its_account(
    editor: User, client: Client, clock: Clock
) -> None:
    other = make_person("other@example.com")
    sign_in(client, editor.email)
    client.post("/admin/logout/")
    statuses = [sign_in(client, editor.email, "wrong").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    statuses = [sign_in(client, other.email, "wrong").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_forged_cookie_changes_nothing(editor: User, client: Client, clock: Clock) -> None:
    for _ in range(5):
        sign_in(client, editor.email, "wrong")
    client.cookies["galley_device"] = "e30:1abcde:forged"
    assert sign_in(client, editor.email).status_code == 429


def test_an_empty_field_is_no_try(editor: User, client: Client, clock: Clock) -> None:
    for _ in range(20):
        assert sign_in(client, editor.email, "").status_code == 200
    assert sign_in(client, editor.email).status_code == 302


def test_old_failures_are_not_kept(editor: User, client: Client, clock: Clock) -> None:
    sign_in(client, "someone@example.com", "wrong")
    clock.pass_seconds(3601)
    sign_in(client, editor.email, "wrong", "192.0.2.2")
    subjects = LoginFailures.objects.values_list("subject", flat=True)
    assert sorted(subject.partition(":")[0] for subject in subjects) == ["account", "address"]


def test_a_forwarded_address_counts_only_behind_a_proxy(
    client: Client, db: None, clock: Clock, settings: Settings
) -> None:
    def statuses() -> list[int]:
        return [
            client.post(
                LOGIN,
                {"username": f"p{number}@example.com", "password": "wrong"},
                headers={"X-Forwarded-For": f"203.0.113.{number}"},
            ).status_code
            for number in range(11)
        ]

    assert statuses() == [200] * 10 + [429]
    settings.TRUSTED_PROXIES = 1
    assert statuses() == [200] * 11


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_do_not_slip_past_the_count() -> None:
    User.objects.create_user("editor@example.com", PASSWORD, name="Editor")

    def try_once(number: int) -> int:
        try:
            return int(
                sign_in(Client(), "editor@example.com", "wrong", f"192.0.2.{number}").status_code
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(try_once, range(16)))
    assert sorted(statuses) == [200] * 5 + [429] * 11


@pytest.mark.parametrize(
    "email",
    ["\x00", "\ud800@example.com", "x" * 100_000, "' OR 1=1 --", "\uff25ditor@example.com"],
)
def test_a_hostile_address_is_a_wrong_one(email: str, editor: User, client: Client) -> None:
    body = urlencode({"username": email, "password": PASSWORD}, errors="surrogatepass")
    for _ in range(6):
        response = client.post(LOGIN, body, "application/x-www-form-urlencoded")
        assert response.status_code in {200, 429}
    assert client.get("/admin/").status_code == 302


def test_password_reset_by_mail_is_closed(client: Client, db: None) -> None:
    assert client.get("/admin/password_reset/").status_code == 404
    assert "password_reset" not in client.get(LOGIN).content.decode()


@pytest.mark.parametrize("path", ["/django-admin/", "/admin/login/", "/admin/pages/"])
def test_there_is_one_door(path: str, client: Client, db: None) -> None:
    response = client.get(path)
    assert response.status_code == {"/django-admin/": 404, "/admin/login/": 200}.get(path, 302)


def test_admin_answers_carry_security_headers(editor: User, client: Client) -> None:
    response = client.get(LOGIN)
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "script-src 'self' 'unsafe-inline';" in response["Content-Security-Policy"]
