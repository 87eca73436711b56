from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from api import health
from core.interface import Readiness


@pytest.fixture(autouse=True)
def fresh(monkeypatch: Any) -> None:
    monkeypatch.setattr(health, "_readiness", Readiness())


def test_alive_without_any_query() -> None:
    # No database fixture: a query would fail.
    response = Client().get("/health/live")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}
    assert response["Cache-Control"] == "no-store"


def test_ready_names_the_database(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        first = Client().get("/health/ready")
        second = Client().get("/health/ready")
    assert first.status_code == second.status_code == 200
    assert first.json() == {"status": "ready", "dependencies": {"database": "ok"}}


def test_not_ready_while_a_dependency_is_away(db: None, monkeypatch: Any) -> None:
    def away() -> None:
        raise DatabaseError("password=secret")

    monkeypatch.setattr("core.health._ask_database", away)
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "dependencies": {"database": "away"}}


def test_services_outside_the_process_are_named(db: None, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.api.backends.AwayCache"}}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "tests.api.backends.NearStorage"}
    }
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert response.json()["dependencies"] == {"database": "ok", "cache": "away", "storage": "ok"}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_only_asked(path: str) -> None:
    assert Client().post(path).status_code == 405
