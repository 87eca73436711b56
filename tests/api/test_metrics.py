"""`/metrics`: who may ask, what is told, and that asking is no load."""

import asyncio
import re
import shutil
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from delivery.interface import ResponseCache, Trust
from outbox.interface import FinalError, LedgerEvent
from outbox.relay import Relay
from site_config.serving.measures import CacheMeasures
from tests.journeys.running_product import Product, running_product
from tests.outbox.conftest import on_call, record
from tests.outbox.steps_on_call import OnCall

__all__ = ["on_call", "record"]
pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-forty-characters-or-so-000000"
LIVE = {"method": "GET", "route": "/health/live", "status": "200"}


@pytest.fixture
def client() -> Client:
    """With a middleware of its own, which remembers nothing of other tests."""
    return Client()


def families(client: Client) -> dict[str, Metric]:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    return {item.name: item for item in text_string_to_metric_families(response.content.decode())}


def value(found: dict[str, Metric], sample: str, **labels: str) -> float:
    """The one sample of this name with these labels; 0 where nothing was counted."""
    values = [
        item.value
        for family in found.values()
        for item in family.samples
        if item.name == sample and labels.items() <= item.labels.items()
    ]
    assert len(values) <= 1
    return values[0] if values else 0.0


def test_programs_on_this_machine_may_ask(client: Client) -> None:
    for address in ("127.0.0.1", "::1", "127.8.9.10", "::ffff:127.0.0.1"):
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": "10.0.0.1"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "localhost"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_VIA": "1.1 proxy"},
        # A credential that is wrong is not overlooked, wherever it comes from.
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"},
        {"HTTP_AUTHORIZATION": "Bearer \xe9"},
    ],
)
@pytest.mark.parametrize("token", ["", TOKEN])
def test_for_all_others_there_is_nothing(
    client: Client, settings: Any, meta: dict[str, Any], token: str
) -> None:
    settings.METRICS_TOKEN = token
    response = client.get("/metrics", **meta)
    assert (response.status_code, response.content) == (404, b"")


def test_the_bearer_of_the_token_may_ask_from_anywhere(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    meta: dict[str, Any] = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "192.0.2.2"}
    allowed = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **meta)
    assert allowed.status_code == 200
    assert TOKEN not in allowed.content.decode()


def test_only_asked_and_whatever_host_is_named(client: Client) -> None:
    assert client.post("/metrics").status_code == 404
    assert client.head("/metrics").status_code == 200
    assert client.get("/metrics", HTTP_HOST="10.1.2.3:8000").status_code == 200
    assert client.get("/metrics/").status_code == 404


def test_each_answer_is_counted_by_route_and_status(client: Client) -> None:
    before = families(client)
    for _ in range(3):
        client.get("/health/live")
    client.post("/health/live")
    client.get("/api/v1/content/blog-posts/no-such-post")
    client.get("/api/v1/content/blog-posts/neither-this")
    client.get("/no/such/address")
    client.get("/admin/pages/1/edit/")
    client.generic("BREW", "/health/live")
    after = families(client)

    def grew(**labels: str) -> float:
        name = "galley_http_requests_total"
        return value(after, name, **labels) - value(before, name, **labels)

    assert grew(**LIVE) == 3
    assert grew(method="POST", route="/health/live", status="405") == 1
    assert grew(method="other", route="/health/live", status="405") == 1
    single = "/api/v1/content/{type_name}/{key}"
    assert grew(method="GET", route=single, status="404") == 2
    assert grew(method="GET", route="unmatched", status="404") == 1
    assert grew(method="GET", route="/admin/pages/*", status="302") == 1
    name = "galley_http_request_duration_seconds_count"
    assert value(after, name, route="/health/live") - value(before, name, route="/health/live") == 5


def test_no_caller_can_add_labels(client: Client) -> None:
    def ask_strangely(start: int) -> set[tuple[str, str]]:
        for number in range(start, start + 5):
            client.get(f"/api/v1/content/blog-posts/x{number}?q={number}")
            client.get(f"/nowhere/{number}")
            client.generic(f"M{number}", "/health/live")
        found = families(client).values()
        return {(item.name, str(item.labels)) for family in found for item in family.samples}

    assert ask_strangely(0) == ask_strangely(5)


def test_the_ledgers_numbers(client: Client, on_call: OnCall, record: Any) -> None:
    def fail(_event: LedgerEvent) -> None:
        raise FinalError("broken")

    on_call.answers["search"] = fail
    record("a", "b")
    Relay().drain()
    record("c")
    found = families(client)

    assert value(found, "galley_database_up") == 1
    assert value(found, "galley_ledger_events_total") == 3
    assert value(found, "galley_ledger_unread_events", step="purge") == 1
    assert value(found, "galley_step_runs", step="search", status="dead") == 2
    assert value(found, "galley_step_runs", step="purge", status="dead") == 0
    assert 0 < value(found, "galley_ledger_lag_seconds", step="purge") < 60
    assert value(found, "galley_collector_failed", collector="ledger") == 0
    assert "galley_broker_up" not in found


def test_the_schedules_numbers(client: Client, on_call: OnCall, settings: Any) -> None:
    settings.SCHEDULE = "tests.outbox.steps_on_call.TWO_SCHEDULES"
    found = families(client)

    assert value(found, "galley_schedule_interval_seconds", schedule="fails") == 5
    assert value(found, "galley_schedule_late", schedule="waits") == 1
    call_command("run_schedule", "waits")
    again = families(Client())
    assert value(again, "galley_schedule_late", schedule="waits") == 0
    assert value(again, "galley_schedule_late", schedule="fails") == 1
    assert value(again, "galley_schedule_consecutive_failures", schedule="waits") == 0


def test_asking_again_costs_nothing(client: Client, on_call: OnCall, record: Any) -> None:
    def cost(asker: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            families(asker)
        return len(queries)

    first = cost(client)
    assert 0 < first <= 12
    assert [cost(client) for _ in range(5)] == [0] * 5
    record(*"abcdefgh")
    Relay().drain()
    assert cost(Client()) == first


def test_it_answers_while_the_database_is_away(client: Client, monkeypatch: Any) -> None:
    def away(*_arguments: Any) -> None:
        raise OperationalError("password=secret")

    monkeypatch.setattr(connection, "cursor", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    found = families(client)
    assert value(found, "galley_database_up") == 0
    assert value(found, "galley_collector_failed", collector="ledger") == 1
    assert "galley_http_requests" in found


def test_names_and_units_are_as_prometheus_has_them(client: Client, on_call: OnCall) -> None:
    client.get("/health/live")
    text = client.get("/metrics").content.decode()
    found = list(text_string_to_metric_families(text))
    assert len({family.name for family in found}) == len(found)
    for family in found:
        assert re.fullmatch(r"galley_[a-z]+(_[a-z]+)*", family.name)
        assert family.documentation.endswith(".")
        assert not re.search(r"_(ms|milliseconds|minutes|kb|count|total)$", family.name)
    promtool = shutil.which("promtool")
    if promtool is not None:
        checked = subprocess.run(
            [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")


def test_the_cache_is_told_of_by_layer(client: Client) -> None:
    cache: Any = ResponseCache(origin=None, limit_bytes=1, trust=Trust())  # type: ignore[arg-type]
    measures = CacheMeasures(cache, has_shared=True)
    name = "galley_response_cache_lookups_total"

    def numbers() -> list[float]:
        found = families(client)
        pairs = [("memory", "hit"), ("memory", "stale"), ("memory", "miss")]
        pairs += [("redis", "hit"), ("redis", "miss")]
        return [value(found, name, layer=layer, result=result) for layer, result in pairs]

    before = numbers()
    cache.counters.hits, cache.counters.shared_hits = 10, 2
    cache.counters.stale, cache.counters.misses = 3, 5
    measures.publish()
    assert [now - then for now, then in zip(numbers(), before, strict=True)] == [8, 3, 7, 2, 5]
    measures.publish()
    cache.counters.hits += 1
    measures.publish()
    assert [now - then for now, then in zip(numbers(), before, strict=True)] == [9, 3, 7, 2, 5]


def test_the_cache_is_told_of_while_it_serves(client: Client) -> None:
    cache: Any = ResponseCache(origin=None, limit_bytes=1, trust=Trust())  # type: ignore[arg-type]
    measures = CacheMeasures(cache, has_shared=False)
    name, labels = "galley_response_cache_lookups_total", {"layer": "memory", "result": "stale"}
    before = value(families(client), name, **labels)
    cache.counters.stale = 1

    async def serve_a_moment() -> None:
        task = asyncio.ensure_future(measures.publish_forever())
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(serve_a_moment())
    assert value(families(client), name, **labels) - before == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_whichever_process_is_asked_tells_of_all(tmp_path: Path) -> None:
    with running_product(tmp_path / "server.log", GALLEY_WORKERS="2") as product:
        answered: Counter[int] = Counter()
        for _ in range(200):
            answered[product.get("/health/cache").body["process"]] += 1
            assert product.get("/health/live").status == 200
            if len(answered) == 2 and min(answered.values()) >= 5:
                break
        # The test asked while the server began, too.
        totals = {_total(product) for _ in range(20)}
        assert len(answered) == 2
        assert len(totals) == 1
        assert totals.pop() >= answered.total()


def _total(product: Product) -> float:
    text = product.get("/metrics").body.decode()
    found = {item.name: item for item in text_string_to_metric_families(text)}
    return value(found, "galley_http_requests_total", **LIVE)
