"""The consumer in the documentation does what it says, against a real broker."""

import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection

from core.interface import utc_now
from outbox.exchange import Exchange
from outbox.interface import LedgerEvent, declare_exchange
from site_config import announcing
from tests.outbox.waiting import wait_until

pytestmark = [pytest.mark.rabbitmq, pytest.mark.once]

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "follow_events.py"


class Program:
    """The example, running."""

    def __init__(self, url: str, file: Path) -> None:
        self._url, self._file = url, file
        self.log = file.with_suffix(".log")

    def start(self) -> None:
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, PROGRAM, self._url, self._file], stdout=log, stderr=log
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(5)

    def paths(self) -> list[Any]:
        if not self._file.exists():
            return []
        return [post["path"] for post in json.loads(self._file.read_text()).values()]


@pytest.fixture
def program(rabbitmq_url: str, tmp_path: Path) -> Iterator[Program]:
    with Connection(rabbitmq_url) as connection:
        connection.channel().queue_delete("posts-mirror")
        connection.channel().exchange_delete("galley.events")
    program = Program(rabbitmq_url, tmp_path / "posts.json")
    program.start()
    yield program
    program.kill()
    with Connection(rabbitmq_url) as connection:
        connection.channel().queue_delete("posts-mirror")


@pytest.fixture
def tell(rabbitmq_url: str) -> Iterator[Callable[..., None]]:
    exchange = Exchange(rabbitmq_url)

    def publish(kind: str, sequence: int, subject: str, path: str = "") -> None:
        data = {"document_type": "blog-posts", "path": path, "go_live_at": None}
        message = announcing.message_of(
            LedgerEvent(
                id=uuid.uuid4(),
                type=kind,
                sequence=sequence,
                subject=subject,
                occurred_at=utc_now(),
                data=data,
            )
        )
        assert message is not None
        assert exchange.publish([message]) == [None]

    yield publish
    exchange.close()


@pytest.fixture
def relay_started(program: Program, rabbitmq_url: str, settings: Any) -> Iterator[None]:
    """As soon as the example has found out that there is nothing to bind to yet."""
    settings.CELERY_BROKER_URL = rabbitmq_url
    wait_until(lambda: "NOT_FOUND" in program.log.read_text())
    stop = threading.Event()
    thread = threading.Thread(target=declare_exchange, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()


def is_bound(url: str) -> bool:
    with Connection(url) as connection:
        channel = connection.channel()
        try:
            return bool(channel.queue_declare("posts-mirror", passive=True).consumer_count)
        except connection.channel_errors:
            return False


@pytest.mark.usefixtures("relay_started")
def test_the_example_keeps_what_is_public(
    program: Program, tell: Callable[..., None], rabbitmq_url: str
) -> None:
    wait_until(lambda: is_bound(rabbitmq_url))
    tell("content.published", 1, "a", "/a/")
    tell("content.published", 2, "b", "/b/")
    tell("content.scheduled", 3, "c")
    tell("content.moved", 4, "a", "/aa/")
    wait_until(lambda: "took content.moved a 4" in program.log.read_text())
    assert program.paths() == ["/aa/", "/b/"]

    program.kill()
    tell("content.unpublished", 5, "b", "/b/")
    # One that comes again, after a later one of its document.
    tell("content.published", 1, "a", "/a/")
    tell("content.updated", 6, "d", "/d/")
    program.start()
    wait_until(lambda: program.paths() == ["/aa/", None, "/d/"])

    def told(word: str) -> list[str]:
        lines = program.log.read_text().splitlines()
        return [line for line in lines if line.startswith(word)]

    wait_until(lambda: len(told("took")) == 5)
    # A message whose effect was kept may come again, as one does that we send again.
    assert told("took") == [
        "took content.published a 1",
        "took content.published b 2",
        "took content.moved a 4",
        "took content.unpublished b 5",
        "took content.updated d 6",
    ]
    assert {"knew content.scheduled c 3", "knew content.published a 1"} <= set(told("knew"))
