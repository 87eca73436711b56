from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.interface import User
from core.interface import Conflict, Forbidden, Invalid, NotFound, utc_now
from tests.factories.documents import Library
from webhooks.interface import (
    Actor,
    EndpointState,
    PausedReason,
    Subscription,
    VersionMismatch,
    WithSecret,
    actor_of,
    create_subscription,
    delete_subscription,
    get_subscription,
    list_subscriptions,
    pause_subscription,
    preview_subscription,
    resume_subscription,
    rotate_secret,
    update_subscription,
)
from webhooks.secrets import read_key
from webhooks.signing import keys_of

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def _loopback(loopback_allowed: None) -> None:
    pass


def make(actor: Actor, **values: Any) -> WithSecret:
    return create_subscription(
        actor=actor, **({"name": "Mirror", "url": URL, "event_types": ["content.*"]} | values)
    )


def test_a_new_webhook_has_a_secret_that_the_database_does_not_tell(actor: Actor) -> None:
    made = make(actor)

    stored = Subscription.objects.get(pk=made.subscription.pk)
    assert made.secret.startswith("whsec_")
    assert len(read_key(made.secret).raw) == 32
    assert read_key(made.secret).raw.hex() not in stored.secret
    assert made.secret not in str(vars(stored))
    assert [key.text for key in keys_of(stored, utc_now())] == [made.secret]
    assert EndpointState.objects.filter(pk=stored.pk).exists()
    assert stored.version == 1


def test_an_ed25519_webhook_shows_its_public_key(actor: Actor) -> None:
    made = make(actor, scheme="v1a")

    assert made.secret.startswith("whsk_")
    assert made.subscription.public_key == read_key(made.secret).public_text
    assert made.subscription.public_key.startswith("whpk_")


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"name": "  "}, {("name", "malformed")}),
        ({"name": "x" * 101}, {("name", "malformed")}),
        ({"name": "a\0b"}, {("name", "malformed")}),
        ({"event_types": []}, {("event_types", "missing")}),
        ({"event_types": ["content.burnt"]}, {("event_types", "unknown_type")}),
        ({"event_types": ["burnt.*"]}, {("event_types", "unknown_type")}),
        ({"event_types": "content.*"}, {("event_types", "malformed")}),
        ({"content_types": ["novels"]}, {("content_types", "unknown_type")}),
        ({"locales": ["tlh"]}, {("locales", "unknown_locale")}),
        ({"site": 99}, {("site", "unknown_site")}),
        ({"site": True}, {("site", "unknown_site")}),
        ({"fields": "title,plot"}, {("fields", "unknown_field")}),
        ({"fields": "title,("}, {("fields", "malformed")}),
        ({"url": "https://" + "a" * 2050 + ".example"}, {("url", "too_long")}),
        ({"name": "", "site": 99}, {("name", "malformed"), ("site", "unknown_site")}),
    ],
)
def test_each_fault_is_named(
    actor: Actor, values: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as caught:
        make(actor, **values)

    assert {(issue.pointer, issue.code) for issue in caught.value.issues} == faults
    assert Subscription.objects.count() == 0


def test_filters_name_what_there_is(actor: Actor) -> None:
    Library().open()

    made = make(
        actor,
        event_types=["content.published", "media.*", "*"],
        content_types=["blog-posts"],
        locales=["fr"],
        site=1,
        fields="title,authors(title)",
    ).subscription

    made.refresh_from_db()
    assert (made.content_types, made.locales, made.site) == (["blog-posts"], ["fr"], 1)


def test_nobody_has_more_than_a_hundred(actor: Actor) -> None:
    template = make(actor).subscription
    Subscription.objects.bulk_create(
        [
            Subscription(name=str(number), url=URL, owner_id=actor.user_id, secret=template.secret)
            for number in range(99)
        ]
    )

    with pytest.raises(Conflict):
        make(actor)


def test_a_change_is_a_new_version_and_no_change_is_none(actor: Actor) -> None:
    key = make(actor).subscription.pk

    assert update_subscription(actor=actor, subscription_id=key, name="Mirror").version == 1
    changed = update_subscription(
        actor=actor, subscription_id=key, name="Copy", is_active=False, expected_version=1
    )
    assert (changed.name, changed.is_active, changed.version) == ("Copy", False, 2)
    with pytest.raises(VersionMismatch):
        update_subscription(actor=actor, subscription_id=key, name="Late", expected_version=1)
    with pytest.raises(Invalid):
        update_subscription(actor=actor, subscription_id=key, fields="plot")
    assert get_subscription(actor, key).name == "Copy"


def test_fields_are_checked_with_the_content_types_that_stay(actor: Actor) -> None:
    key = make(actor, content_types=["services"], fields="title,price").subscription.pk

    with pytest.raises(Invalid) as caught:
        update_subscription(actor=actor, subscription_id=key, content_types=["profiles"])
    assert [issue.pointer for issue in caught.value.issues] == ["fields"]


def test_two_secrets_sign_while_a_rotation_lasts(actor: Actor) -> None:
    first = make(actor)
    key = first.subscription.pk
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        second = rotate_secret(actor=actor, subscription_id=key)

        def texts(hours: float) -> list[str]:
            at = utc_now() + timedelta(hours=hours)
            return [item.text for item in keys_of(get_subscription(actor, key), at)]

        assert texts(0) == [second.secret, first.secret]
        assert texts(23.99) == [second.secret, first.secret]
        assert texts(24) == [second.secret]
        third = rotate_secret(actor=actor, subscription_id=key, scheme="v1a", overlap=timedelta(0))
        assert texts(0) == [third.secret]
        assert third.secret.startswith("whsk_")
        assert get_subscription(actor, key).version == 3


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
def test_an_overlap_has_bounds(actor: Actor, overlap: timedelta) -> None:
    made = make(actor)

    with pytest.raises(Invalid):
        rotate_secret(actor=actor, subscription_id=made.subscription.pk, overlap=overlap)
    assert get_subscription(actor, made.subscription.pk).secret == made.subscription.secret


def test_strangers_find_nothing_and_change_nothing(actor: Actor, stranger_actor: Actor) -> None:
    key = make(actor).subscription.pk
    before = Subscription.objects.values().get()
    for call in (
        update_subscription,
        delete_subscription,
        rotate_secret,
        pause_subscription,
        resume_subscription,
        preview_subscription,
    ):
        with pytest.raises(NotFound):
            call(actor=stranger_actor, subscription_id=key)
    with pytest.raises(NotFound):
        get_subscription(stranger_actor, key)
    assert list(list_subscriptions(stranger_actor)) == []
    assert Subscription.objects.values().get() == before

    everybody = Actor(stranger_actor.user_id, manages_all=True)
    assert [item.pk for item in list_subscriptions(everybody)] == [key]
    delete_subscription(actor=everybody, subscription_id=key)
    assert Subscription.objects.count() == 0


def test_who_may_manage(owner: User) -> None:
    with pytest.raises(Forbidden):
        actor_of(owner)
    boss = User.objects.create_superuser("boss@example.com")
    assert actor_of(boss) == Actor(boss.pk, manages_all=True)


def test_pausing_and_resuming_twice_changes_nothing_more(actor: Actor) -> None:
    key = make(actor).subscription.pk
    for version in (2, 2):
        paused = pause_subscription(actor=actor, subscription_id=key)
        assert (paused.paused_reason, paused.version) == (PausedReason.OWNER, version)
    for version in (3, 3):
        resumed = resume_subscription(actor=actor, subscription_id=key)
        assert (resumed.paused_at, resumed.version) == (None, version)
