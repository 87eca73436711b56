"""What readers get while the database is away, and when it is back."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from tests.api.conftest import Reader
from tests.factories.documents import Library


def test_away_is_not_broken(library: Library, reader: Reader, monkeypatch: Any) -> None:
    def away(*_args: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.7 failed: password=secret")

    monkeypatch.setattr("delivery.reading.answers.fetch_at", away)
    response = reader.get("/content/blog-posts")

    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert response.json()["type"] == "/api/docs/problems/unavailable"
    for word in (b"secret", b"10.0.0.7", b"server"):
        assert word not in response.content


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_opened_anew(reader: Reader) -> None:
    library = Library().open()
    library.post(1)
    library.save()
    assert reader.get("/content/blog-posts/post-1").status_code == 200
    assert connection.connection is not None
    info = connection.connection.info
    backend = info.backend_pid

    with psycopg.connect(**info.get_parameters(), password=info.password) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])

    assert reader.get("/content/blog-posts/post-1").status_code == 200
    assert connection.connection.info.backend_pid != backend
