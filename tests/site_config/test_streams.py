"""A list that is sent while it is made, through the server that is shipped."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from site_config.serving import django_threads
from tests.journeys.http_asking import ask
from tests.journeys.running_product import Product, running_product
from tests.own_process import HOST

pytestmark = [pytest.mark.slow, pytest.mark.once]

PARTS, PART_BYTES = 400, 100_000
# What the pipe and the sockets of both sides hold, generously.
ON_THE_WAY = 150


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streams")


@pytest.fixture(scope="module")
def product(folder: Path) -> Iterator[Product]:
    variables = {"GALLEY_VAR": str(folder), "DATABASE_URL": "sqlite:///:memory:"}
    variables["GALLEY_APPLICATION"] = "tests.site_config.stream_application:application"
    with running_product(folder / "server.log", **variables) as running:
        yield running


def until(is_reached: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 15
    while not is_reached():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Stream:
    """An answer that is read bit by bit."""

    def __init__(self, product: Product, folder: Path, name: str) -> None:
        self.name, self._folder = name, folder
        self._http = http.client.HTTPConnection(HOST, product.port, timeout=20)
        self._http.request("GET", f"/{name}")
        self.response = self._http.getresponse()

    def close(self) -> None:
        self.response.close()
        self._http.close()

    @property
    def made(self) -> int:
        note = self._folder / f"{self.name}.made"
        return int(note.read_text() or 0) if note.exists() else 0

    @property
    def is_closed(self) -> bool:
        return (self._folder / f"{self.name}.closed").exists()

    def settled(self) -> int:
        """How many parts have been made when no more come."""
        seen = [-1, self.made]
        while len(seen) < 12 or len(set(seen[-10:])) > 1:
            assert len(seen) < 300, "parts do not cease to be made"
            time.sleep(0.05)
            seen.append(self.made)
        return seen[-1]


def test_the_first_line_does_not_wait_for_the_second(product: Product, folder: Path) -> None:
    with closing(Stream(product, folder, "gated")) as stream:
        assert stream.response.headers["Content-Type"] == django_threads.STREAM_TYPE
        assert stream.response.readline() == b"first\n"
        assert stream.made == 1
        (folder / "gate").touch()
        assert stream.response.read() == b"second\n"
        until(lambda: stream.is_closed, "the answer is not closed")


def test_no_more_is_made_than_the_caller_takes(product: Product, folder: Path) -> None:
    with closing(Stream(product, folder, "long")) as stream:
        stream.response.read(10)
        ahead = stream.settled()
        assert 1 <= ahead < ON_THE_WAY
        body = stream.response.read()
    assert len(body) == PARTS * PART_BYTES - 10
    assert body.endswith(b"000000399\n")
    until(lambda: stream.is_closed, "the answer is not closed")


def test_who_goes_away_ends_the_work(product: Product, folder: Path) -> None:
    stream = Stream(product, folder, "left")
    stream.response.read(10)
    stream.close()

    until(lambda: stream.is_closed, "the answer goes on")
    assert stream.made < PARTS


def test_who_reads_slowly_keeps_no_thread_from_others(product: Product, folder: Path) -> None:
    """Five who do not read on, on two threads."""
    with ExitStack() as stack:
        for number in range(5):
            stream = stack.enter_context(closing(Stream(product, folder, f"slow-{number}")))
            stream.response.read(10)
            assert stream.settled() < ON_THE_WAY
        assert len(ask(product, "/quick").body) == PARTS * PART_BYTES


def test_memory_is_bounded(product: Product, folder: Path) -> None:
    def used() -> int:
        children = Path(f"/proc/{product.pid}/task/{product.pid}/children").read_text().split()
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in children]
        return max(pages) * 4096

    ask(product, "/warm")
    before = used()
    with ExitStack() as stack:
        streams = [
            stack.enter_context(closing(Stream(product, folder, f"kept-{number}")))
            for number in range(8)
        ]
        for stream in streams:
            stream.response.read(10)
            stream.settled()
        assert used() - before < 8 * 4_000_000, "an eighth of what they ask for"
