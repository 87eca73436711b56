"""What follows when a receiver does not take what it is sent."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine

from core.interface import utc_now
from outbox.interface import LedgerEvent
from outbox.relay import Relay
from tests.factories.documents import Library
from tests.webhooks.doing import publish, send_all, statuses, subscribe
from tests.webhooks.receiver import Receiver, running_receiver
from webhooks.interface import (
    Actor,
    Attempt,
    Delivery,
    EndpointState,
    PausedReason,
    Subscription,
    resume_subscription,
)
from webhooks.lanes import CONCURRENCY
from webhooks.retries import MAX_TRIES, SCHEDULE_SECONDS, WAITS_SECONDS
from webhooks.sender import Sender

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
EVENTS = LedgerEvent.objects.filter(type__startswith="content.")


def test_the_specifications_schedule_is_kept_and_then_the_endpoint_is_paused(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(500)
    key = subscribe(actor, receiver.url).subscription.pk
    times: list[datetime] = []
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "a")
        Relay().drain()
        for wait in (0, *WAITS_SECONDS):
            if wait:
                clock.shift(wait - 1)
                Sender().drain()
                assert len(receiver.received) == len(times), "it was tried too early"
                clock.shift(1 + wait * 0.1)
            Sender().drain()
            times.append(utc_now())
            assert len(receiver.received) == len(times)
            if len(times) < MAX_TRIES:
                assert statuses() == ["pending"]
        assert SCHEDULE_SECONDS == 272_105

    assert statuses() == ["failed"]
    assert len(set(receiver.ids())) == 1
    stamps = [request.headers["webhook-timestamp"] for request in receiver.received]
    assert stamps == [str(int(at.timestamp())) for at in times]
    assert len({request.headers["webhook-signature"] for request in receiver.received}) == 10
    assert Attempt.objects.filter(status_code=500).count() == 10
    subscription = Subscription.objects.get(pk=key)
    assert (subscription.paused_reason, subscription.version) == (PausedReason.FAILING, 2)
    assert EndpointState.objects.get().notice_due_at is not None


def test_one_delivery_that_is_never_taken_pauses_no_endpoint_that_takes_others(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.answer = lambda request: (
        400 if request.content["data"]["slug"] == "post-poison" else 200,
        {},
        b"",
    )
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "poison")
        Relay().drain()
        for number, wait in enumerate((0, *WAITS_SECONDS)):
            clock.shift(wait * 1.1)
            publish(library, f"good-{number}")
            send_all()

    assert Counter(statuses()) == {"delivered": 10, "failed": 1}
    assert Subscription.objects.get().paused_at is None


def test_an_endpoint_that_fails_for_five_days_is_paused(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(500)
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "a")
        send_all()
        clock.shift(timedelta(days=5))
        send_all()

    assert Subscription.objects.get().paused_reason == PausedReason.FAILING
    assert statuses() == ["pending"]


def test_gone_pauses_at_once_and_what_waits_waits(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(410, b"moved to nowhere")
    key = subscribe(actor, receiver.url).subscription.pk
    publish(library, "a")
    publish(library, "a", title="Again")

    send_all()
    send_all()

    assert len(receiver.received) == 1
    assert statuses() == ["pending", "pending"]
    assert Subscription.objects.get().paused_reason == PausedReason.GONE
    receiver.always(200)
    resume_subscription(actor=actor, subscription_id=key)
    Sender().drain()
    assert statuses() == ["delivered", "delivered"]
    assert [item["type"] for item in receiver.contents()[1:]] == [
        "content.published",
        "content.updated",
    ]


def test_after_a_given_up_delivery_its_subject_goes_on(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.answer = lambda request: (
        422 if request.content["data"]["version"] == 1 else 200,
        {},
        b"",
    )
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "a")
        publish(library, "a", title="Second")
        Relay().drain()
        Delivery.objects.filter(sequence=2).update(tries=MAX_TRIES - 1)
        Sender().drain()
        clock.shift(1)

    assert statuses() == ["failed", "delivered"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overwhelmed_endpoint_is_left_alone(
    actor: Actor, receiver: Receiver, library: Library, status: int
) -> None:
    receiver.always(status)
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, *(f"p{number}" for number in range(20)))
        send_all()
        first = len(receiver.received)
        assert 1 <= first <= CONCURRENCY
        send_all()
        assert len(receiver.received) == first, "it was asked again while it is held"
        state = EndpointState.objects.get()
        assert state.failures_in_row == first
        clock.shift(60)
        send_all()
        assert len(receiver.received) == first + 1, "one alone tries whether it is well"

        receiver.always(200)
        clock.shift(400)
        send_all()
    assert set(statuses()) == {"delivered"}
    assert EndpointState.objects.get().failures_in_row == 0


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("3600", 3600),
        ("Sun, 01 Nov 2026 02:00:00 GMT", 7200),
        ("999999999", 86_400),
        ("soon", 5),
        ("Sun, 01 Nov 99999999999 02:00:00 GMT", 5),
    ],
)
def test_retry_after_is_honoured_within_bounds(
    actor: Actor, receiver: Receiver, library: Library, asked: str, expected: float
) -> None:
    receiver.always(503, Retry_After=asked)
    subscribe(actor, receiver.url)
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        publish(library, "a")
        send_all()
        wait = (Delivery.objects.get().next_try_at - utc_now()).total_seconds()
        held_until = EndpointState.objects.get().held_until

    assert expected <= wait <= max(expected, 5 * 1.1)
    assert held_until is not None
    if expected > 5:
        assert held_until >= Delivery.objects.get().next_try_at


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_t73_redirects_are_failures_and_not_followed(
    actor: Actor, receiver: Receiver, library: Library, status: int
) -> None:
    with running_receiver() as internal:
        receiver.always(status, Location=internal.url, Refresh=f"0; {internal.url}")
        subscribe(actor, receiver.url)
        publish(library, "a")
        send_all()

        assert internal.received == []
    assert statuses() == ["pending"]
    assert Attempt.objects.get().status_code == status
