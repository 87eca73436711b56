"""From a publication to the receiver, through the pipeline, the sender and real HTTP."""

import base64
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from standardwebhooks import Webhook, WebhookVerificationError

from core.interface import utc_now
from outbox.interface import LedgerEvent
from outbox.relay import Relay
from tests.factories.documents import Library, id_of
from tests.webhooks.doing import publish, send_all, statuses, subscribe
from tests.webhooks.receiver import Answer, Received, Receiver, running_receiver
from webhooks.fan_out import send_webhooks_many
from webhooks.interface import (
    Actor,
    Attempt,
    Delivery,
    EndpointState,
    Subscription,
    pause_subscription,
    resume_subscription,
    rotate_secret,
    update_subscription,
)
from webhooks.lanes import CONCURRENCY
from webhooks.sender import Sender

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = LedgerEvent.objects.filter(type__startswith="content.")


def test_a_publication_reaches_the_receiver_signed(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    made = subscribe(actor, receiver.url, content_types=[])
    tag = library.tag("x")
    post = library.post("hello", tags=[tag])
    library.save()

    send_all()

    told = {item.content["data"]["id"]: item for item in receiver.received}
    assert set(told) == {str(tag), str(post)}
    request = told[str(post)]
    assert Webhook(made.secret).verify(request.body, request.headers) == request.content
    assert request.content["type"] == "content.published"
    assert request.content["data"]["type"] == "blog-posts"
    assert request.content["data"]["document"]["title"] == request.content["data"]["title"]
    assert [item["title"] for item in request.content["data"]["document"]["tags"]] == ["Tag x"]
    assert request.headers["content-type"] == "application/json"
    [delivery] = Delivery.objects.filter(subject=str(post))
    assert (delivery.status, delivery.tries) == ("delivered", 1)
    assert request.id == str(delivery.event_id)
    [attempt] = Attempt.objects.filter(delivery=delivery)
    assert (attempt.status_code, attempt.error) == (204, "")


@pytest.mark.parametrize("part", ["body", "webhook-id", "webhook-timestamp"])
def test_t76_a_changed_request_does_not_verify(
    actor: Actor, receiver: Receiver, library: Library, part: str
) -> None:
    made = subscribe(actor, receiver.url)
    publish(library, "a")
    send_all()
    [request] = receiver.received
    body, headers = request.body, dict(request.headers)
    if part == "body":
        body = body.replace(b"Post a", b"Post b")
    elif part == "webhook-id":
        headers[part] = str(id_of("post", "b"))
    else:
        headers[part] = str(int(headers[part]) + 1)

    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body, headers)


def _verify_ed25519(public_text: str, request: Received) -> None:
    """The specification's asymmetric scheme, by its words: `v1a,` over `id.timestamp.body`."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_text.removeprefix("whpk_")))
    signed = f"{request.id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    [signature] = [
        base64.b64decode(item.removeprefix("v1a,"))
        for item in request.headers["webhook-signature"].split(" ")
        if item.startswith("v1a,")
    ]
    key.verify(signature, signed)


def test_an_ed25519_signature_verifies_with_the_public_key(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    made = subscribe(actor, receiver.url, scheme="v1a")
    publish(library, "a")

    send_all()

    [request] = receiver.received
    _verify_ed25519(made.subscription.public_key, request)
    forged = Received(request.headers, request.body + b" ", request.connection)
    with pytest.raises(InvalidSignature):
        _verify_ed25519(made.subscription.public_key, forged)


def test_both_secrets_sign_during_a_rotation_and_one_after(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    old = subscribe(actor, receiver.url)
    new = rotate_secret(actor=actor, subscription_id=old.subscription.pk, scheme="v1a")
    publish(library, "a")
    send_all()
    with time_machine.travel(utc_now() + timedelta(hours=25), tick=False):
        publish(library, "b")
        send_all()

    during, after = receiver.received
    Webhook(old.secret).verify(during.body, during.headers)
    _verify_ed25519(new.subscription.public_key, during)
    versions = [item.split(",")[0] for item in during.headers["webhook-signature"].split(" ")]
    assert versions == ["v1a", "v1"]
    assert "v1," not in after.headers["webhook-signature"]
    _verify_ed25519(new.subscription.public_key, after)


@pytest.mark.parametrize("discard_waiting", [False, True])
def test_while_paused_everything_waits(
    actor: Actor, receiver: Receiver, library: Library, *, discard_waiting: bool
) -> None:
    key = subscribe(actor, receiver.url).subscription.pk
    pause_subscription(actor=actor, subscription_id=key)
    publish(library, "a", "b")
    send_all()
    assert (receiver.received, statuses()) == ([], ["pending", "pending"])

    resume_subscription(actor=actor, subscription_id=key, discard_waiting=discard_waiting)
    publish(library, "c")
    send_all()

    slugs = [item["data"]["slug"] for item in receiver.contents()]
    assert sorted(slugs) == (["post-c"] if discard_waiting else ["post-a", "post-b", "post-c"])
    assert statuses()[:2] == ["discarded" if discard_waiting else "delivered"] * 2


def test_an_inactive_webhook_hears_nothing_of_the_time_between(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    key = subscribe(actor, receiver.url).subscription.pk
    update_subscription(actor=actor, subscription_id=key, is_active=False)
    publish(library, "a")
    send_all()
    update_subscription(actor=actor, subscription_id=key, is_active=True)
    publish(library, "b")
    send_all()

    assert [item["data"]["slug"] for item in receiver.contents()] == ["post-b"]


def test_what_waited_for_a_webhook_that_is_made_inactive_is_discarded(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    """Also what was in hand then, and came back."""
    key = subscribe(actor, receiver.url).subscription.pk

    def answer(_: Received) -> Answer:
        update_subscription(actor=actor, subscription_id=key, is_active=False)
        connection.close()
        return (500, {}, b"")

    receiver.answer = answer
    publish(library, "a", "b")
    Relay().drain()
    of_b = Delivery.objects.filter(body__contains="post-b")
    assert of_b.update(next_try_at=utc_now() + timedelta(days=1)) == 1
    send_all()

    assert len(receiver.received) == 1
    assert statuses() == ["discarded", "discarded"]
    update_subscription(actor=actor, subscription_id=key, is_active=True)
    with time_machine.travel(utc_now() + timedelta(days=2)):
        send_all()
    assert len(receiver.received) == 1


def test_what_happened_before_a_webhook_is_not_told(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    publish(library, "before")
    subscribe(actor, receiver.url)
    publish(library, "after")

    send_all()

    assert [item["data"]["slug"] for item in receiver.contents()] == ["post-after"]


def test_within_a_subject_order_holds_and_others_do_not_wait(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    failing = True
    receiver.answer = lambda request: (
        500 if request.content["data"]["slug"] == "post-a" and failing else 200,
        {},
        b"",
    )
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "a")
        publish(library, "a", title="Second")
        publish(library, "a", title="Third")
        publish(library, "b")
        publish(library, "b", title="Second")
        send_all()
        told = [(i["data"]["slug"], i["data"]["version"]) for i in receiver.contents()]
        assert sorted(told) == [("post-a", 1), ("post-b", 1), ("post-b", 2)]
        assert statuses() == ["pending", "pending", "pending", "delivered", "delivered"]

        failing = False
        clock.shift(6)
        send_all()

    told = [(i["data"]["slug"], i["data"]["version"]) for i in receiver.contents()][3:]
    assert told == [("post-a", 1), ("post-a", 2), ("post-a", 3)]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success_is_any_2xx(
    actor: Actor, receiver: Receiver, library: Library, status: int
) -> None:
    receiver.always(status)
    subscribe(actor, receiver.url)
    publish(library, "a")
    send_all()

    assert statuses() == ["delivered"]


def test_the_log_has_every_attempt_with_the_start_of_the_answer(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(500, b"out of \0 luck " + b"x" * 5000)
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "a")
        send_all()
        receiver.always(200, b"thanks")
        clock.shift(6)
        send_all()

    first, second = Attempt.objects.order_by("pk")
    assert first.status_code == 500
    assert first.response_excerpt.startswith("out of � luck xxx")
    assert len(first.response_excerpt) <= 1000
    assert (second.status_code, second.response_excerpt) == (200, "thanks")
    assert (second.started_at - first.started_at).total_seconds() == 6
    [delivery] = Delivery.objects.all()
    assert (delivery.tries, delivery.status) == (2, "delivered")


def test_an_endpoint_gets_four_at_a_time_on_kept_connections(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    are_four = threading.Event()

    def answer(_: Received) -> Answer:
        if receiver.in_flight == CONCURRENCY:
            are_four.set()
        are_four.wait(60)  # the first ones for the fourth
        return (200, {}, b"")

    receiver.answer = answer
    subscribe(actor, receiver.url)
    publish(library, *(f"p{number}" for number in range(24)))
    send_all()

    assert receiver.most_in_flight == CONCURRENCY
    assert len({request.connection for request in receiver.received}) == CONCURRENCY
    assert sorted(receiver.ids()) == sorted(map(str, EVENTS.values_list("id", flat=True)))


def test_an_endpoint_that_was_quiet_for_a_moment_keeps_its_connection(
    actor: Actor, receiver: Receiver, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhooks.sender._LINGER_SECONDS", 60.0)
    subscribe(actor, receiver.url)
    sender = Sender()
    for count, key in enumerate("abc", 1):
        publish(library, key)
        Relay().drain()
        sender._is_woken = True
        ends = time.monotonic() + 30
        while statuses() != ["delivered"] * count or not sender._lanes or _uses_some(sender):
            assert time.monotonic() < ends
            sender.run_pass()
            sender._wait(0.01)
    [lane] = sender._lanes.values()
    assert len(lane._connections) == 1
    sender.close()

    assert len(receiver.received) == 3
    assert len({request.connection for request in receiver.received}) == 1
    assert lane._connections == [], "it is ended with the lane"


def _uses_some(sender: Sender) -> bool:
    return not all(lane._connections for lane in sender._lanes.values())


def test_running_the_step_again_adds_nothing(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    subscribe(actor, receiver.url)
    publish(library, "a", "b")
    events = list(EVENTS.all())

    assert send_webhooks_many(events) == [None, None]
    send_all()
    assert send_webhooks_many(events) == [None, None]
    send_all()

    assert Delivery.objects.count() == 2
    assert len(receiver.received) == 2


def test_several_senders_share_the_endpoints_and_nothing_is_sent_twice(
    actor: Actor, library: Library, loopback_allowed: None
) -> None:
    with running_receiver() as one, running_receiver() as two, running_receiver() as three:
        for receiver in (one, two, three):
            subscribe(actor, receiver.url)
        publish(library, *(f"p{number}" for number in range(30)))
        Relay().drain()

        def work() -> None:
            Sender().drain()
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        Sender().drain()

        for receiver in (one, two, three):
            assert sorted(Counter(receiver.ids()).values()) == [1] * 30
    assert Counter(statuses()) == {"delivered": 90}


def test_what_a_lost_sender_had_in_hand_comes_back_with_the_same_id(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    subscribe(actor, receiver.url)
    publish(library, "a")
    Relay().drain()
    Delivery.objects.update(status="sending")
    EndpointState.objects.update(
        lease_id=id_of("sender", 1), lease_until=utc_now() + timedelta(seconds=30)
    )
    Sender().drain()
    assert receiver.received == []

    with time_machine.travel(utc_now() + timedelta(seconds=31)):
        Sender().drain()

    assert receiver.ids() == [str(EVENTS.get().id)]
    assert statuses() == ["delivered"]


def test_a_webhook_that_is_deleted_on_the_way_takes_its_log_along(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    def answer(_: Received) -> Answer:
        Subscription.objects.all().delete()
        connection.close()
        return (200, {}, b"")

    receiver.answer = answer
    subscribe(actor, receiver.url)
    publish(library, "a")
    send_all()

    assert len(receiver.received) == 1
    assert (Delivery.objects.count(), Attempt.objects.count()) == (0, 0)
