"""What is searched for and what is chosen, counted; and what of it is suggested to others."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import orjson
import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from accounts.interface import User
from core.interface import TooManyRequests, utc_now
from search import counting
from search.actions.save_query_rule import save_query_rule
from search.counting import MOST_CLICKS, Asked, Tally, forget_old_counts
from search.models import ClickCount, PastQuery, QueryCount
from search.past_queries import refresh_past_queries
from tests.api.conftest import Reader
from tests.factories.documents import Library, id_of
from tests.outbox.waiting import wait_until


@pytest.fixture
def counts() -> Iterator[Tally]:
    """This process begins to count anew."""
    with patch.object(counting, "_tally", Tally()):
        yield counting.tally()


def fill(library: Library) -> None:
    library.post("boat", title="The boat")
    library.post("ship", title="A ship")
    library.save()


def counted() -> dict[str, tuple[int, int, int]]:
    rows = QueryCount.objects.filter(site_id=1, locale="en", day=utc_now().date())
    return {row.query: (row.times, row.empty, row.found) for row in rows}


def test_public_searches_are_counted_by_what_they_mean(
    library: Library, reader: Reader, counts: Tally
) -> None:
    fill(library)

    for query in ("Boat", "%20boat%20", "boat!", "wharf", "wharf&type=blog-posts"):
        reader.json(f"/search?q={query}")
    counts.write()
    reader.json("/search?q=BOAT")
    counts.write()
    counts.write()

    assert counted() == {"boat": (4, 0, 1), "wharf": (2, 2, 0)}


@pytest.mark.parametrize(
    "path",
    [
        "/search",
        "/search?q=b",
        "/search?q=-boat",
        "/search?q=boat&filter[tags]=x",
        "/search?q=ada@example.com",
        "/search?q=boat%20079%20123%2045%2067",
        f"/search?q={'x' * 129}",
        "/search?q=boat&sort=nothing",
    ],
)
def test_what_says_little_or_names_somebody_is_not_even_written_down(
    library: Library, reader: Reader, counts: Tally, path: str
) -> None:
    fill(library)

    reader.get(path)
    counts.write()

    assert not QueryCount.objects.exists()


def test_neither_further_pages_nor_questions_of_caches_nor_known_callers_count(
    library: Library, reader: Reader, counts: Tally
) -> None:
    fill(library)
    first = reader.json("/search?q=boat%20ship&limit=1")

    reader.json(f"/search?q=boat%20ship&limit=1&after={first['page']['next']}")
    assert reader.client.head("/api/v1/search?q=boat%20ship").status_code == 200
    counts.write()

    assert counted() == {"boat ship": (1, 0, 2)}


def test_a_thread_writes_a_little_later_and_ends(
    library: Library, reader: Reader, counts: Tally, settings: Settings
) -> None:
    fill(library)
    settings.SEARCH_COUNT_SECONDS = 0.01
    before = threading.active_count()

    reader.json("/search?q=boat")

    wait_until(lambda: counted() == {"boat": (1, 0, 1)})
    wait_until(lambda: threading.active_count() <= before)


def test_a_visitor_notices_nothing_of_a_database_that_takes_no_counts(
    library: Library, reader: Reader, counts: Tally, caplog: pytest.LogCaptureFixture
) -> None:
    fill(library)
    reader.json("/search?q=boat")

    with patch.object(counting, "execute", side_effect=DatabaseError("full")):
        counts.write()
    reader.json("/search?q=ship")
    counts.write()

    assert "not counted" in caplog.text
    assert counted() == {"ship": (1, 0, 1)}


def test_rows_of_a_day_are_bounded_and_those_that_are_there_go_on(
    library: Library, counts: Tally
) -> None:
    def ask(*queries: str) -> None:
        for query in queries:
            counts.count_query(Asked(1, "en", query, 1))
        counts.write()

    with patch.object(counting, "MOST_ROWS", 3):
        ask("one", "two")
        ask("two", "three", "four")
        ask("three")
        ask("two", "four")
    with patch.object(counting, "MOST_HELD", 2):
        ask("six", "seven", "eight", "six")

    assert {query: times for query, (times, *_) in counted().items()} == {
        "one": 1,
        "two": 3,
        "three": 1,
        "six": 2,
        "seven": 1,
    }


def test_counts_go_when_their_time_is_over(library: Library, settings: Settings) -> None:
    settings.SEARCH_COUNT_RETENTION_DAYS = 30
    for age in (29, 30, 31, 400):
        save_count("boat", age=age)
        day = utc_now().date() - timedelta(days=age)
        ClickCount.objects.create(
            site_id=1,
            locale="en",
            day=day,
            query="boat",
            clicks=1,
            document_id=id_of("post", "boat"),
            positions=1,
        )

    assert forget_old_counts() == 4
    assert QueryCount.objects.count() == ClickCount.objects.count() == 2


def click(**given: Any) -> dict[str, Any]:
    return {"q": "Boat", "document": str(id_of("post", "boat")), "position": 2} | given


def send(body: Any, content_type: str = "application/json", client: Client | None = None) -> Any:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    client = client or Client(raise_request_exception=False)
    return client.post("/api/v1/search/clicks", raw, content_type=content_type)


def test_clicks_are_counted_by_result_and_place(library: Library, counts: Tally) -> None:
    fill(library)
    strict = Client(enforce_csrf_checks=True)

    first = send(click())
    # As navigator.sendBeacon sends it, from another website.
    beacon = send(click(q=" boat", position=5, locale="en"), "text/plain;charset=UTF-8", strict)
    send(click(document=str(id_of("post", "ship")), position=1))
    counts.write()

    assert (first.status_code, beacon.status_code, first.content) == (202, 202, b"")
    assert not beacon.cookies
    assert first["Cache-Control"] == "private, no-store"
    rows = ClickCount.objects.order_by("clicks").values_list(
        "query", "document_id", "clicks", "positions"
    )
    assert list(rows) == [
        ("boat", id_of("post", "ship"), 1, 1),
        ("boat", id_of("post", "boat"), 2, 7),
    ]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (click(position=0), 400, "body/position"),
        (click(position=1001), 400, "body/position"),
        (click(position="1"), 400, "body/position"),
        (click(document="boat"), 400, "body/document"),
        (click(document=str(UUID(int=1))), 404, None),
        (click(q=""), 400, "body/q"),
        (click(q="x" * 513), 400, "body/q"),
        (click(q="x " * 33), 400, "body/q"),
        (click(q="nul\x00"), 400, "body/q"),
        (click(locale="xx"), 400, "body/locale"),
        (click(locale="<>"), 400, "body/locale"),
        (click(visitor="ada"), 400, "body/visitor"),
        ([], 400, "body"),
        (b"{", 400, "body"),
        (b"\xff", 400, "body"),
    ],
)
def test_a_click_that_cannot_be_is_refused_by_the_name_of_its_fault(
    library: Library, counts: Tally, body: Any, status: int, pointer: str | None
) -> None:
    fill(library)

    answer = send(body)
    counts.write()

    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert [item["pointer"] for item in answer.json().get("errors", ())] == [
        item for item in (pointer,) if item
    ]
    assert not ClickCount.objects.exists()


def test_what_is_not_public_is_not_there_to_be_clicked(library: Library, counts: Tally) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    other.post("else", title="Elsewhere")
    other.save()
    fill(library)
    library.withdraw(id_of("post", "boat"))

    assert send(click()).status_code == 404
    assert send(click(document=str(id_of("post", "else")))).status_code == 404


def test_a_process_takes_so_many_clicks_in_a_minute() -> None:
    now = [0.0]
    tally = Tally(clock=lambda: now[0])
    for _ in range(MOST_CLICKS):
        tally.take_turn()

    with pytest.raises(TooManyRequests) as refused:
        tally.take_turn()
    assert refused.value.retry_after_seconds == 61
    now[0] = 60.0
    tally.take_turn()


def test_too_many_clicks_are_refused_before_the_database_is_asked(
    library: Library, counts: Tally
) -> None:
    for _ in range(MOST_CLICKS):
        counts.take_turn()

    answer = send(click())

    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 61


def save_count(query: str, *, times: int = 1, age: int = 0, **given: Any) -> None:
    day: date = utc_now().date() - timedelta(days=age)
    row: dict[str, Any] = {"site_id": 1, "locale": "en", "empty": 0, "found": 1} | given
    QueryCount.objects.create(query=query, times=times, day=day, **row)


def ask_often(query: str, times: int = 4, days: int = 3, **given: Any) -> None:
    for age in range(days):
        save_count(query, times=times, age=age, **given)


def suggested(reader: Reader, text: str, **params: Any) -> list[str]:
    more = "".join(f"&{name}={value}" for name, value in params.items())
    data = reader.json(f"/search/suggest?q={text}{more}")["data"]
    return [item["text"] for item in data if item["kind"] == "query"]


def test_what_many_have_searched_for_on_several_days_is_suggested_to_others(
    library: Library, reader: Reader
) -> None:
    fill(library)
    ask_often("the boat", times=4)
    ask_often("boat", times=5)
    ask_often("boat ship", times=3)
    ask_often("ship boat", days=2, times=50)
    ask_often("a boat", site_id=2)

    ask_often("boat the", times=4)

    assert refresh_past_queries() == 3
    refresh_past_queries()

    assert suggested(reader, "bo") == ["boat", "boat the"]
    assert suggested(reader, "BOAT%20t") == ["boat the"]
    # The title stands there already.
    assert suggested(reader, "the%20b") == []
    assert suggested(reader, "bo", locale="fr") == []
    assert suggested(reader, "bo", limit=2) == []
    titles = [item["kind"] for item in reader.json("/search/suggest?q=bo")["data"]]
    assert titles == ["query", "query", "title"]


def test_nothing_is_suggested_that_found_nothing_or_is_no_word_of_a_public_document(
    library: Library, reader: Reader
) -> None:
    fill(library)
    ask_often("boat", empty=1)
    ask_often("boat scandal", times=100)
    ask_often('"boat"')
    ask_often("ship -boat")
    ask_often("ship")

    assert refresh_past_queries() == 1
    assert suggested(reader, "shi") == ["ship"]

    library.withdraw(id_of("post", "ship"))
    assert PastQuery.objects.get().query == "ship"
    assert suggested(reader, "shi") == []
    assert refresh_past_queries() == 0


def test_an_editor_takes_a_suggestion_away_at_once_and_for_good(
    library: Library, reader: Reader
) -> None:
    fill(library)
    ask_often("boat")
    refresh_past_queries()
    assert suggested(reader, "boa") == ["boat"]

    save_query_rule(
        user=User.objects.create_superuser("manager@example.com", "x", name="Max"),
        site_id=1,
        locale="en",
        query="boat",
        pinned=(),
        hidden=(),
        is_suggested=False,
    )

    assert suggested(reader, "boa") == []
    assert refresh_past_queries() == 0
