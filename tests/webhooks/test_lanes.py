"""What a sender does when things happen between its steps: driven step by step, without threads."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError

from core.interface import new_uuid7, utc_now
from tests.outbox.waiting import wait_until
from tests.webhooks.doing import statuses, subscribe
from tests.webhooks.receiver import Receiver
from webhooks import claiming, lanes, sender
from webhooks.interface import Actor, Delivery, EndpointState, Meaning, Outcome, Subscription
from webhooks.lanes import Lane, Result
from webhooks.sender import Sender
from webhooks.sending import Message
from webhooks.settling import settle

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = new_uuid7()


def _message(number: int, subject: str) -> Message:
    return Message(number, new_uuid7(), subject, b"{}", tries=0, is_test=False)


def _outcome(message: Message, meaning: Meaning) -> Outcome:
    return Outcome(message=message, meaning=meaning, started_at=utc_now(), duration_ms=1)


def _deliveries(to: Subscription, *subjects: str) -> list[Delivery]:
    return Delivery.objects.bulk_create(
        Delivery(
            subscription=to,
            sequence=number,
            event_id=new_uuid7(),
            event_type="content.published",
            subject=subject,
            body="{}",
        )
        for number, subject in enumerate(subjects, 1)
    )


def _take(lane: Lane) -> Message:
    """As a thread does that works on the lane."""
    assert lane.workers_wanted()
    message = lane._take()
    assert message is not None
    return message


def test_a_halted_lane_takes_nothing_in_hand() -> None:
    lane = Lane(Subscription(), LEASE, failures_in_row=0)
    assert lane.add([_message(1, "a"), _message(2, "b")]) == []
    outcome = _outcome(_take(lane), Meaning.OVERWHELMED)

    assert lane._finish(outcome) == [2]
    assert lane.is_halted
    assert lane.add([_message(3, "c")]) == [3]
    lane.count_settled(outcome)
    assert lane.in_hand == 0


def test_nothing_overtakes_a_failure_that_is_not_settled() -> None:
    lane = Lane(Subscription(), LEASE, failures_in_row=0)
    lane.add([_message(1, "a"), _message(2, "a"), _message(3, "a")])
    delivered = _outcome(_take(lane), Meaning.DELIVERED)
    assert lane._finish(delivered) == []
    refused = _outcome(_take(lane), Meaning.REFUSED)
    assert lane._finish(refused) == [3]

    later, other = _message(4, "a"), _message(5, "b")
    assert lane.add([later, other]) == [4]
    lane.count_settled(delivered)
    assert lane.add([later]) == [4], "the success of an earlier one settles no failure"
    lane.count_settled(refused)
    assert lane.add([later]) == []


def test_what_a_lane_refuses_is_due_again(
    actor: Actor, monkeypatch: Any, loopback_allowed: None
) -> None:
    """The lane is halted by one of its threads while the sender asks for more."""
    made = subscribe(actor, "http://127.0.0.1:9/").subscription
    _deliveries(made, "a", "b")
    lane = Lane(made, LEASE, failures_in_row=0)
    take_due = claiming.take_due

    def overtaken(lane: Lane, *, limit: int) -> Any:
        taken = take_due(lane, limit=limit)
        assert statuses() == ["sending", "sending"]
        lane.halt()
        return taken

    monkeypatch.setattr(sender, "take_due", overtaken)
    Sender()._fill(lane, is_woken=True)

    assert (lane.in_hand, statuses()) == (0, ["pending", "pending"])


def test_a_thread_that_fails_ends_the_sender(
    actor: Actor, monkeypatch: Any, loopback_allowed: None
) -> None:
    def broken(*_: object) -> Outcome:
        raise LookupError("odd")

    monkeypatch.setattr(lanes, "attempt", broken)
    _deliveries(subscribe(actor, "http://127.0.0.1:9/").subscription, "a")

    with pytest.raises(RuntimeError) as raised:
        Sender().drain()
    assert isinstance(raised.value.__cause__, LookupError)


def test_an_endpoint_that_went_to_another_is_known_as_lost_before_results_are_settled(
    actor: Actor, receiver: Receiver
) -> None:
    receiver.always(500)
    made = subscribe(actor, receiver.url).subscription
    _deliveries(made, "a")
    one = Sender()
    one.run_pass()
    one._news.put(one._news.get(timeout=20))
    other = new_uuid7()
    EndpointState.objects.update(lease_id=other)
    one._renew_at = 0.0

    one.run_pass()

    assert statuses() == ["sending"], "another's by now"
    assert EndpointState.objects.get().lease_id == other
    one.close()


def test_after_the_database_was_away_the_leases_are_looked_at_first(monkeypatch: Any) -> None:
    one = Sender()
    one._renew_at = float("inf")
    monkeypatch.setattr(sender, "_DATABASE_AWAY_SECONDS", 0)
    looked: list[float] = []

    def away() -> None:
        looked.append(one._renew_at)
        if len(looked) == 2:
            one._stop.set()
        raise DatabaseError

    monkeypatch.setattr(one, "run_pass", away)
    one.run_forever()

    assert looked == [float("inf"), 0.0]


def test_once_sends_to_more_endpoints_than_one_has_in_hand(
    actor: Actor, receiver: Receiver, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sender, "MAX_LANES", 2)
    for number in range(5):
        _deliveries(subscribe(actor, receiver.url, name=f"w{number}").subscription, "a")

    Sender().drain()

    assert statuses() == ["delivered"] * 5


def test_an_endpoint_with_ever_more_to_send_keeps_no_other_waiting(
    actor: Actor, receiver: Receiver, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sender, "MAX_LANES", 1)
    monkeypatch.setattr(sender, "TURN_SECONDS", 0.0)
    busy, quiet = (subscribe(actor, receiver.url, name=name).subscription for name in "ab")
    _deliveries(busy, *(f"s{number}" for number in range(600)))
    _deliveries(quiet, "a")
    one = Sender()

    def told_quiet() -> bool:
        one._is_woken = True
        one.run_pass()
        return Delivery.objects.filter(subscription=quiet, status="delivered").exists()

    wait_until(told_quiet)

    one.close()
    open_to_busy = Delivery.objects.filter(subscription=busy, status="pending")
    assert open_to_busy.count() > 300, "its turn ended, and it is to have more"
    Sender().drain()
    assert statuses() == ["delivered"] * 601
    assert len(receiver.ids()) == 601


def test_a_success_right_after_a_refusal_ends_the_failing(
    actor: Actor, loopback_allowed: None
) -> None:
    made = subscribe(actor, "http://127.0.0.1:9/").subscription
    rows = _deliveries(made, "a", "b", "c")
    lane = Lane(made, LEASE, failures_in_row=0)
    known = []
    with time_machine.travel(utc_now() + timedelta(seconds=1), tick=False):
        for row, meaning in zip(
            rows, (Meaning.DELIVERED, Meaning.REFUSED, Meaning.DELIVERED), strict=True
        ):
            settle([Result(lane, _outcome(_message(row.pk, row.subject), meaning))])
            known.append(EndpointState.objects.get().failing_since is not None)

    assert known == [False, True, False]
