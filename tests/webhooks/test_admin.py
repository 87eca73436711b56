"""Webhooks in the admin: who sees what, what each page does, and that nothing hostile runs."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.interface import User
from core.interface import utc_now
from tests.people import client_of, make_person
from webhooks.admin.urls import webhook_urls
from webhooks.interface import Attempt, Delivery, DeliveryStatus, Subscription

pytestmark = pytest.mark.django_db
LIST = "/admin/operations/webhooks/"
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"
FORM = {"name": "Website", "url": "https://8.8.8.8/hooks", "event_types": ["content.*"]}
POST_ONLY = {"webhook_pause", "webhook_test", "webhook_delivery_replay"}
# What a POST to each address does, for those who may.
POSTS: dict[str, dict[str, Any]] = {
    "webhook_add": {**FORM, "scheme": "v1"},
    "webhook_edit": {**FORM, "name": "Other", "version": 1},
    "webhook_rotate": {"overlap_seconds": 3600},
    "webhook_delete": {},
    "webhook_pause": {},
    "webhook_resume": {},
    "webhook_test": {},
    "webhook_replay": {"first": 1, "last": 2},
    "webhook_delivery_replay": {},
}


def make_manager(email: str, *permissions: str) -> User:
    group, _ = Group.objects.get_or_create(name=f"Webhooks {'-'.join(permissions)}")
    codes = ["access_admin", *permissions]
    group.permissions.set(Permission.objects.filter(codename__in=codes))
    return make_person(email, group.name)


@pytest.fixture
def owner(editorial_setup: None) -> User:
    return make_manager("owner@example.com", "add_subscription")


@pytest.fixture
def other_owner(editorial_setup: None) -> User:
    return make_manager("other@example.com", "add_subscription")


@pytest.fixture
def manager(editorial_setup: None) -> User:
    return make_manager("manager@example.com", "change_subscription")


def make_webhook(owner: User, **changes: Any) -> Subscription:
    """By the form, as a person makes it."""
    response = client_of(owner).post(
        f"{LIST}add/", {**POSTS["webhook_add"], "is_active": "on"} | changes
    )
    assert response.status_code == 302, response.content.decode()[-3000:]
    return Subscription.objects.latest("created_at")


def make_delivery(webhook: Subscription, sequence: int = 1, **fields: Any) -> Delivery:
    fields = {"status": DeliveryStatus.FAILED, "settled_at": utc_now()} | fields
    delivery = Delivery.objects.create(
        subscription=webhook,
        sequence=sequence,
        event_id=webhook.pk,
        event_type="content.published",
        subject=HOSTILE[:60],
        body='{"type":"content.published","data":{"title":"' + HOSTILE + '"}}',
        tries=1,
        **fields,
    )
    Attempt.objects.create(
        delivery=delivery,
        started_at=utc_now(),
        duration_ms=1234,
        status_code=500,
        error=HOSTILE,
        response_excerpt=HOSTILE,
    )
    return delivery


def addresses(webhook: Subscription, delivery: Delivery) -> dict[str, str]:
    """Every address of the package, by name: a new one is tried without being listed here."""
    found = {}
    for pattern in webhook_urls():
        values: dict[str, Any] = {}
        if "webhook_id" in str(pattern.pattern):
            values["webhook_id"] = webhook.pk
        if "delivery_id" in str(pattern.pattern):
            values["delivery_id"] = delivery.pk
        found[str(pattern.name)] = reverse(str(pattern.name), kwargs=values)
    return found


def rows() -> list[Any]:
    return [list(Subscription.objects.values()), list(Delivery.objects.values())]


def test_every_page_for_every_kind_of_person(
    owner: User, other_owner: User, manager: User, editor: User, stranger: User
) -> None:
    webhook = make_webhook(owner)
    delivery = make_delivery(webhook)
    before = rows()
    found = addresses(webhook, delivery)
    assert len(found) == 16

    for name, path in found.items():
        is_of_one = str(webhook.pk) in path
        for method in ("get", "post"):
            if method == "post" and name not in POSTS:
                continue
            data = POSTS.get(name, {}) if method == "post" else {}
            expected = 405 if method == "get" and name in POST_ONLY else 404 if is_of_one else None
            if expected is not None:
                got = getattr(client_of(other_owner), method)(path, data).status_code
                assert got == expected, (name, method)
            assert getattr(client_of(editor), method)(path, data).status_code in {302, 403}, name
            for browser in (Client(), client_of(stranger)):
                refused = getattr(browser, method)(path, data)
                assert refused.status_code in {302, 403}, (name, method)
                assert path not in refused.headers.get("Location", "").split("?")[0]
    assert rows() == before
    for name, path in found.items():
        for person in (owner, manager):
            status = client_of(person).get(path).status_code
            assert status == (405 if name in POST_ONLY else 200), (name, status)


@pytest.mark.parametrize("name", sorted(POSTS))
def test_every_deed_asks_for_a_token_of_the_form(owner: User, name: str) -> None:
    webhook = make_webhook(owner)
    path = addresses(webhook, make_delivery(webhook))[name]
    if name == "webhook_resume":
        client_of(owner).post(path.replace("resume", "pause"))
    before = rows()
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.post(path, POSTS[name]).status_code == 403
    assert rows() == before
    assert client_of(owner).post(path, POSTS[name]).status_code == 302
    assert rows() != before


def test_the_menu_has_an_entry_for_those_who_may(owner: User, editor: User) -> None:
    assert f'"{LIST}"' in client_of(owner).get("/admin/").content.decode()
    assert LIST not in client_of(editor).get("/admin/").content.decode()


def test_an_editor_gets_403_and_not_a_redirect_loop(editor: User) -> None:
    response = client_of(editor).get(LIST, headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 403


def test_the_secret_is_shown_once_and_is_not_in_the_session_as_it_is(owner: User) -> None:
    client = client_of(owner)
    made = client.post(f"{LIST}add/", POSTS["webhook_add"] | {"is_active": "on"})
    webhook = Subscription.objects.get()
    assert made["Location"] == f"{LIST}{webhook.pk}/secret/"
    kept = str(dict(client.session))

    first = client.get(made["Location"])
    (secret,) = re.findall(r'value="(whsec_[^"]+)"', first.content.decode())
    assert first["Cache-Control"] == "private, no-store"
    assert secret not in kept + webhook.secret
    again = client.get(made["Location"]).content.decode()
    assert "whsec_" not in again
    assert "shown once" in again

    rotated = client.post(
        f"{LIST}{webhook.pk}/rotate-secret/", {"overlap_seconds": 3600}, follow=True
    )
    (other,) = re.findall(r'value="(whsec_[^"]+)"', rotated.content.decode())
    assert other != secret
    assert "old secret signs too until" in client.get(f"{LIST}{webhook.pk}/").content.decode()


def test_the_form_says_what_is_wrong_beside_each_field(owner: User) -> None:
    data = {**POSTS["webhook_add"], "url": "https://127.0.0.1/x", "fields_sent": "nothing"}
    response = client_of(owner).post(f"{LIST}add/", data)

    errors = response.context["form"].errors
    assert set(errors) == {"url", "fields_sent"} or set(errors) == {"url"}
    assert not Subscription.objects.exists()
    empty = client_of(owner).post(f"{LIST}add/", {})
    assert set(empty.context["form"].errors) == {"name", "url", "event_types", "scheme"}


def test_an_edit_does_not_undo_anothers(owner: User) -> None:
    webhook = make_webhook(owner)
    path = f"{LIST}{webhook.pk}/edit/"
    data = {**POSTS["webhook_edit"], "is_active": "on"}

    assert client_of(owner).post(path, data).status_code == 302
    refused = client_of(owner).post(path, data | {"name": "Third"})
    assert refused.status_code == 200
    assert "Somebody has changed this webhook" in refused.content.decode()
    webhook.refresh_from_db()
    assert (webhook.name, webhook.version) == ("Other", 2)


def test_what_a_webhook_names_besides_stays_chosen(owner: User) -> None:
    webhook = make_webhook(owner)
    Subscription.objects.update(event_types=["content.published", "media.*"], locales=["xx"])
    form = client_of(owner).get(f"{LIST}{webhook.pk}/edit/").context["form"]

    assert {"*", "content.*", "content.published", "media.*", "xx"} <= {
        name for field in ("event_types", "locales") for name, _ in form.fields[field].choices
    }
    assert form.initial["event_types"] == ["content.published", "media.*"]


def test_what_receivers_answer_is_only_text(owner: User) -> None:
    webhook = make_webhook(owner, name=HOSTILE[:90])
    delivery = make_delivery(webhook)
    for name, path in addresses(webhook, delivery).items():
        if name in POST_ONLY:
            continue
        html = client_of(owner).get(path).content.decode()
        assert "<script>alert" not in html, name
        assert "<img src=x" not in html, name
    page = client_of(owner).get(f"{LIST}{webhook.pk}/deliveries/{delivery.pk}/").content.decode()
    assert page.count("&lt;script&gt;alert") >= 4


def test_pausing_testing_and_resuming(owner: User) -> None:
    webhook = make_webhook(owner)
    client, one = client_of(owner), f"{LIST}{webhook.pk}/"

    sent = client.post(f"{one}test/", follow=True)
    assert "webhook.test" in sent.content.decode()
    assert 'http-equiv="refresh"' in sent.content.decode()
    client.post(f"{one}pause/")
    assert "paused by hand" in client.get(one).content.decode()
    refused = client.post(f"{one}test/", follow=True).content.decode()
    assert "Nothing is sent while the webhook is paused" in refused
    assert "1 delivery has waited" in client.get(f"{one}resume/").content.decode()
    client.post(f"{one}resume/", {"discard": "1"})
    webhook.refresh_from_db()
    assert webhook.paused_at is None
    assert set(Delivery.objects.values_list("status", flat=True)) == {"discarded"}


def test_tests_end_with_a_word_about_when_to_go_on(owner: User) -> None:
    webhook = make_webhook(owner)
    path = f"{LIST}{webhook.pk}/test/"
    client = client_of(owner)
    for _ in range(10):
        assert "/deliveries/" in client.post(path)["Location"]
    refused = client.post(path, follow=True).content.decode()
    assert "At most 10 tests in 10 minutes. Try again in 10 minutes." in refused
    assert Delivery.objects.count() == 10


def test_the_log_is_filtered(owner: User) -> None:
    webhook = make_webhook(owner)
    make_delivery(webhook, 11, status=DeliveryStatus.DELIVERED)
    make_delivery(webhook, 12)
    client, one = client_of(owner), f"{LIST}{webhook.pk}/"

    def numbers(query: str) -> list[str]:
        html = client.get(f"{one}results/{query}").content.decode()
        return re.findall(r"<td[^>]*>\s*(1[12])\s*</td>", html)

    assert numbers("") == ["12", "11"]
    assert numbers("?status=delivered") == ["11"]
    assert numbers("?status=failed&event_type=content.published") == ["12"]
    assert numbers("?event_type=site.changed") == []
    assert client.get(f"{one}?status=nothing&created_at_from=x&p=99").status_code == 200


@pytest.mark.parametrize("number", ["0", "999999999999999999999999"])
def test_a_delivery_that_cannot_be(owner: User, number: str) -> None:
    webhook = make_webhook(owner)
    for path in (f"{number}/", f"{number}/replay/"):
        address = f"{LIST}{webhook.pk}/deliveries/{path}"
        method = client_of(owner).post if "replay" in path else client_of(owner).get
        assert method(address).status_code == 404


def test_a_replay_needs_a_time_or_two_numbers(owner: User) -> None:
    webhook = make_webhook(owner)
    make_delivery(webhook)
    path = f"{LIST}{webhook.pk}/replay/"
    for wrong in (
        {},
        {"first": 1},
        {"since": "2026-01-01T10:00", "first": 1, "last": 2},
        {"first": 2, "last": 1},
        {"first": 1, "last": 99999},
        {"since": "yesterday"},
    ):
        response = client_of(owner).post(path, wrong)
        assert response.status_code == 200, wrong
        assert response.context["form"].errors, wrong
    assert client_of(owner).post(path, {"since": "2026-01-01T10:00"}).status_code == 302


@pytest.mark.parametrize("page", ["list", "one"])
def test_a_page_costs_the_same_however_much_there_is(manager: User, owner: User, page: str) -> None:
    webhook = make_webhook(owner)
    client = client_of(manager)
    path = LIST if page == "list" else f"{LIST}{webhook.pk}/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    make_delivery(webhook)
    cost()
    counts = [cost()]
    for number in range(2, 12):
        make_delivery(webhook, number)
        make_delivery(make_webhook(owner), number)
    counts.append(cost())
    assert counts[0] == counts[1]
