"""The engine hangs, ends or refuses: searches are answered, and the index catches up by itself."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from api import health
from core.interface import Readiness
from delivery.interface import Document
from outbox.interface import LedgerEvent, RetryableError, sweep
from search import copies
from search.copies import compare
from search.engine_indexing import bring_up_to_date, index_in_engine_many
from search.engines import registry
from search.engines.database.copy import DatabaseCopy
from search.engines.elasticsearch import connection as engine_connection
from search.engines.elasticsearch.copy import IndexCopy
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.protocol import EngineAway
from search.rebuilding import rebuild_engine
from search.recovery import Recovery
from search.standing import IndexForm, engine_checks, index_form
from tests.api.conftest import Reader
from tests.elasticsearch_process import ElasticsearchProcess
from tests.search.conftest import SearchedLibrary
from tests.search.elasticsearch.conftest import use_cluster

pytestmark = [pytest.mark.elasticsearch, pytest.mark.once]
PATIENCE_SECONDS = 120.0


def wait_until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def filled(
    own_cluster: ElasticsearchEngine,
    server: ElasticsearchProcess,
    library: SearchedLibrary,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SearchedLibrary]:
    """Three posts in both indexes; whatever a test does to the server is undone."""
    for number in range(3):
        library.post(number, title=f"Proof {number}")
    library.save()
    rebuild_engine(own_cluster, lambda _count: None)
    monkeypatch.setattr(engine_connection, "WRITE_SECONDS", 0.5)
    yield library
    server.recover()


def titles(answer: Any) -> list[str]:
    return sorted(item["title"] for item in answer["data"])


def edit_all_that_an_index_knows(library: SearchedLibrary) -> None:
    """One more, one less, one otherwise."""
    library.post("late", title="Proof that came late")
    library.post(1, title="Proof 1, corrected")
    library.save()
    library.withdraw(Document.objects.get(title="Proof 0").id)


def catches_up(engine: ElasticsearchEngine) -> Callable[[], bool]:
    """What the scheduler and the relay do all the time, and whether the index is whole then."""
    recovery = Recovery()

    def look() -> bool:
        recovery.look()
        sweep()
        try:
            return engine.is_ready() and not compare(IndexCopy(engine, engine.indexes.live))
        except EngineAway:
            return False

    return look


@pytest.mark.parametrize("outage", ["hang", "stop"])
def test_the_database_answers_until_the_engine_is_back_and_has_caught_up(
    outage: str,
    filled: SearchedLibrary,
    own_cluster: ElasticsearchEngine,
    server: ElasticsearchProcess,
    reader: Reader,
) -> None:
    getattr(server, outage)()
    during = [reader.json("/search?q=proof") for _ in range(4)]
    assert [answer["degraded"] for answer in during] == [True] * 4
    assert titles(during[0]) == ["Proof 0", "Proof 1", "Proof 2"]
    assert own_cluster.connection.breaker.is_open

    edit_all_that_an_index_knows(filled)
    expected = ["Proof 1, corrected", "Proof 2", "Proof that came late"]
    assert titles(reader.json("/search?q=proof")) == expected
    assert not compare(DatabaseCopy())

    server.go_on() if outage == "hang" else server.start()
    wait_until(catches_up(own_cluster), "the index did not catch up")

    def answers_itself() -> bool:
        answer = reader.json("/search?q=proof")
        assert titles(answer) == expected
        return "degraded" not in answer

    # One that has just begun takes longer than we wait, at first.
    wait_until(answers_itself, "the engine does not answer in time")


def test_a_rebuild_goes_on_after_the_engine_was_killed_in_the_middle(
    filled: SearchedLibrary,
    own_cluster: ElasticsearchEngine,
    server: ElasticsearchProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copies, "BATCH", 2)
    old = own_cluster.indexes.behind(own_cluster.indexes.live)

    def kill(_count: int) -> None:
        server.stop()

    with pytest.raises(EngineAway):
        rebuild_engine(own_cluster, kill)
    edit_all_that_an_index_knows(filled)
    server.start()
    assert own_cluster.indexes.behind(own_cluster.indexes.live) == old

    rebuilt = rebuild_engine(own_cluster, lambda _count: None)

    assert (rebuilt.is_resumed, rebuilt.previous) == (True, old)
    assert not compare(IndexCopy(own_cluster, rebuilt.index))
    assert own_cluster.indexes.count(rebuilt.index) == 3


def test_without_the_look_at_its_return_the_steps_go_on_waiting(
    filled: SearchedLibrary, own_cluster: ElasticsearchEngine, server: ElasticsearchProcess
) -> None:
    server.hang()
    edit_all_that_an_index_knows(filled)
    server.go_on()
    wait_until(own_cluster.is_ready, "the engine did not come back")

    sweep()
    assert compare(IndexCopy(own_cluster, own_cluster.indexes.live))

    assert Recovery().look() > 0
    sweep()
    assert not compare(IndexCopy(own_cluster, own_cluster.indexes.live))


def test_while_it_counts_as_away_nobody_waits_for_it(
    filled: SearchedLibrary,
    own_cluster: ElasticsearchEngine,
    server: ElasticsearchProcess,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.hang()
    for _ in range(3):
        reader.json("/search?q=proof")
    asked = 0
    send = own_cluster.connection._client.transport.perform_request

    def count(*arguments: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        return send(*arguments, **options)

    monkeypatch.setattr(own_cluster.connection._client.transport, "perform_request", count)
    monkeypatch.setattr(own_cluster.connection.breaker, "_until", time.monotonic() + 600)

    for _ in range(5):
        assert reader.json("/search?q=proof")["degraded"] is True
        assert reader.json("/search/suggest?q=pro")["degraded"] is True

    assert asked == 0


def test_a_search_asks_for_no_more_than_its_allowance(
    filled: SearchedLibrary, own_cluster: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[float] = []
    guarded = own_cluster.connection._guarded

    def note(call: Any, seconds: float) -> Any:
        allowed.append(seconds)
        return guarded(call, 60)

    monkeypatch.setattr(own_cluster.connection, "_guarded", note)
    own_cluster._seconds = 0.25
    own_cluster.is_ready()
    assert len(allowed) == 1
    assert 0 < allowed[0] <= 0.25


def test_editors_and_probes_go_on_without_it(
    filled: SearchedLibrary,
    own_cluster: ElasticsearchEngine,
    server: ElasticsearchProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "_readiness", Readiness(engine_checks))
    assert index_form(own_cluster) is IndexForm.CURRENT
    server.hang()

    response = Client().get("/health/ready", REMOTE_ADDR="192.0.2.1")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["dependencies"]["search"] == "away"
    assert index_form(own_cluster) is IndexForm.UNKNOWN


class Refusing(BaseHTTPRequestHandler):
    """A cluster that has too much to do."""

    protocol_version = "HTTP/1.1"

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"error": {"type": "es_rejected_execution_exception", "reason": "secret"}}'
        self.send_response(429)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _refuse  # noqa: N815 — the base class asks for these

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Says nothing."""


@pytest.fixture
def refusing(settings: Any) -> Iterator[ElasticsearchEngine]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as stub:
        thread = threading.Thread(target=stub.serve_forever)
        thread.start()
        engine = use_cluster(settings, f"http://127.0.0.1:{stub.server_port}", 20)
        try:
            yield engine
        finally:
            engine.close()
            registry._engine_at.cache_clear()
            stub.shutdown()
            thread.join(20)


def test_one_that_has_too_much_to_do_is_left_alone_and_its_words_stay_with_us(
    refusing: ElasticsearchEngine, library: SearchedLibrary, reader: Reader
) -> None:
    library.post(1, title="Proof 1")
    library.save()

    responses = [reader.get("/search?q=proof") for _ in range(4)]

    assert [response.status_code for response in responses] == [200] * 4
    assert all(response.json()["degraded"] for response in responses)
    assert b"secret" not in b"".join(response.content for response in responses)
    assert refusing.connection.breaker.is_open
    with pytest.raises(EngineAway):
        bring_up_to_date([Document.objects.get(title="Proof 1").id])


def test_the_step_comes_again_for_all_of_its_events(
    refusing: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    library.post(1, title="Proof 1")
    library.post(2, title="Proof 2")
    library.save()
    events = list(LedgerEvent.objects.filter(type="content.published"))
    assert len(events) == 2
    with pytest.raises(RetryableError, match="refused"):
        index_in_engine_many(events)
