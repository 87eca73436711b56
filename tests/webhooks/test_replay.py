import socket
from collections import Counter
from contextlib import closing
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command

from core.interface import Invalid, utc_now
from outbox.interface import LedgerEvent
from tests.factories.documents import Library
from tests.webhooks.doing import publish, send_all, statuses, subscribe
from tests.webhooks.receiver import Receiver
from webhooks.interface import (
    Actor,
    Attempt,
    Delivery,
    EndpointState,
    NoSuchDelivery,
    NoSuchSubscription,
    Subscription,
    pause_subscription,
    remove_old_deliveries,
    replay_delivery,
    replay_range,
    replay_since,
    send_due_notices,
)
from webhooks.sender import Sender

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = LedgerEvent.objects.filter(type__startswith="content.").order_by("sequence")


def test_one_delivery_goes_again_with_its_id_and_a_new_time(
    actor: Actor, stranger_actor: Actor, receiver: Receiver, library: Library
) -> None:
    key = subscribe(actor, receiver.url).subscription.pk
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        publish(library, "a", "b")
        send_all()
        first = Delivery.objects.order_by("sequence").first()
        with pytest.raises(NoSuchSubscription):
            replay_delivery(actor=stranger_actor, subscription_id=key, delivery_id=first.pk)
        with pytest.raises(NoSuchDelivery):
            replay_delivery(actor=actor, subscription_id=key, delivery_id=first.pk + 1000)
        clock.shift(3600)
        replay_delivery(actor=actor, subscription_id=key, delivery_id=first.pk)
        send_all()

    before = next(item for item in receiver.received if item.id == str(first.event_id))
    again = receiver.received[2]
    assert (again.id, again.body) == (before.id, before.body)
    stamps = [int(item.headers["webhook-timestamp"]) for item in (before, again)]
    assert stamps[1] - stamps[0] == 3600
    assert Attempt.objects.filter(delivery=first).count() == 2
    assert len(receiver.received) == 3


def test_a_stretch_goes_again_in_order_with_what_was_never_wanted_before(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    publish(library, "a")
    publish(library, "a", title="Before the webhook")
    key = subscribe(actor, receiver.url).subscription.pk
    publish(library, "a", title="After")
    send_all()
    assert len(receiver.received) == 1
    numbers = list(EVENTS.values_list("sequence", flat=True))

    done = replay_range(actor=actor, subscription_id=key, first=1, last=numbers[-1])
    send_all()

    assert done.count == 3
    again = receiver.contents()[1:]
    assert [item["data"]["version"] for item in again] == [1, 2, 3]
    assert [item["data"]["document"]["title"] for item in again] == [
        "Post a",
        "Before the webhook",
        "After",
    ]
    assert [item.id for item in receiver.received[1:]] == [str(event.id) for event in EVENTS]


def test_everything_since_a_time(actor: Actor, receiver: Receiver, library: Library) -> None:
    key = subscribe(actor, receiver.url).subscription.pk
    publish(library, "a")
    since = utc_now()
    publish(library, "b", "c")
    send_all()

    done = replay_since(actor=actor, subscription_id=key, since=since)
    assert replay_since(actor=actor, subscription_id=key, since=utc_now()).count == 0
    send_all()

    assert done.count == 2
    assert sorted(Counter(item["data"]["slug"] for item in receiver.contents()).items()) == [
        ("post-a", 1),
        ("post-b", 2),
        ("post-c", 2),
    ]


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 4), (1, 10_001)])
def test_a_stretch_has_bounds(actor: Actor, first: int, last: int, loopback_allowed: None) -> None:
    key = subscribe(actor, "http://127.0.0.1:9/").subscription.pk

    with pytest.raises(Invalid):
        replay_range(actor=actor, subscription_id=key, first=first, last=last)


def test_what_waited_behind_a_failure_follows_its_replay_at_once(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(400)
    key = subscribe(actor, receiver.url).subscription.pk
    publish(library, "a")
    publish(library, "a", title="Second")
    send_all()
    publish(library, "a", title="Third")
    send_all()
    assert len(receiver.received) == 1
    receiver.always(200)

    first = Delivery.objects.order_by("sequence").first()
    replay_delivery(actor=actor, subscription_id=key, delivery_id=first.pk)
    send_all()

    assert [item["data"]["version"] for item in receiver.contents()] == [1, 1, 2, 3]


@pytest.fixture
def mailbox(settings: Any) -> Any:
    """A real SMTP server, and the mails that it took."""

    class Keeping:
        def __init__(self) -> None:
            self.taken: list[tuple[list[str], str]] = []

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            self.taken.append((envelope.rcpt_tos, envelope.content.decode()))
            return "250 OK"

    keeping = Keeping()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(keeping, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield keeping
    controller.stop()


def test_the_owner_of_a_paused_webhook_gets_one_mail(
    actor: Actor, receiver: Receiver, library: Library, mailbox: Any
) -> None:
    receiver.always(410)
    subscribe(actor, receiver.url, name="Mirror of the shop")
    publish(library, "a")
    send_all()

    assert (send_due_notices(), send_due_notices()) == (1, 0)

    [(addresses, text)] = mailbox.taken
    assert addresses == ["owner@example.com"]
    assert "Subject: Webhook paused: Mirror of the shop" in text
    assert "410 Gone" in text


def test_a_mail_that_does_not_go_out_goes_later(
    actor: Actor, receiver: Receiver, library: Library, mailbox: Any, settings: Any
) -> None:
    receiver.always(410)
    subscribe(actor, receiver.url)
    publish(library, "a")
    send_all()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9

    assert send_due_notices() == 0
    settings.EMAIL_PORT = port
    assert send_due_notices() == 0, "it waits a minute"
    with time_machine.travel(utc_now() + timedelta(minutes=2)):
        assert send_due_notices() == 1
    assert len(mailbox.taken) == 1
    assert EndpointState.objects.get().notice_due_at is None


def test_who_pauses_by_hand_gets_no_mail(
    actor: Actor, mailbox: Any, loopback_allowed: None
) -> None:
    key = subscribe(actor, "http://127.0.0.1:9/").subscription.pk
    pause_subscription(actor=actor, subscription_id=key)

    assert send_due_notices() == 0


def test_the_log_is_forgotten_after_its_time(
    actor: Actor, receiver: Receiver, library: Library, settings: Any
) -> None:
    settings.WEBHOOK_RETENTION_DAYS = 30
    key = subscribe(actor, receiver.url).subscription.pk
    publish(library, "old")
    send_all()
    pause_subscription(actor=actor, subscription_id=key)
    publish(library, "waits")
    send_all()
    assert remove_old_deliveries() == 0

    with time_machine.travel(utc_now() + timedelta(days=31)):
        assert remove_old_deliveries() == 1
        assert statuses() == ["discarded"]
        assert Attempt.objects.count() == 0
    with time_machine.travel(utc_now() + timedelta(days=62)):
        assert remove_old_deliveries() == 1
    assert Delivery.objects.count() == 0


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("webhooks", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_tells_and_replays(
    actor: Actor, receiver: Receiver, library: Library
) -> None:
    key = str(subscribe(actor, receiver.url).subscription.pk)
    publish(library, "a", "b")
    send_all()
    last = EVENTS.last().sequence

    assert f"{key}  active    Mirror  {receiver.url}  content.*" in run("list")
    assert '"waiting": 0' in run("status")
    assert run("replay", key, "--from", "1", "--to", str(last)) == "2 deliveries are due again.\n"
    assert '"waiting": 2' in run("status")
    assert run("replay", key, "--since", "2000-01-01T00:00Z").startswith("2 ")
    one = str(Delivery.objects.first().pk)
    assert run("replay", key, "--delivery", one) == "1 deliveries are due again.\n"
    Sender().drain()
    assert len(receiver.received) == 4
    with pytest.raises(CommandError, match="--to"):
        run("replay", key, "--from", "1")
    Subscription.objects.all().delete()
    with pytest.raises(CommandError, match="no such webhook"):
        run("replay", key, "--from", "1", "--to", "2")
