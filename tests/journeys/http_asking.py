"""Asking a running product with all of an answer in view: headers, and which process gave it."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Self

from tests.journeys.running_product import Product
from tests.own_process import HOST


@dataclass(frozen=True)
class Heard:
    """An answer; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def cache(self) -> str:
        """What the cache says of itself."""
        return self.headers.get("cache-status", "")


def ask(product: Product, path: str, method: str = "GET", body: Any = None, **more: str) -> Heard:
    """One request on a connection of its own."""
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    begun = time.perf_counter()
    with closing(HTTPConnection(HOST, product.port, timeout=40)) as http:
        http.request(method, path, body=body, headers=headers)
        response = http.getresponse()
        content = response.read()
    found = {name.lower(): value for name, value in response.getheaders()}
    return Heard(response.status, found, content, time.perf_counter() - begun)


def title_of(heard: Heard) -> str:
    assert heard.status == 200, heard.body
    title: str = json.loads(heard.body)["data"]["title"]
    return title


def seconds_until(product: Product, path: str, title: str, *, processes: int = 1) -> float:
    """How long it takes until every process answers with this title."""
    return _seconds_until(lambda: title_of(ask(product, path)) == title, processes)


def seconds_until_status(product: Product, path: str, status: int, *, processes: int = 1) -> float:
    """The same for a status."""
    return _seconds_until(lambda: ask(product, path).status == status, processes)


def _seconds_until(is_right: Callable[[], bool], processes: int) -> float:
    """Whichever process comes first takes a connection, so many are tried in a row."""
    begun = last_wrong = time.perf_counter()
    in_a_row = 0
    while in_a_row < 12 * processes:
        if is_right():
            in_a_row += 1
        else:
            in_a_row, last_wrong = 0, time.perf_counter()
            assert last_wrong - begun < 10, "it does not come"
    return last_wrong - begun


@dataclass
class Load:
    """Readers who never stop asking, with all that they were told."""

    product: Product
    paths: list[str]
    readers: int = 4
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(self.readers)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _read(self) -> None:
        while not self._stop.is_set():
            for path in self.paths:
                try:
                    heard = ask(self.product, path)
                except (OSError, HTTPException):
                    self.statuses[0] += 1
                    continue
                self.statuses[heard.status] += 1
                self.slowest = max(self.slowest, heard.seconds)
                # Bounded: this is to be load, not a flood.
                self._stop.wait(0.01)
