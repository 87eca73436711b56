"""Writers in threads of their own, and the ledger's steps beside them, while an index is rebuilt."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from delivery.interface import Document
from outbox.interface import sweep
from outbox.models import StepRun, StepStatus
from search import copies
from search.copies import compare
from search.engines.elasticsearch.copy import IndexCopy
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.rebuilding import rebuild_engine
from tests.factories.documents import Library, id_of
from tests.search.conftest import SearchedLibrary

pytestmark = [pytest.mark.elasticsearch, pytest.mark.postgresql, pytest.mark.slow]
WRITERS = 4
PATIENCE_SECONDS = 240


class Crew:
    """Threads that do something again and again until all are told to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failures: list[Exception] = []
        self.rounds = 0

    def hire(self, work: Callable[[], None]) -> None:
        def go_on() -> None:
            try:
                while not self._stop.is_set():
                    work()
                    self.rounds += 1
            except Exception as error:  # noqa: BLE001 — told to the test
                self.failures.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=go_on)
        thread.start()
        self._threads.append(thread)

    def dismiss(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


@contextmanager
def a_crew() -> Iterator[Crew]:
    crew = Crew()
    try:
        yield crew
    finally:
        crew.dismiss()
    assert crew.failures == []


def writer(number: int) -> Callable[[], None]:
    """Publishes, changes and withdraws posts that no other writer touches."""
    chance = random.Random(number)
    library = Library()

    def write() -> None:
        key = f"{number}-{chance.randrange(8)}"
        if chance.random() < 0.3:
            library.withdraw(id_of("post", key))
        else:
            library.post(key, title=f"Proof {key}, edition {chance.randrange(10_000)}")
            library.save()

    return write


def finish_steps() -> None:
    """What the ledger has still to do: fifty runs of a step at a time."""
    open_runs = StepRun.objects.exclude(status=StepStatus.DONE)
    sweep()
    while open_runs.exists():
        sweep()


def test_after_the_change_nothing_is_missing_and_nothing_stale(
    cluster: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "BATCH", 4)
    for number in range(20):
        library.post(number, title=f"Proof {number}")
    library.save()
    old = rebuild_engine(cluster, lambda _count: None)

    with a_crew() as crew:
        for number in range(WRITERS):
            crew.hire(writer(number))
        crew.hire(sweep)
        rebuilt = rebuild_engine(cluster, lambda _count: None)
    finish_steps()
    assert not compare(IndexCopy(cluster, rebuilt.index))

    assert crew.rounds > WRITERS
    assert rebuilt.previous == old.index
    assert cluster.indexes.behind(cluster.indexes.live) == rebuilt.index
    assert cluster.indexes.count(rebuilt.index) == Document.objects.count()
