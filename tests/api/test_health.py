import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from api import health
from core.interface import Readiness, utc_now
from outbox import broker
from outbox.broker_state import BrokerState
from outbox.interface import LedgerEvent, OperationsDetail
from tests.outbox.conftest import on_call, record
from tests.outbox.steps_on_call import OnCall

__all__ = ["on_call", "record"]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "_readiness", Readiness())
    monkeypatch.setattr(health, "_detail", OperationsDetail())


def test_alive_without_any_query() -> None:
    # No database fixture: a query would fail.
    response = Client().get("/health/live")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}
    assert response["Cache-Control"] == "no-store"


def ask(**meta: Any) -> Any:
    """From elsewhere, as a load balancer does."""
    return Client().get("/health/ready", REMOTE_ADDR="192.0.2.1", **meta)


def test_ready_names_the_database(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        first = ask()
        second = ask()
    assert first.status_code == second.status_code == 200
    assert first.json() == {"status": "ready", "dependencies": {"database": "ok"}}


def away() -> None:
    raise DatabaseError("password=secret")


@pytest.mark.parametrize("role", ["all", "admin"])
def test_not_ready_while_a_dependency_is_away(
    db: None, monkeypatch: Any, settings: Any, role: str
) -> None:
    settings.ROLE = role
    assert ask().status_code == 200
    health._readiness._until = 0.0
    monkeypatch.setattr("core.health.ask_database", away)
    response = ask()
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "dependencies": {"database": "away"}}


def test_a_reading_process_goes_on_without_what_it_has_reached_once(
    db: None, monkeypatch: Any, settings: Any
) -> None:
    settings.ROLE = "api"
    reached = "core.health.ask_database"
    with monkeypatch.context() as context:
        context.setattr(reached, away)
        assert ask().status_code == 503  # it has nothing to answer with yet
    health._readiness._until = 0.0
    assert ask().json()["status"] == "ready"
    health._readiness._until = 0.0
    monkeypatch.setattr(reached, away)
    response = ask()
    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "dependencies": {"database": "away"}}


@pytest.mark.parametrize(("role", "status"), [("all", 503), ("admin", 503), ("api", 200)])
def test_services_outside_the_process_are_named(
    db: None, settings: Any, role: str, status: int
) -> None:
    settings.ROLE = role
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "tests.api.backends.AwayStorage"}
    }
    response = ask()
    assert response.status_code == status
    assert response.json()["dependencies"] == {"database": "ok", "storage": "away"}


def test_who_may_know_is_told_of_the_ledger_and_nobody_is_put_out_by_it(
    db: None, on_call: OnCall, record: Any, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SCHEDULE = "tests.outbox.steps_on_call.TWO_SCHEDULES"
    settings.METRICS_TOKEN = "a-token"
    record("a", "b")
    LedgerEvent.objects.update(occurred_at=utc_now() - timedelta(minutes=5))
    response = Client().get("/health/ready")
    assert response.status_code == 200
    told = response.json()
    assert told["status"] == "ready"
    operations = told["operations"]
    assert 300 <= operations.pop("ledger_lag_seconds") < 330
    assert operations == {
        "open_steps": 0,
        "dead_steps": 0,
        "late_schedules": ["fails", "waits"],
        "findings": ["relay_away", "schedule_late"],
    }
    with django_assert_num_queries(0):
        assert ask(HTTP_AUTHORIZATION="Bearer a-token").json().keys() == told.keys()
    assert "operations" not in ask().json()
    assert "operations" not in ask(HTTP_AUTHORIZATION="Bearer wrong").json()


def test_a_broker_that_hangs_holds_up_no_probe(
    db: None, on_call: OnCall, settings: Any, monkeypatch: Any
) -> None:
    settings.SCHEDULE = "tests.outbox.steps_on_call.NO_SCHEDULE"
    monkeypatch.setattr(broker, "BROKER", broker.Broker())
    asked = threading.Event()

    def hang(_url: str, _names: Any) -> BrokerState:
        assert asked.wait(20)
        return BrokerState(is_up=False)

    monkeypatch.setattr(broker, "ask_broker", hang)
    settings.CELERY_BROKER_URL = "amqp://guest:guest@127.0.0.1:1//"
    assert "broker" not in Client().get("/health/ready").json()["operations"]
    asked.set()
    for thread in threading.enumerate():
        if thread.name == "broker-depths":
            thread.join(20)
    monkeypatch.setattr(health, "_detail", OperationsDetail())
    response = Client().get("/health/ready")
    assert response.status_code == 200
    assert response.json()["operations"]["broker"] == "away"
    assert "broker_away" in response.json()["operations"]["findings"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_only_asked(path: str) -> None:
    assert Client().post(path).status_code == 405
