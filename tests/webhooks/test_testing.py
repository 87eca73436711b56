"""Sending a test: signed as any delivery, tried once, limited."""

from datetime import timedelta

import pytest
import time_machine
from standardwebhooks import Webhook

from accounts.interface import User
from core.interface import TooManyRequests, utc_now
from tests.factories.documents import Library
from tests.webhooks.doing import publish, send_all, subscribe
from tests.webhooks.receiver import Receiver
from webhooks.interface import (
    Actor,
    Attempt,
    Delivery,
    forget_test_counts,
    replay_delivery,
    send_test,
)
from webhooks.models import TestCount

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_test_arrives_signed_and_is_of_no_event(actor: Actor, receiver: Receiver) -> None:
    made = subscribe(actor, receiver.url)
    sent = send_test(actor=actor, subscription_id=made.subscription.pk)
    send_all()

    (request,) = receiver.received
    assert Webhook(made.secret).verify(request.body, request.headers) == request.content
    assert request.content["type"] == "webhook.test"
    assert request.content["data"]["webhook"]["id"] == str(made.subscription.pk)
    assert request.id == str(sent.event_id)
    sent.refresh_from_db()
    assert (sent.status, sent.tries, sent.sequence) == ("delivered", 1, None)


@pytest.mark.parametrize("status", [500, 400, 302])
def test_a_test_that_fails_is_not_tried_again(
    actor: Actor, receiver: Receiver, library: Library, status: int
) -> None:
    made = subscribe(actor, receiver.url)
    receiver.always(status)
    sent = send_test(actor=actor, subscription_id=made.subscription.pk)
    send_all()
    receiver.always(204)
    publish(library, "a")

    with time_machine.travel(utc_now() + timedelta(days=1), tick=True):
        send_all()
        sent.refresh_from_db()
        assert (sent.status, sent.tries) == ("failed", 1)
        assert Attempt.objects.filter(delivery=sent).count() == 1
        # What really happened is told all the same.
        assert Delivery.objects.filter(event_type="content.published", status="delivered").exists()


@pytest.mark.parametrize("asked", ["test", "replay"])
def test_what_a_person_asks_for_does_not_wait_for_an_endpoint_that_is_held(
    actor: Actor, receiver: Receiver, library: Library, asked: str
) -> None:
    receiver.always(503)
    key = subscribe(actor, receiver.url).subscription.pk
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        publish(library, "a")
        send_all()
        receiver.always(204)
        send_all()
        [waiting] = Delivery.objects.all()
        assert (len(receiver.received), waiting.status) == (1, "pending")

        if asked == "test":
            wanted = send_test(actor=actor, subscription_id=key)
        else:
            wanted = replay_delivery(actor=actor, subscription_id=key, delivery_id=waiting.pk)
        send_all()

    assert [item.id for item in receiver.received[1:]] == [str(wanted.event_id)]


def test_the_limit_ends_and_its_rows_go(actor: Actor, receiver: Receiver) -> None:
    pk = subscribe(actor, receiver.url).subscription.pk
    for _ in range(10):
        send_test(actor=actor, subscription_id=pk)
    with pytest.raises(TooManyRequests) as refused:
        send_test(actor=actor, subscription_id=pk)
    assert 590 <= refused.value.retry_after_seconds <= 600
    assert forget_test_counts() == 0

    with time_machine.travel(utc_now() + timedelta(seconds=601), tick=True):
        assert forget_test_counts() == 2
        assert not TestCount.objects.exists()
        send_test(actor=actor, subscription_id=pk)


def make_actor(number: int) -> Actor:
    return Actor(User.objects.create_user(f"person{number}@example.com").pk)


def test_the_host_is_limited_whoever_tests(receiver: Receiver, actor: Actor) -> None:
    people = [actor, *(make_actor(number) for number in range(2))]
    for person in people[:2]:
        pk = subscribe(person, receiver.url).subscription.pk
        for _ in range(10):
            send_test(actor=person, subscription_id=pk)
    pk = subscribe(people[2], receiver.url).subscription.pk
    with pytest.raises(TooManyRequests, match="At most 20 tests"):
        send_test(actor=people[2], subscription_id=pk)
