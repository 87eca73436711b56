"""Three mirrors of the website, each fed another way, as a client would keep it."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final

import psycopg

from tests.api.conftest import Reader
from tests.api.mirror import Mirror
from tests.journeys.running_product import Product


@dataclass(frozen=True)
class Heard:
    """An answer, as tests of the API read one."""

    status_code: int
    body: Any

    def json(self) -> Any:
        return self.body


class HttpReader(Reader):
    """Asks a running product, over the network."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def get(self, path: str, **_headers: str) -> Heard:
        answer = self._product.get(f"/api/v1{path}")
        return Heard(answer.status, answer.body)

    def json(self, path: str) -> Any:
        heard = self.get(path)
        assert heard.status_code == 200, heard
        return heard.body


class SyncMirror:
    """Follows the sync API in a thread, and asks again after whatever went wrong."""

    def __init__(self, product: Product) -> None:
        self.mirror = Mirror(HttpReader(product), limit=7)
        self.failures = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _follow(self) -> None:
        while not self._done.is_set():
            try:
                self.mirror.step()
            except (OSError, HTTPException, AssertionError):
                self.failures += 1
                self._done.wait(0.3)
            else:
                self._done.wait(0.02 if self.mirror.has_more else 0.2)

    def finish(self) -> None:
        self._done.set()
        self._thread.join(60)
        self.mirror.catch_up()
        # What it heard first may have been the end of the changes before the last.
        self.mirror.catch_up()


FACTS: Final = ("id", "type", "locale", "slug", "path", "title")
IMAGE_FACTS: Final = ("id", "type", "locale")
GONE: Final = frozenset({"unpublished", "deleted"})


def facts_of(document: dict[str, Any]) -> dict[str, Any]:
    """What announcements tell of a document; of an image, little."""
    names = IMAGE_FACTS if document["type"] == "images" else FACTS
    return {name: document[name] for name in names}


@dataclass
class Inbox:
    """What a receiver of announcements keeps: each id once, and each document's last state.

    What was heard before has no effect the second time, so an effect comes twice only if one
    change is told under two ids. `order` is the event's number in the ledger.
    """

    heard: Counter[str] = field(default_factory=Counter)
    orders: dict[str, int] = field(default_factory=dict)
    types: Counter[str] = field(default_factory=Counter)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _bodies: dict[str, str] = field(default_factory=dict)
    _applied: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, kind: str, order: int, data: dict[str, Any]) -> None:
        """Notes an announcement, and applies it if it is new."""
        body = json.dumps([kind, order, data], sort_keys=True)
        with self._lock:
            self.heard[key] += 1
            if self._bodies.setdefault(key, body) != body:
                self.faults.append(f"{key} came again as {body}, before as {self._bodies[key]}")
            if self.heard[key] == 1:
                self.types[kind] += 1
                self.orders[key] = order
                self._apply(kind, order, data)

    def _apply(self, kind: str, order: int, data: dict[str, Any]) -> None:
        document = data.get("id")
        if document is None or kind == "content.scheduled":
            return
        self.effects[(document, kind, order)] += 1
        if self._applied.get(document, 0) > order:
            self.faults.append(f"{document}: {order} came after {self._applied[document]}")
            return
        self._applied[document] = order
        if kind.rpartition(".")[2] in GONE or data.get("change") in GONE:
            self.documents.pop(document, None)
        else:
            self.documents[document] = facts_of(data)

    def told(self) -> str:
        with self._lock:
            return f"{len(self.heard)} ids, {sum(self.heard.values()) - len(self.heard)} duplicates"


class Standstill(Exception):
    """Something is left to do, and nobody does it."""


def wait_for_none(left: Callable[[], int], *, patience: float, why: Callable[[], str]) -> None:
    """Returns when nothing is left.

    Raises:
        Standstill: for `patience` seconds it has not become less.
    """
    least, end = None, time.monotonic() + patience
    while True:
        with suppress(psycopg.OperationalError):
            now = left()
            if now == 0:
                return
            if least is None or now < least:
                least, end = now, time.monotonic() + patience
        if time.monotonic() > end:
            raise Standstill(f"{least} left, and nothing goes on: {why()}")
        time.sleep(0.1)
