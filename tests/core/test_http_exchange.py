"""What may come back over one connection, and what is made of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from core.http_client import ConnectionFailed, OutboundConnection, OutboundLimits, send_request

pytestmark = pytest.mark.once

QUICK = OutboundLimits(connect_seconds=5, deadline_seconds=20, max_body_bytes=100)


class _Scripted:
    """Says one thing after another, each for one request; the last is said again and again."""

    def __init__(self, sock: socket.socket, *answers: bytes, ends: bool) -> None:
        self._sock = sock
        self._answers = answers
        self._ends = ends
        self.connections = 0
        self.requests: list[bytes] = []
        self.thread = threading.Thread(target=self._accept)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._sock.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            while data := connection.recv(65536):
                answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
                self.requests.append(data)
                connection.sendall(answer)
                if self._ends:
                    return
        except OSError:
            return


@pytest.fixture
def scripted(settings: Any) -> Iterator[Callable[..., tuple[str, _Scripted]]]:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    opened: list[tuple[socket.socket, _Scripted]] = []

    def start(*answers: bytes, ends: bool = False) -> tuple[str, _Scripted]:
        sock = socket.create_server(("127.0.0.1", 0))
        opened.append((sock, _Scripted(sock, *answers, ends=ends)))
        return f"http://127.0.0.1:{sock.getsockname()[1]}/", opened[-1][1]

    yield start
    for sock, server in opened:
        with closing(sock):
            sock.shutdown(socket.SHUT_RDWR)
        server.thread.join()


Scripted = Callable[..., tuple[str, _Scripted]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("answer", "body", "is_truncated"),
    [
        (OK, b"ok", False),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
            b"ok",
            False,
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", False),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, b"ok", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, b"x" * 100, True),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + b"x" * 4095,
            b"x" * 100,
            True,
        ),
    ],
)
def test_reads_every_form_of_an_answer(
    scripted: Scripted, answer: bytes, body: bytes, is_truncated: bool
) -> None:
    url, _ = scripted(answer)

    found = send_request("GET", url, limits=QUICK)

    assert (found.body, found.is_truncated) == (body, is_truncated)
    assert "link" not in found.headers


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_without_length_ends_with_its_connection(
    scripted: Scripted, version: bytes
) -> None:
    url, _ = scripted(b"HTTP/" + version + b" 200 OK\r\n\r\nall of it", ends=True)

    assert send_request("GET", url, limits=QUICK).body == b"all of it"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",
    ],
    ids=[
        "nothing",
        "half a head",
        "less than its length",
        "half a chunk",
        "two lengths",
        "two framings",
        "another protocol from here on",
        "another protocol",
        "too long a head",
    ],
)
def test_what_is_no_whole_answer_has_failed(scripted: Scripted, answer: bytes) -> None:
    url, _ = scripted(answer, ends=True)

    with pytest.raises(ConnectionFailed):
        send_request("GET", url, limits=QUICK)


@pytest.mark.parametrize(
    "first",
    [
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong",
        OK + b"rubbish",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["a second answer", "rubbish", "asked to close", "HTTP/1.0"],
)
def test_a_connection_that_says_more_or_its_last_is_not_kept(
    scripted: Scripted, first: bytes
) -> None:
    url, server = scripted(first, OK)
    with OutboundConnection() as connection:
        assert [connection.send("GET", url, limits=QUICK).body for _ in range(3)] == [b"ok"] * 3

    assert (server.connections, len(server.requests)) == (2, 3)


def test_an_answer_to_head_has_no_body(scripted: Scripted) -> None:
    url, _ = scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")

    answer = send_request("HEAD", url, limits=QUICK)

    assert (answer.status, answer.body, answer.is_truncated) == (200, b"", False)


def test_the_request_is_one(scripted: Scripted) -> None:
    url, server = scripted(OK)
    send_request("POST", f"{url}a b?c=ü", headers={"X-Own": "1"}, content=b"body", limits=QUICK)

    [request] = server.requests
    assert request == (
        b"POST /a%20b?c=%C3%BC HTTP/1.1\r\n"
        b"Host: " + url.removeprefix("http://").rstrip("/").encode() + b"\r\n"
        b"User-Agent: Galley\r\nAccept-Encoding: identity\r\nContent-Length: 4\r\nX-Own: 1\r\n"
        b"\r\nbody"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Own", "1\r\nX-Other: 2"), ("X-Own", "1\n"), ("X Own", "1"), ("X-Own:", "1"), ("X", "\0")],
)
def test_no_header_smuggles_another(scripted: Scripted, name: str, value: str) -> None:
    url, server = scripted(OK)

    with pytest.raises(ValueError, match="cannot be sent"):
        send_request("GET", url, headers={name: value}, limits=QUICK)
    assert server.requests == []
