"""Lists as lines of JSON: all of them, in bounded memory, over either kind of server."""

import json
import logging
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import AsyncClient
from django.test.utils import CaptureQueriesContext

from api.v1 import streaming
from core.interface import utc_now
from delivery.reading import streams
from tests.api.conftest import Reader
from tests.factories.documents import Library, days, id_of

LINES = "application/x-ndjson"


def fill(library: Library, number: int = 25) -> None:
    author, tag = library.profile(1), library.tag(1)
    for index in range(number):
        library.post(index, authors=[author], tags=[tag], date=days(index // 2))
    library.post("fr", locale="fr")
    library.save()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four documents at a time; and the test's connection stays when a stream is closed."""
    monkeypatch.setattr(streams, "BATCH", 4)
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _self: None)


def stream(reader: Reader, path: str, accept: str = LINES) -> Any:
    response = reader.get(path, accept=accept)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == LINES
    return response


def lines(response: Any) -> list[Any]:
    body = b"".join(response.streaming_content)
    assert body == b"" or body.endswith(b"\n")
    return [json.loads(line) for line in body.splitlines()]


def listed(reader: Reader, path: str) -> list[Any]:
    """The same list, by its pages."""
    page = reader.json(f"{path}&limit=7")
    found = page["data"]
    while page["page"]["next"]:
        page = reader.json(f"{path}&limit=7&after={page['page']['next']}")
        found += page["data"]
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/content?sort=-published_at",
        "/content?type=tags,blog-posts&locale=fr,en",
        "/content/blog-posts?fields=title,author(name)",
        "/content/blog-posts?sort=title&format=json",
        "/content/blog-posts?filter[tags]=tag-1&filter[published_at][gte]=2026-01-05",
        "/content/blog-posts?filter[slug]=nothing",
        "/services?sort=price",
        "/content/blog-posts?as_of={now}",
    ],
)
def test_it_has_every_document_of_the_list_in_its_order(
    library: Library, reader: Reader, path: str
) -> None:
    fill(library)
    path = path.format(now=utc_now().isoformat().replace("+00:00", "Z"))
    assert lines(stream(reader, path)) == listed(reader, path)


def test_what_its_headers_say(library: Library, reader: Reader) -> None:
    fill(library)
    response = stream(reader, "/content/blog-posts?locale=fr,en")
    response.close()

    assert response["Cache-Control"] == "no-store"
    assert response["Vary"] == "Accept"
    assert response["Content-Language"] == "fr, en"
    for name in ("ETag", "Surrogate-Key", "Cache-Tag", "Content-Length", "Link"):
        assert name not in response.headers
    assert reader.get("/content/blog-posts")["Vary"] == "Accept"
    assert "Vary" not in reader.get("/content/blog-posts/post-1").headers


def test_head(library: Library, reader: Reader) -> None:
    fill(library)
    response = reader.client.head("/api/v1/content", headers={"Accept": LINES})

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == LINES
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "has_lines"),
    [
        ("application/x-ndjson", True),
        ("Application/X-NDJSON; q=0.3", True),
        ("application/x-ndjson, */*", True),
        ("application/x-ndjson, */*;q=0.1", True),
        ("application/x-ndjson, application/json;q=0.9", True),
        ("application/x-ndjson, application/json", False),
        ("application/x-ndjson;q=0.5, */*", False),
        ("application/x-ndjson;q=0", False),
        ("application/x-ndjson;q=x", False),
        ("application/x-ndjson;q=nan", False),
        ("application/x-ndjson-like", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_gets_lines(library: Library, reader: Reader, accept: str, has_lines: bool) -> None:
    response = reader.get("/content", accept=accept)
    response.close()
    assert response["Content-Type"] == (LINES if has_lines else "application/json")


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "image/*;q=0.1", "nonsense"])
def test_who_asks_for_what_there_is_not_gets_json(
    library: Library, reader: Reader, accept: str
) -> None:
    fill(library)
    for path in ("/content", "/content/blog-posts/post-1", "/content/sync?initial=true"):
        response = reader.get(path, accept=accept)
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_single_documents_are_no_lists(library: Library, reader: Reader) -> None:
    fill(library)
    response = reader.get("/content/blog-posts/post-1", accept=LINES)
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=5", "limit", "not_in_a_stream"),
        ("after=x", "after", "not_in_a_stream"),
        ("before=x", "before", "not_in_a_stream"),
        ("count=true", "count", "not_in_a_stream"),
        ("include=author", "include", "not_in_a_stream"),
        ("limt=5", "limt", "unknown_parameter"),
        ("sort=nothing", "sort", "unknown_sort"),
        ("locale=de", "locale", "unknown_locale"),
    ],
)
def test_what_is_not_understood_has_a_status(
    library: Library, reader: Reader, query: str, pointer: str, code: str
) -> None:
    for _ in range(3):  # a refusal keeps no place
        response = reader.get(f"/content/blog-posts?{query}", accept=LINES)
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        (error,) = response.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"query/{pointer}", code)
    assert reader.get("/content/nothing", accept=LINES).status_code == 404


def test_a_query_for_each_batch_and_no_transaction(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library, 24)
    monkeypatch.setattr(streams, "BATCH", 6)
    with CaptureQueriesContext(connection) as queries:
        response = stream(reader, "/content/blog-posts")
        assert len(queries) == 2  # the website, and the first batch
        assert len(lines(response)) == 24
    assert len(queries) == 5
    assert all(query["sql"].startswith(("WITH", "SELECT")) for query in queries.captured_queries)


def test_memory_does_not_grow_with_the_list(library: Library, reader: Reader) -> None:
    def peak(number: int) -> int:
        fill(library, number)
        lines(stream(reader, "/content/blog-posts"))  # what is remembered by document
        parts = stream(reader, "/content/blog-posts").streaming_content
        next(parts)
        tracemalloc.start()
        assert sum(len(part) for part in parts) > number * 300
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(40), peak(400)
    assert large < 1.5 * small


@pytest.fixture
def _one_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    places = streaming._places_with_threads
    assert places.acquire(blocking=False), "a place was kept"
    places.release()


@pytest.mark.usefixtures("_one_place")
class TestPlaces:
    def test_one_at_a_time(self, library: Library, reader: Reader) -> None:
        fill(library)
        first = stream(reader, "/content/blog-posts")
        second = reader.get("/content/blog-posts", accept=LINES)
        assert (second.status_code, second["Retry-After"]) == (503, "5")
        assert second["Content-Type"] == "application/problem+json"
        lines(first)
        assert lines(stream(reader, "/content/blog-posts"))

    def test_who_leaves_gives_his_place(self, library: Library, reader: Reader) -> None:
        fill(library)
        response = stream(reader, "/content/blog-posts")
        response.close()  # before the first part
        response = stream(reader, "/content/blog-posts")
        next(response.streaming_content)
        response.close()  # in the middle
        response.close()
        assert lines(stream(reader, "/content/blog-posts"))

    def test_a_fault_from_the_start(
        self, library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_arguments: Any) -> None:
            raise OperationalError("secret")

        fill(library)
        monkeypatch.setattr(streams, "gather", fail)
        response = reader.get("/content/blog-posts", accept=LINES)
        assert response.status_code == 503
        assert b"secret" not in response.content


@pytest.fixture
def filled(library: Library) -> None:
    fill(library)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OperationalError("secret"), 503, "unavailable"),
        (ZeroDivisionError("secret"), 500, "internal-error"),
    ],
)
def test_a_fault_in_the_middle_is_the_last_line(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    code: str,
) -> None:
    reader = Reader()
    response = stream(reader, "/content/blog-posts")

    def fail(*_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(streams, "gather", fail)
    with caplog.at_level(logging.ERROR, logger="api.v1.streaming"):
        *documents, last = lines(response)

    assert [item["type"] for item in documents] == ["blog-posts"] * 4
    assert last["type"] == f"/api/docs/problems/{code}"
    assert last["status"] == status
    assert last["instance"] == "/api/v1/content/blog-posts"
    assert last["request_id"] == response["X-Request-ID"]
    assert "secret" not in json.dumps(last)
    assert len(caplog.records) == 1


def test_a_stream_that_takes_too_long_says_so(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library)
    response = stream(reader, "/content/blog-posts")
    parts = response.streaming_content
    next(parts)
    monkeypatch.setattr("time.monotonic", lambda: 1e12)

    (last,) = (json.loads(part) for part in parts)

    assert (last["status"], last["detail"]) == (
        503,
        "A stream takes at most 600 seconds. The list goes on.",
    )


@pytest.mark.django_db(transaction=True)
def test_a_stream_of_an_instant_is_whole_whatever_happens(reader: Reader) -> None:
    library = Library().open()
    fill(library, 12)
    instant = utc_now().isoformat().replace("+00:00", "Z")
    before = listed(reader, "/content/blog-posts?sort=-updated_at")
    parts = stream(
        reader, f"/content/blog-posts?sort=-updated_at&as_of={instant}"
    ).streaming_content
    found = [json.loads(line) for line in next(parts).splitlines()]
    library.withdraw(id_of("post", 1))
    library.profile(1, title="Another name")
    library.post(0, date=days(99))
    library.save()
    found += [json.loads(line) for part in parts for line in part.splitlines()]

    assert found == before


def test_who_may_not_see_the_future(library: Library, reader: Reader) -> None:
    ahead = reader.get("/content?as_of=2999-01-01T00:00Z", accept=LINES)
    wrong = reader.get("/content", accept=LINES, authorization="Bearer nothing")
    assert (ahead.status_code, wrong.status_code) == (401, 401)


def test_documents_that_come_meanwhile_break_nothing(library: Library, reader: Reader) -> None:
    fill(library, 12)
    response = stream(reader, "/content/blog-posts")
    parts = response.streaming_content
    slugs = [json.loads(line)["slug"] for line in next(parts).splitlines()]
    library.withdraw(id_of("post", 5), id_of("post", 11))
    library.post("newest", date=days(99))
    library.save()
    slugs += [json.loads(line)["slug"] for part in parts for line in part.splitlines()]

    assert len(slugs) == len(set(slugs)) == 11
    assert "post-5" not in slugs
    assert "newest" not in slugs


def test_an_event_loop_is_served_too(library: Library) -> None:
    fill(library)

    async def read(parts: int | None) -> list[Any]:
        headers = {"Accept": LINES}
        response: Any = await AsyncClient().get("/api/v1/content/blog-posts", headers=headers)
        assert (response.status_code, response.is_async) == (200, True)
        found: list[Any] = []
        async for part in response:
            found += [json.loads(line) for line in part.splitlines()]
            if len(found) == parts:
                break
        await sync_to_async(response.close)()
        return found

    assert len(async_to_sync(read)(None)) == 25
    assert len(async_to_sync(read)(4)) == 4
    assert len(async_to_sync(read)(None)) == 25
