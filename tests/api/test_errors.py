"""One shape of error everywhere under /api, whoever made it."""

import logging
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from api.problems import PROBLEMS
from tests.api.conftest import Reader
from tests.factories.documents import Library

KEYS = ["type", "title", "status", "detail", "instance", "request_id"]


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    problem: dict[str, Any] = response.json()
    assert [key for key in problem if key != "errors"] == KEYS
    assert problem["type"] == f"/api/docs/problems/{code}"
    assert problem["status"] == status
    assert problem["instance"] == response.wsgi_request.path[:500]
    assert response["Content-Length"] == str(len(response.content))
    assert problem["request_id"] == response["X-Request-ID"]
    return problem


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/content/", "/api/v9/x/y/z"]
)
def test_what_the_router_does_not_know(reader: Reader, db: None, path: str) -> None:
    assert_problem(reader.client.get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path",
    ["/content", "/content/blog-posts", "/content/blog-posts/x", "/services", "/openapi.json"],
)
def test_other_methods(library: Library, method: str, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.generic(method, f"/api/v1{path}")
    assert_problem(response, 405, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD"


def test_a_method_cannot_be_overridden(library: Library, reader: Reader) -> None:
    response = reader.get("/content", x_http_method_override="DELETE")
    assert response.status_code == 200


@pytest.mark.parametrize("length", ["10485761", "9" * 40])
def test_large_bodies_are_refused_unread(library: Library, length: str) -> None:
    response = Client().get("/api/v1/content", headers={"Content-Length": length})
    assert_problem(response, 413, "payload-too-large")


@pytest.mark.parametrize("length", ["-1", "x", "\uff11", "1, 1"])
def test_lengths_that_are_none(library: Library, length: str) -> None:
    response = Client().get("/api/v1/content", headers={"Content-Length": length})
    assert_problem(response, 400, "invalid-request")


def test_long_paths(library: Library, reader: Reader) -> None:
    assert_problem(reader.get("/content/" + "x" * 2048), 414, "uri-too-long")


def test_a_crash_tells_nothing(
    library: Library, reader: Reader, monkeypatch: Any, caplog: Any
) -> None:
    def crash(*_args: Any) -> None:
        raise DatabaseError("SELECT secret FROM /srv/galley/secret.py")

    monkeypatch.setattr("delivery.reading.answers.fetch_at", crash)
    with caplog.at_level(logging.CRITICAL, logger="django.request"):
        response = reader.get("/content/blog-posts")

    problem = assert_problem(response, 500, "internal-error")
    assert "errors" not in problem
    for word in (b"secret", b"SELECT", b"Traceback", b"DatabaseError", b"srv", b"django"):
        assert word not in response.content


def test_an_unknown_host(library: Library, reader: Reader) -> None:
    response = reader.get("/content", host="evil.example.org")
    assert_problem(response, 400, "invalid-request")
    assert b"evil" not in response.content


def test_no_website_at_a_host(db: None, reader: Reader) -> None:
    assert_problem(reader.get("/content"), 404, "not-found")


def test_the_callers_request_id_is_kept_if_it_is_harmless(library: Library, reader: Reader) -> None:
    assert reader.get("/content", x_request_id="abc-DEF-123")["X-Request-ID"] == "abc-DEF-123"
    for bad in ("short", "x" * 65, "has space", 'a"b{c}d:e', "line\\nfeed1", "äöüäöüäöü"):
        made = reader.get("/content", x_request_id=bad)["X-Request-ID"]
        assert made != bad
        assert len(made) == 32


def test_each_problem_has_a_page(reader: Reader, db: None) -> None:
    for code, problem in PROBLEMS.items():
        page = reader.client.get(f"/api/docs/problems/{code}")
        assert page.status_code == 200
        assert page["Content-Type"] == "text/html; charset=utf-8"
        assert problem.title in page.content.decode().replace("&#x27;", "'")
    assert_problem(reader.client.get("/api/docs/problems/none"), 404, "not-found")


def test_elsewhere_errors_keep_their_form(reader: Reader, db: None) -> None:
    response = reader.client.get("/no-such-page/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert len(response["X-Request-ID"]) == 32
