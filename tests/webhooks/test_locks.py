"""What a change of a webhook does not hold up: look-ups of hosts and long replays hold no lock."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.interface import Invalid
from tests.people import client_of, make_person
from tests.webhooks.doing import subscribe
from webhooks import wanting
from webhooks.admin import acting
from webhooks.interface import (
    Actor,
    Replay,
    Subscription,
    pause_subscription,
    update_subscription,
)

pytestmark = pytest.mark.django_db(transaction=True)
URL = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def _loopback(loopback_allowed: None) -> None:
    pass


def test_a_host_is_looked_up_before_the_webhook_is_locked(actor: Actor, monkeypatch: Any) -> None:
    key = subscribe(actor, URL).subscription.pk
    looked: list[bool] = []
    monkeypatch.setattr(wanting, "check_url", lambda _: looked.append(connection.in_atomic_block))

    changed = update_subscription(actor=actor, subscription_id=key, url="https://b.example/")

    assert (changed.url, looked) == ("https://b.example/", [False])


def test_fields_fit_the_types_that_somebody_chose_meanwhile(actor: Actor, monkeypatch: Any) -> None:
    key = subscribe(actor, URL, content_types=["services"]).subscription.pk

    def meanwhile(_: str) -> None:
        Subscription.objects.update(content_types=["profiles"], version=2)

    monkeypatch.setattr(wanting, "check_url", meanwhile)
    with pytest.raises(Invalid) as caught:
        update_subscription(
            actor=actor, subscription_id=key, url="https://b.example/", fields="title,price"
        )

    assert [issue.pointer for issue in caught.value.issues] == ["fields"]
    assert Subscription.objects.get().url == URL


def test_a_change_does_not_hold_up_new_deliveries(actor: Actor) -> None:
    if not connection.features.has_select_for_no_key_update:
        pytest.skip("This database locks no rows.")
    key = subscribe(actor, URL).subscription.pk
    with CaptureQueriesContext(connection) as queries:
        pause_subscription(actor=actor, subscription_id=key)

    [lock] = [query["sql"] for query in queries if " FOR " in query["sql"]]
    assert " FOR NO KEY UPDATE" in lock


def test_the_form_replays_outside_of_the_requests_transaction(
    editorial_setup: None, monkeypatch: Any
) -> None:
    group = Group.objects.create(name="Webhooks")
    codes = ["access_admin", "add_subscription"]
    group.permissions.set(Permission.objects.filter(codename__in=codes))
    owner = make_person("form@example.com", group.name)
    webhook = subscribe(Actor(owner.pk), URL).subscription
    seen: list[bool] = []

    def replay(**_: Any) -> Replay:
        seen.append(connection.in_atomic_block)
        return Replay(0, None, None)

    monkeypatch.setattr(acting, "replay_range", replay)
    path = f"/admin/operations/webhooks/{webhook.pk}/replay/"
    assert client_of(owner).post(path, {"first": 1, "last": 2}).status_code == 302

    assert seen == [False]
