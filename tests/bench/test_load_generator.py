import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.accounting import cpu_seconds, memory_mib, process_tree
from bench.load_generator import Load, run_load

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


class Answers(BaseHTTPRequestHandler):
    """Answers by path; keeps connections open, but for /closing."""

    protocol_version = "HTTP/1.1"
    paths: list[str]

    def do_GET(self) -> None:
        self.paths.append(self.path)
        self.send_response(500 if self.path == "/broken" else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n")
            self.wfile.flush()
            self.wfile.write(b"2\r\nde\r\n0\r\n\r\n")
            return
        if self.path == "/closing":
            self.send_header("Connection", "close")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"abcde")

    def log_message(self, *_: object) -> None:
        """Stays quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Answers.paths = []
    found = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.mark.parametrize("path", ["/plain", "/chunked", "/closing"])
def test_every_request_is_answered_and_timed(server: ThreadingHTTPServer, path: str) -> None:
    load = Load(connections=3, requests=40, seconds=20)

    outcome = run_load(server.server_port, [path], load)

    assert (len(outcome.times), outcome.failures) == (40, 0)
    assert Answers.paths == [path] * 40
    assert 0 < outcome.quantile(0.5) <= outcome.quantile(0.99) < 20
    if path != "/chunked":
        assert outcome.size_bytes == 40 * 5


def test_paths_are_asked_in_turn(server: ThreadingHTTPServer) -> None:
    run_load(server.server_port, ["/a", "/b", "/c"], Load(connections=1, requests=7, seconds=20))

    assert Answers.paths == ["/a", "/b", "/c", "/a", "/b", "/c", "/a"]


def test_errors_are_counted(server: ThreadingHTTPServer) -> None:
    outcome = run_load(
        server.server_port, ["/plain", "/broken"], Load(connections=1, requests=10, seconds=20)
    )

    assert (len(outcome.times), outcome.failures) == (10, 5)


def test_a_run_ends_in_time(server: ThreadingHTTPServer) -> None:
    begun = time.monotonic()

    outcome = run_load(
        server.server_port, ["/plain"], Load(connections=2, requests=10**9, seconds=0.3)
    )

    assert outcome.times
    assert time.monotonic() - begun < 5


def test_requests_come_at_their_rate_and_wait_for_a_connection(
    server: ThreadingHTTPServer,
) -> None:
    load = Load(connections=2, requests=40, seconds=20, rate=200)

    outcome = run_load(server.server_port, ["/plain"], load)

    assert (len(outcome.times), outcome.failures) == (40, 0)
    # The last of 40 is due 39 / 200 s after the first.
    assert 0.195 <= outcome.elapsed < 20


def test_the_wait_for_a_connection_counts(server: ThreadingHTTPServer) -> None:
    # All are due at once, and one connection answers them one after the other.
    load = Load(connections=1, requests=50, seconds=20, rate=1e9)

    outcome = run_load(server.server_port, ["/plain"], load)

    assert len(outcome.times) == 50
    assert outcome.times == sorted(outcome.times)
    assert outcome.times[-1] > 20 * outcome.times[0] / 2


def test_the_clocks_of_a_process_and_all_below_it_add_up() -> None:
    # A shell whose child works: the child's time counts while it runs, and after it has ended.
    spin = "import time\nwhile time.process_time() < 0.6: pass"
    shell = subprocess.Popen(
        ["sh", "-c", '"$0" -c "$1"; read line', sys.executable, spin], stdin=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + 30
        while cpu_seconds(shell.pid) < 0.4 and time.monotonic() < deadline:
            time.sleep(0.02)
        while len(process_tree(shell.pid)) > 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert 0.4 <= cpu_seconds(shell.pid) < 3
        assert memory_mib(shell.pid) > 0
    finally:
        shell.communicate(b"\n")


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_quick_run_measures_every_api() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-m", "bench", "delivery", "--quick", "--posts", "60", "--seconds", "0.1"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    results = json.loads((ROOT / "var" / "bench" / "delivery-quick.json").read_text())["results"]
    everyone = ["galley", "wagtail v2", "wagtail v3", "static"]
    assert {name: list(by_api) for name, by_api in results.items()} == {
        "single": everyone,
        "list": ["galley", "wagtail v2", "static"],
        "cards": everyone,
        "tagged": everyone,
        "deep": everyone,
    }
    measured = [item for by_api in results.values() for items in by_api.values() for item in items]
    assert all(item["answers"] and not item["failures"] for item in measured)
    assert "one post by slug, with author and tags" in done.stdout
