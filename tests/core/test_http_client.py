import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core.addresses import IPAddress
from core.http_client import (
    AddressRefused,
    ConnectionFailed,
    DeadlinePassed,
    InvalidUrl,
    OutboundConnection,
    OutboundLimits,
    send_request,
)
from tests.internal_hosts import INTERNAL_HOSTS

pytestmark = pytest.mark.once

QUICK = OutboundLimits(connect_seconds=1, deadline_seconds=1, max_body_bytes=100)


def answering(*addresses: str) -> Callable[[str, int], Sequence[IPAddress]]:
    """A resolver that gives these addresses for any name."""
    found = [ipaddress.ip_address(address) for address in addresses]
    return lambda host, port: found


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        getattr(self, f"answer_{self.path.strip('/')}")()

    do_POST = do_GET  # noqa: N815 - the library's name

    def answer_plain(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = f"{self.command} {self.headers['Host']} {self.headers['X-Own']} {body.decode()}"
        self._send(200, text.encode(), {"X-Answer": "yes"})

    def answer_redirect(self) -> None:
        self._send(302, b"", {"Location": "http://127.0.0.1/internal"})

    def answer_large(self) -> None:
        self._send(200, b"x" * 5000, {})

    def answer_encoding(self) -> None:
        self._send(200, self.headers["Accept-Encoding"].encode(), {})

    def answer_body_in_drops(self) -> None:
        self.send_response(200)
        self.end_headers()
        self._drip(b"x")

    def answer_headers_in_drops(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._drip(b"A")

    def answer_silence(self) -> None:
        time.sleep(2)

    def _drip(self, byte: bytes) -> None:
        for _ in range(40):
            try:
                self.wfile.write(byte)
            except OSError:
                return
            time.sleep(0.05)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port on loopback, and what reaches it."""
    received: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:
        sock.settimeout(0.1)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, _ = sock.accept()
                except TimeoutError:
                    continue
                received.append(b"connected")
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield sock.getsockname()[1], received
        stop.set()
        thread.join()


def test_sends_and_reads(server: str, loopback_allowed: None) -> None:
    answer = send_request("POST", f"{server}/plain", headers={"X-Own": "1"}, content=b"body")

    assert answer.status == 200
    assert answer.is_success
    assert answer.body == f"POST {server.removeprefix('http://')} 1 body".encode()
    assert answer.headers["x-answer"] == "yes"
    assert not answer.is_truncated


def test_a_redirect_is_an_answer(server: str, loopback_allowed: None) -> None:
    answer = send_request("GET", f"{server}/redirect")

    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1/internal")
    assert not answer.is_success


def test_reads_no_more_than_the_limit(server: str, loopback_allowed: None) -> None:
    answer = send_request("GET", f"{server}/large", limits=QUICK)

    assert answer.body == b"x" * 100
    assert answer.is_truncated


def test_asks_for_no_compression(server: str, loopback_allowed: None) -> None:
    assert send_request("GET", f"{server}/encoding").body == b"identity"


@pytest.mark.parametrize("path", ["silence", "body_in_drops", "headers_in_drops"])
def test_the_deadline_is_for_the_whole_answer(
    server: str, loopback_allowed: None, path: str
) -> None:
    """Waiting for each part alone, it would get the whole of it in twice the time."""
    with pytest.raises(DeadlinePassed):
        send_request("GET", f"{server}/{path}", limits=QUICK)


def test_a_proxy_of_the_environment_is_not_used(
    server: str, loopback_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert send_request("GET", f"{server}/plain").status == 200


@pytest.mark.parametrize("host", INTERNAL_HOSTS)
def test_no_private_address_is_reached(listener: tuple[int, list[bytes]], host: str) -> None:
    port, received = listener

    with pytest.raises((AddressRefused, ConnectionFailed, InvalidUrl)):
        send_request("GET", f"https://{host}:{port}/", limits=QUICK)
    assert received == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "10.0.0.1"],
        ["2606:2800:21f:cb07::1", "::1"],
        ["::ffff:10.0.0.1"],
    ],
)
def test_one_private_answer_of_the_resolver_refuses_the_host(addresses: list[str]) -> None:
    with pytest.raises(AddressRefused):
        send_request("GET", "https://a.example/", resolve=answering(*addresses), limits=QUICK)


def test_the_connection_goes_to_the_checked_address(server: str, settings: Any) -> None:
    """The name has no address at all: only what the resolver said once is used."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    port = server.rpartition(":")[2]

    answer = send_request(
        "GET", f"http://cache.invalid:{port}/plain", resolve=answering("127.0.0.1")
    )

    assert answer.body == f"GET cache.invalid:{port} None ".encode()


def test_the_next_address_is_tried(server: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    port = server.rpartition(":")[2]

    answer = send_request(
        "GET", f"http://cache.invalid:{port}/plain", resolve=answering("::1", "127.0.0.1")
    )

    assert answer.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "https://a.example:22/",
        "https://a.example:25/",
        "https://a.example:6379/",
        "https://good@a.example/",
        "https://a:b@a.example/",
        "gopher://a.example/",
        "file:///etc/passwd",
        "ftp://a.example/",
        "https://a.exa\tmple/",
        "https://a.example/\n",
        "https:///path",
        "//a.example/",
        "",
        "https://[fe80::1%25eth0]/",
        "https://a.example:99999/",
        "https://a.example:0/",
        "https://xn--0.example/",
    ],
)
def test_what_is_no_public_https_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        send_request("GET", url, resolve=answering("93.184.215.14"), limits=QUICK)


def test_dots_of_other_scripts_do_not_hide_an_address() -> None:
    with pytest.raises((AddressRefused, InvalidUrl)):
        send_request("GET", "https://127。0。0。1/", limits=QUICK)


def test_a_refused_connection_is_worth_another_try(settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:
        port = sock.getsockname()[1]

    with pytest.raises(ConnectionFailed) as caught:
        send_request("GET", f"http://127.0.0.1:{port}/", limits=QUICK)
    assert caught.value.is_retryable


def test_a_name_without_address_is_worth_another_try() -> None:
    def unknown(host: str, port: int) -> Sequence[IPAddress]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(ConnectionFailed) as caught:
        send_request("GET", "https://nowhere.invalid/", resolve=unknown)
    reason = "nowhere.invalid cannot be resolved: Name or service not known."
    assert (str(caught.value), caught.value.is_retryable) == (reason, True)


@pytest.fixture
def counting() -> Iterator[tuple[str, list[socket.socket]]]:
    """A server that answers each request, and the connections that reached it."""
    connections: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as sock:

        def serve(connection: socket.socket) -> None:
            with connection:
                while data := connection.recv(65536):
                    assert data.startswith(b"GET ")
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        def accept() -> None:
            while True:
                try:
                    connection, _ = sock.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://keeps.invalid:{sock.getsockname()[1]}/", connections
        sock.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_a_connection_is_kept_between_requests(
    counting: tuple[str, list[socket.socket]], loopback_allowed: None
) -> None:
    url, connections = counting
    with OutboundConnection(resolve=answering("127.0.0.1")) as connection:
        assert [connection.send("GET", url).body for _ in range(3)] == [b"ok"] * 3

    assert len(connections) == 1


def test_a_kept_connection_is_given_up_when_its_address_is_no_longer_the_hosts(
    counting: tuple[str, list[socket.socket]], settings: Any
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    url, connections = counting
    addresses = ["127.0.0.1"]
    with OutboundConnection(resolve=lambda *_: answering(*addresses)("", 0)) as connection:
        connection.send("GET", url)
        addresses[:] = ["::1", "127.0.0.1"]
        connection.send("GET", url)
        assert len(connections) == 1, "the address is still one of the host's"
        addresses[:] = ["::1"]
        with pytest.raises(ConnectionFailed):
            connection.send("GET", url)
    assert len(connections) == 1


def test_a_kept_connection_serves_nobody_who_may_not_be_called_any_more(
    counting: tuple[str, list[socket.socket]], settings: Any
) -> None:
    url, connections = counting
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with OutboundConnection(resolve=answering("127.0.0.1")) as connection:
        connection.send("GET", url)
        settings.OUTBOUND_ALLOWED_NETWORKS = []
        with pytest.raises(AddressRefused):
            connection.send("GET", url)
    assert len(connections) == 1


def test_a_kept_connection_that_the_server_has_ended_is_opened_anew(
    counting: tuple[str, list[socket.socket]], loopback_allowed: None
) -> None:
    url, connections = counting
    with OutboundConnection(resolve=answering("127.0.0.1")) as connection:
        connection.send("GET", url)
        connections[0].shutdown(socket.SHUT_RDWR)
        assert connection.send("GET", url).body == b"ok"

    assert len(connections) == 2
