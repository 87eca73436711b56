"""What a webhook's URL and its receiver cannot do to us: T-70 to T-76."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import time_machine

from core.interface import Invalid, OutboundLimits
from tests.factories.documents import Library
from tests.webhooks.doing import publish, send_all, statuses, subscribe
from tests.webhooks.receiver import Receiver, raw_server, running_receiver
from webhooks import sending
from webhooks.interface import (
    Actor,
    Attempt,
    Delivery,
    NoSuchSubscription,
    Subscription,
    get_subscription,
)

pytestmark = pytest.mark.django_db(transaction=True)

INTERNAL = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.64.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "[fe80::1%25eth0]",
    "224.0.0.1",
    "[ff02::1]",
    "127。0。0。1",
    "LOCALHOST.",
]


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port on loopback, and every byte that reaches it."""
    received: list[bytes] = []

    def note(connection: socket.socket) -> None:
        received.append(b"connected")
        connection.settimeout(2)
        while data := connection.recv(4096):
            received.append(data)

    with raw_server(note) as url:
        yield int(url.split(":")[2].split("/")[0]), received


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Names resolve to these addresses: a list for each look-up, the last one for all later ones."""
    real, left = socket.getaddrinfo, list(answers)

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if not host.endswith(".example"):
            return real(host, port, *args, **kwargs)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [entry for item in addresses for entry in real(item, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("host", INTERNAL)
def test_t70_an_internal_address_is_refused_at_save(actor: Actor, host: str) -> None:
    with pytest.raises(Invalid) as caught:
        subscribe(actor, f"https://{host}/")

    assert {issue.pointer for issue in caught.value.issues} == {"url"}
    assert Subscription.objects.count() == 0


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


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"]],
)
def test_t71_every_address_of_a_name_must_be_public(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    answering(monkeypatch, addresses)

    with pytest.raises(Invalid) as caught:
        subscribe(actor, "https://hooks.example/")
    assert [issue.code for issue in caught.value.issues] == ["refused"]


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


def test_t72_the_address_that_was_checked_is_the_one_that_is_called(
    actor: Actor, library: Library, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Checked once per request: whatever a second look-up would say, nobody asks."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    with running_receiver() as receiver, listening() as (_, received):
        port = receiver.url.split(":")[2].split("/")[0]
        answering(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"])
        subscribe(actor, f"http://hooks.example:{port}/hook")
        publish(library, "a")
        send_all()

        assert len(receiver.received) == 1
        assert receiver.received[0].headers["host"] == f"hooks.example:{port}"
        publish(library, "b")
        send_all()
        assert len(receiver.received) == 1
        assert received == []
    assert statuses() == ["delivered", "pending"]


@pytest.mark.parametrize(
    "url",
    [
        "http://good.example/",
        "http://good@127.0.0.1/",
        "http://127.0.0.1#@good.example/",
        "https://good.example@127.0.0.1/",
        "https://user:pass@hooks.example/",
        "https://hooks.example:22/",
        "https://hooks.example:25/",
        "https://hooks.example:6379/",
        "https://hooks.ex\tample/",
        "https://hooks.example/%00\0",
        "gopher://hooks.example/",
        "file:///etc/passwd",
        "ftp://hooks.example/",
        "//hooks.example/",
        "https:///",
        "",
        None,
        17,
    ],
)
def test_t74_tricks_with_urls_are_refused(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, url: Any
) -> None:
    answering(monkeypatch, ["93.184.215.14"])

    with pytest.raises(Invalid) as caught:
        subscribe(actor, url)
    assert {issue.pointer for issue in caught.value.issues} == {"url"}


def test_t74_a_plain_public_url_is_taken(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["93.184.215.14"])

    for url in (
        "https://hooks.example/x?y=1",
        "https://HOOKS.example:8443/",
        "https://hooks.example",
    ):
        subscribe(actor, url)


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


def test_t76_a_strangers_eyes_see_no_answer_and_no_secret(
    actor: Actor, stranger_actor: Actor, receiver: Receiver, library: Library
) -> None:
    receiver.always(500, b"stack trace of the receiver")
    made = subscribe(actor, receiver.url)
    publish(library, "a")
    send_all()

    with pytest.raises(NoSuchSubscription):
        get_subscription(stranger_actor, made.subscription.pk)
    other = subscribe(stranger_actor, receiver.url)
    assert other.secret != made.secret


def test_a_refused_port_is_an_attempt_that_failed(
    actor: Actor, library: Library, loopback_allowed: None
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:
        port = sock.getsockname()[1]
    subscribe(actor, f"http://127.0.0.1:{port}/")
    publish(library, "a")
    send_all()

    assert Attempt.objects.get().error.startswith("ConnectionFailed: ")
