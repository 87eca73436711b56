"""What a webhook's URL and its receiver cannot do to us: T-70 to T-76."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
import time_machine

from core.http_exchange import open_connection
from core.interface import OutboundLimits
from tests.factories.documents import Library
from tests.webhooks.doing import publish, send_all, statuses, subscribe
from tests.webhooks.receiver import Receiver, raw_server, running_receiver
from tests.webhooks.resolving import answering
from webhooks import sending
from webhooks.interface import (
    Actor,
    Attempt,
    Delivery,
    NoSuchSubscription,
    Subscription,
    delete_subscription,
    delivery_page,
    get_subscription,
    list_attempts,
    list_subscriptions,
    pause_subscription,
    preview_subscription,
    replay_range,
    resume_subscription,
    rotate_secret,
    send_test,
    subscription_page,
    update_subscription,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@contextmanager
def listening(host: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[int, list[bytes]]]:
    """A port on loopback, and every byte that reaches it."""
    received: list[bytes] = []

    def note(connection: socket.socket) -> None:
        received.append(b"connected")
        connection.settimeout(2)
        while data := connection.recv(4096):
            received.append(data)

    with raw_server(note, host, port) as url:
        yield int(url.split(":")[2].split("/")[0]), received


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
def test_t70_an_internal_address_is_refused_at_each_send(
    actor: Actor, library: Library, settings: Any, host: str
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with listening() as (port, received):
        subscribe(actor, f"http://{host}:{port}/")
        settings.OUTBOUND_ALLOWED_NETWORKS = []
        publish(library, "a")
        send_all()

        assert received == []
    attempt = Attempt.objects.get()
    assert attempt.error.startswith("AddressRefused: ")
    assert (attempt.status_code, attempt.response_excerpt) == (None, "")
    assert statuses() == ["pending"]


def test_t72_a_name_that_turns_internal_after_it_was_saved_is_refused(
    actor: Actor, library: Library, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    with listening() as (port, received):
        settings.OUTBOUND_PUBLIC_PORTS = frozenset({port})
        answering(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
        subscribe(actor, f"https://hooks.example:{port}/")
        publish(library, "a")
        send_all()

        assert received == []
    assert Attempt.objects.get().error.startswith("AddressRefused: ")


BOTH_PLACES = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])


@dataclass
class Crossing:
    """Who heard of two events: the receiver that the name meant at first, and the other one."""

    receiver: Receiver
    at_the_other: list[bytes]


@contextmanager
def name_that_moves_while_it_is_called(
    actor: Actor, library: Library, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crossing]:
    """Saved and checked it means one place; asked once more, it means the other, on the same port."""
    with running_receiver() as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        with listening("127.0.0.2", port) as (_, received):
            answering(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"])
            subscribe(actor, f"http://hooks.example:{port}/hook")
            publish(library, "a")
            send_all()
            yield Crossing(receiver, received)


@BOTH_PLACES
def test_t72_the_address_that_was_checked_is_the_one_that_is_called(
    actor: Actor, library: Library, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Checked once per request: whatever a second look-up would say, nobody asks."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    with name_that_moves_while_it_is_called(actor, library, monkeypatch) as crossing:
        receiver = crossing.receiver
        assert len(receiver.received) == 1
        port = receiver.url.split(":")[2].split("/")[0]
        assert receiver.received[0].headers["host"] == f"hooks.example:{port}"
        publish(library, "b")
        send_all()
        assert len(receiver.received) == 1
        assert crossing.at_the_other == []
    assert statuses() == ["delivered", "pending"]


@BOTH_PLACES
def test_t72_a_client_that_looks_up_again_is_found_at_the_other_address(
    actor: Actor, library: Library, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """What the test above would say of a client that does not pin what it has checked."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]

    def connect(_addresses: Any, port: int, **how: Any) -> Any:
        return open_connection(["hooks.example"], port, **how)  # type: ignore[list-item]

    monkeypatch.setattr("core.http_client.open_connection", connect)
    monkeypatch.setattr(sending, "LIMITS", OutboundLimits(1, 1, 1024))
    with name_that_moves_while_it_is_called(actor, library, monkeypatch) as crossing:
        assert crossing.receiver.received == []
        assert crossing.at_the_other != []


def _read_request(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)


def _silence(connection: socket.socket) -> None:
    _read_request(connection)
    connection.settimeout(30)
    connection.recv(1)


def _drops(connection: socket.socket) -> None:
    _read_request(connection)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n" + b"X" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def _body_in_drops(connection: socket.socket) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.05)


def _huge_headers(connection: socket.socket) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 65536))


HANGING: dict[str, Callable[[socket.socket], None]] = {
    "never_answers": _silence,
    "headers_in_drops": _drops,
    "body_in_drops": _body_in_drops,
}


@pytest.mark.parametrize("serve", [*HANGING.values(), _huge_headers])
def test_t75_an_answer_that_does_not_end_is_a_failure_in_time(
    actor: Actor,
    library: Library,
    loopback_allowed: None,
    monkeypatch: pytest.MonkeyPatch,
    serve: Callable[[socket.socket], None],
) -> None:
    monkeypatch.setattr(sending, "LIMITS", OutboundLimits(2, 2, 1024))
    with raw_server(serve) as url:
        subscribe(actor, url)
        publish(library, "a")
        send_all()

    attempt = Attempt.objects.get()
    assert attempt.status_code is None
    # Whoever had no deadline would see the connection end, or the whole of the drops.
    too_much = "ConnectionFailed: " if serve is _huge_headers else "DeadlinePassed: "
    assert attempt.error.startswith(too_much)
    assert statuses() == ["pending"]


def test_t75_the_deadline_is_fifteen_seconds_and_little_is_read() -> None:
    assert sending.LIMITS.deadline_seconds == 15
    assert sending.LIMITS.max_body_bytes <= 64 * 1024


@pytest.mark.parametrize("encoding", [b"", b"Content-Encoding: gzip\r\n"])
def test_t75_of_ten_gigabytes_the_first_bytes_are_read(
    actor: Actor, library: Library, loopback_allowed: None, encoding: bytes
) -> None:
    """A body that claims to be compressed stays as it is: nothing here unpacks it."""
    sent = 0

    def serve(connection: socket.socket) -> None:
        nonlocal sent
        _read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n%sContent-Length: 10000000000\r\n\r\n" % encoding)
        while True:
            sent += connection.send(b"\x1f\x8b" * 32768)

    with raw_server(serve) as url:
        subscribe(actor, url)
        publish(library, "a")
        send_all()

    assert statuses() == ["delivered"]
    assert len(Attempt.objects.get().response_excerpt) <= 1000
    assert sent < 20_000_000


def test_t75_receivers_that_hang_delay_no_other(
    actor: Actor,
    library: Library,
    loopback_allowed: None,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty-four of them, more than a sender has endpoints in hand at a time."""
    monkeypatch.setattr(sending, "LIMITS", OutboundLimits(3, 3, 1024))
    all_arrived = threading.Event()
    waited_in_vain = []

    def answer(_: object) -> tuple[int, dict[str, str], bytes]:
        if len(receiver.received) == 10:
            all_arrived.set()
        return (200, {}, b"")

    def hang(connection: socket.socket) -> None:
        _read_request(connection)
        is_second = sending.LIMITS.deadline_seconds > 60
        if not all_arrived.wait(60) and is_second:
            waited_in_vain.append(1)

    receiver.answer = answer
    with raw_server(hang) as hanging:
        for number in range(34):
            subscribe(actor, hanging, name=f"Hanging {number}")
        publish(library, "first")
        send_all()  # now they are known to be in trouble
        subscribe(actor, receiver.url, name="Well")
        publish(library, *(f"p{number}" for number in range(10)))
        # Now they hang until the other one has everything.
        monkeypatch.setattr(sending, "LIMITS", OutboundLimits(90, 90, 1024))
        with time_machine.travel("2030-01-01T00:00Z"):  # all of them are due once more
            send_all()

    assert len(receiver.received) == 10
    assert not waited_in_vain, "it waited for those that hang"


def test_t75_a_receiver_that_hangs_keeps_its_own_others_waiting_alone(
    actor: Actor, library: Library, loopback_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets a handful of requests at a time, not one for each delivery."""
    monkeypatch.setattr(sending, "LIMITS", OutboundLimits(1, 1, 1024))
    connected = []
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with lock:
            connected.append(1)
        _silence(connection)

    with raw_server(serve) as url:
        subscribe(actor, url)
        publish(library, *(f"p{number}" for number in range(50)))
        send_all()

    assert len(connected) <= 4
    assert Attempt.objects.count() == len(connected)
    assert Delivery.objects.filter(status="pending").count() == 50


SECRET_OF_THE_RECEIVER = "stack trace of the receiver"


def seen_by(actor: Actor, webhook: UUID) -> str:
    """All that the webhooks which this person can read tell of themselves, in one text."""
    found = [*list_subscriptions(actor), *subscription_page(actor, limit=10).rows]
    with suppress(NoSuchSubscription):
        found.append(get_subscription(actor, webhook))
    rows: list[Any] = [*found]
    for subscription in found:
        for delivery in delivery_page(subscription, limit=10).rows:
            rows += [delivery, *list_attempts(delivery)]
    return "\n".join(str(vars(row)) for row in rows)


def test_t76_a_strangers_eyes_see_no_answer_and_nobodys_a_secret(
    actor: Actor, stranger_actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(500, SECRET_OF_THE_RECEIVER.encode())
    made = subscribe(actor, receiver.url)
    publish(library, "a")
    send_all()

    own = seen_by(actor, made.subscription.pk)
    assert SECRET_OF_THE_RECEIVER in own
    assert made.secret.removeprefix("whsec_") not in own
    assert seen_by(stranger_actor, made.subscription.pk) == ""


DOINGS: dict[str, Callable[[Actor, UUID], object]] = {
    "pause": lambda actor, key: pause_subscription(actor=actor, subscription_id=key),
    "resume": lambda actor, key: resume_subscription(actor=actor, subscription_id=key),
    "rotate": lambda actor, key: rotate_secret(actor=actor, subscription_id=key),
    "test": lambda actor, key: send_test(actor=actor, subscription_id=key),
    "change": lambda actor, key: update_subscription(actor=actor, subscription_id=key, name="X"),
    "remove": lambda actor, key: delete_subscription(actor=actor, subscription_id=key),
    "replay": lambda actor, key: replay_range(actor=actor, subscription_id=key, first=1, last=1),
    "preview": lambda actor, key: preview_subscription(actor=actor, subscription_id=key),
}


@pytest.mark.django_db
@pytest.mark.parametrize("do", DOINGS.values(), ids=DOINGS)
def test_t76_a_stranger_does_nothing_with_anothers_webhook(
    actor: Actor,
    stranger_actor: Actor,
    loopback_allowed: None,
    do: Callable[[Actor, UUID], object],
) -> None:
    key = subscribe(actor, "http://127.0.0.1:9/").subscription.pk
    before = list(Subscription.objects.values())

    with pytest.raises(NoSuchSubscription):
        do(stranger_actor, key)

    assert list(Subscription.objects.values()) == before
    assert Delivery.objects.count() == 0
    # The same person, once everybody's webhooks are that person's to manage.
    do(replace(stranger_actor, manages_all=True), key)


def test_a_refused_port_is_an_attempt_that_failed(
    actor: Actor, library: Library, loopback_allowed: None
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:
        port = sock.getsockname()[1]
    subscribe(actor, f"http://127.0.0.1:{port}/")
    publish(library, "a")
    send_all()

    assert Attempt.objects.get().error.startswith("ConnectionFailed: ")
