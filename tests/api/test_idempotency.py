"""A request with a key happens once, whatever its caller does (T-90 to T-93)."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections

from api.interface import remove_idempotency_keys
from api.models import IdempotencyKey
from core.interface import utc_now
from tests.api.callers import HOOK, Caller
from webhooks.interface import Subscription, create_subscription

KEY = "4f8e2c1a"


def create(caller: Caller, key: str = KEY, **changes: Any) -> Any:
    return caller.post("/webhooks", HOOK | changes, Idempotency_Key=key)


@pytest.mark.django_db
def test_a_repetition_gets_the_first_answer(owner: Caller) -> None:
    first, second = create(owner), create(owner)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    for name in ("ETag", "Location", "Content-Type", "Cache-Control", "Content-Length"):
        assert first[name] == second[name], name
    assert Subscription.objects.count() == 1


@pytest.mark.django_db
def test_the_stored_answer_tells_no_secret(owner: Caller) -> None:
    secret = create(owner).json()["data"]["secret"]
    kept = str(list(IdempotencyKey.objects.values()))

    assert "whsec_" not in kept
    assert secret not in kept


@pytest.mark.django_db
def test_another_request_under_the_same_key(owner: Caller, colleague: Caller) -> None:
    made = create(owner).json()["data"]

    for other in (
        create(owner, name="Other"),
        owner.post(f"/webhooks/{made['id']}/pause", Idempotency_Key=KEY),
    ):
        assert other.status_code == 422
        assert other.json()["type"].endswith("key-reused")
        assert other.json()["errors"][0]["pointer"] == "header/Idempotency-Key"
    assert create(colleague, name="Other").status_code == 201
    # The same members in another order are the same request.
    turned = dict(reversed(HOOK.items()))
    again = owner.post("/webhooks", turned, Idempotency_Key=KEY)
    assert again["Idempotent-Replayed"] == "true"
    assert Subscription.objects.count() == 2


@pytest.mark.django_db
def test_without_a_key_each_request_counts(owner: Caller) -> None:
    for _ in range(2):
        assert owner.post("/webhooks", HOOK).status_code == 201
    assert Subscription.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "a\x00", "\u20ac", "a\tb"])
def test_keys_that_are_none(owner: Caller, key: str) -> None:
    response = create(owner, key)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "header/Idempotency-Key"
    assert not Subscription.objects.exists()


@pytest.mark.django_db
def test_the_longest_key(owner: Caller) -> None:
    assert create(owner, "x" * 255).status_code == 201
    assert create(owner, "x" * 255)["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again_in_a_better_form(owner: Caller) -> None:
    refused = create(owner, url="https://127.0.0.1/x")
    assert refused.status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert create(owner).status_code == 201


@pytest.mark.django_db
def test_a_failure_of_ours_is_the_answer_too(owner: Caller, monkeypatch: Any) -> None:
    def crash(*_args: Any, **_kwargs: Any) -> None:
        Subscription.objects.create(name="Half done", url="https://8.8.8.8", secret="x")
        raise RuntimeError("whsec_canary")

    with monkeypatch.context() as patched:
        patched.setattr("api.v1.routers.webhooks.create_subscription", crash)
        first = create(owner)
    second = create(owner)

    assert (first.status_code, second.status_code) == (500, 500)
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert second["Content-Type"] == "application/problem+json"
    assert b"canary" not in first.content
    # What was begun is undone.
    assert not Subscription.objects.exists()


@pytest.mark.django_db
def test_a_conflict_is_the_answer_too(owner: Caller) -> None:
    one = f"/webhooks/{owner.make()['id']}"
    owner.post(f"{one}/pause")
    first = owner.post(f"{one}/test", Idempotency_Key=KEY)
    owner.post(f"{one}/resume")
    second = owner.post(f"{one}/test", Idempotency_Key=KEY)

    assert (first.status_code, second.status_code) == (409, 409)
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_a_limit_is_not_the_answer(owner: Caller) -> None:
    path = f"/webhooks/{owner.make()['id']}/test"
    for number in range(10):
        assert owner.post(path, Idempotency_Key=str(number)).status_code == 202
    assert owner.post(path, Idempotency_Key=KEY).status_code == 429
    with time_machine.travel(utc_now() + timedelta(minutes=11), tick=True):
        assert owner.post(path, Idempotency_Key=KEY).status_code == 202


@pytest.mark.django_db
def test_while_one_is_under_way_others_wait(owner: Caller) -> None:
    create(owner)
    IdempotencyKey.objects.update(status=None, body="", started_at=utc_now())

    busy = create(owner)
    assert (busy.status_code, busy.json()["type"]) == (409, "/api/docs/problems/conflict")
    assert create(owner, name="Other").status_code == 422
    # Its process has died: nothing of it remains but the key.
    with time_machine.travel(utc_now() + timedelta(seconds=61), tick=True):
        assert create(owner).status_code == 201
    assert Subscription.objects.count() == 2


@pytest.mark.django_db
def test_who_was_overtaken_undoes_what_he_did(owner: Caller, monkeypatch: Any) -> None:
    """The first request hangs for longer than its key is held; another one takes it over."""

    def hang(**wishes: Any) -> Any:
        made = create_subscription(**wishes)
        IdempotencyKey.objects.update(attempt=made.subscription.pk)
        return made

    monkeypatch.setattr("api.v1.routers.webhooks.create_subscription", hang)
    response = create(owner)

    assert response.status_code == 409
    assert not Subscription.objects.exists()


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_day(owner: Caller) -> None:
    create(owner)
    with time_machine.travel(utc_now() + timedelta(hours=23, minutes=59), tick=True):
        assert remove_idempotency_keys() == 0
    with time_machine.travel(utc_now() + timedelta(hours=24, seconds=1), tick=True):
        assert remove_idempotency_keys() == 1
        assert create(owner).status_code == 201
    assert Subscription.objects.count() == 2


@pytest.mark.django_db
def test_when_the_answer_cannot_be_read_nothing_is_done_twice(owner: Caller) -> None:
    create(owner)
    IdempotencyKey.objects.update(body="encrypted with keys that the operator has replaced")

    assert create(owner).status_code == 409
    assert Subscription.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one(owner: Caller) -> None:
    answers: list[Any] = []
    gate = threading.Barrier(20)

    def send() -> None:
        caller = Caller()
        caller.headers = owner.headers
        gate.wait()
        try:
            answers.append(create(caller))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = Counter(response.status_code for response in answers)
    assert set(statuses) <= {201, 409}, [item.content for item in answers]
    assert statuses[201] >= 1
    assert statuses.total() == 20
    assert len({item.content for item in answers if item.status_code == 201}) == 1
    assert Subscription.objects.count() == 1
    assert create(owner)["Idempotent-Replayed"] == "true"
    connection.close()
