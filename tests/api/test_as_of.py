"""`as_of`: the website as it was. What the oracle does not reach is tried here by hand."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from delivery.interface import save_sites
from delivery.models import DocumentVersion, RedirectVersion, SiteVersion
from outbox.models import LedgerEvent, LedgerHead
from tests.api.conftest import Reader
from tests.api.test_constant_queries import DEPTHS, fill
from tests.factories.documents import Library, days, id_of

pytestmark = pytest.mark.django_db(transaction=True)

ROUTES = (
    "/content?",
    "/content/blog-posts?",
    "/content/blog-posts/post-1?",
    "/content/resolve?path=/post-1/&",
    "/content/site?",
    "/content/sitemap?",
    "/services?",
    "/services/service-1?",
)
IMMUTABLE = "public, max-age=31536000, immutable"


def now() -> datetime:
    return datetime.now(UTC)


def at(instant: datetime) -> str:
    return f"as_of={quote(instant.isoformat())}"


def last_moment() -> datetime:
    moment = LedgerHead.objects.get().moment
    assert moment is not None
    return moment


@pytest.fixture
def library(transactional_db: None) -> Library:
    return Library().open()


def test_a_document_as_it_was(library: Library, reader: Reader) -> None:
    library.post(1, title="First")
    library.save()
    first = now()
    library.post(1, title="Second")
    library.save()
    second = now()
    library.withdraw(id_of("post", 1))

    path = "/content/blog-posts/post-1"
    assert reader.json(f"{path}?{at(first)}")["data"]["title"] == "First"
    assert reader.json(f"{path}?{at(second)}")["data"]["title"] == "Second"
    assert reader.get(path).status_code == 404
    assert reader.get(f"{path}?{at(now())}").status_code == 404


def test_what_it_refers_to_is_as_it_was_too(library: Library, reader: Reader) -> None:
    author = library.profile(1, title="Ada")
    library.post(1, authors=[author])
    library.save()
    before = now()
    library.profile(1, title="Ada King")
    library.save()

    (post,) = reader.json(f"/content/blog-posts?{at(before)}")["data"]
    assert post["author"]["title"] == "Ada"
    (post,) = reader.json("/content/blog-posts")["data"]
    assert post["author"]["title"] == "Ada King"


def test_filters_ask_what_was(library: Library, reader: Reader) -> None:
    red, blue = library.tag("red"), library.tag("blue")
    library.post(1, tags=[red], minutes=3)
    library.service(1, "10.00")
    library.save()
    before = now()
    library.post(1, tags=[blue], minutes=9)
    library.service(1, "20.00")
    library.save()

    def found(query: str) -> list[list[str]]:
        return [reader.slugs(f"/content/{query}&{at(before)}"), reader.slugs(f"/content/{query}")]

    assert found("blog-posts?filter[tags]=tag-red") == [["post-1"], []]
    assert found("blog-posts?filter[tags]=tag-blue") == [[], ["post-1"]]
    assert found(f"blog-posts?filter[tags][in]={red},{id_of('tag', 'x')}") == [["post-1"], []]
    assert found("blog-posts?filter[reading_minutes][gte]=5") == [[], ["post-1"]]
    assert found("services?filter[price]=10&sort=price") == [["service-1"], []]


def test_a_cursor_belongs_to_the_list_and_to_no_instant(library: Library, reader: Reader) -> None:
    for number in range(5):
        library.post(number, date=days(number))
    library.save()
    now_ = reader.get("/content/blog-posts?limit=2")
    then = now()
    library.post(9, date=days(9))
    library.withdraw(id_of("post", 2))
    library.save()

    past = reader.get(f"/content/blog-posts?limit=2&{at(then)}")
    assert past.content == now_.content
    link = past["Link"]
    assert "as_of=" in link
    assert "after=" in link
    following = reader.json(link.partition("<")[2].partition(">")[0].removeprefix("/api/v1"))
    assert [item["slug"] for item in following["data"]] == ["post-2", "post-1"]
    after = now_.json()["page"]["next"]
    assert reader.slugs(f"/content/blog-posts?limit=2&after={after}") == ["post-1", "post-0"]


def test_redirects_and_the_sitemap_as_they_were(library: Library, reader: Reader) -> None:
    post = library.post(1)
    library.save()
    library.redirect("/old", target=post)
    before = now()
    library.redirect("/old", url="https://example.com/")
    library.post(1, path="/moved/")
    library.save()

    def both(path: str) -> list[object]:
        return [reader.json(f"{path}&{at(before)}"), reader.json(path)]

    assert both("/content/resolve?path=/old/") == [
        {"redirect": {"to": "/post-1/", "status": 301}},
        {"redirect": {"to": "https://example.com/", "status": 301}},
    ]
    assert [
        [item["path"] for item in answer["data"]]
        for answer in (
            reader.json(f"/content/sitemap?{at(before)}"),
            reader.json("/content/sitemap"),
        )
    ] == [["/post-1/"], ["/moved/"]]


def test_host_names_and_languages_as_they_were(library: Library, reader: Reader) -> None:
    library.post(1)
    library.post("fr", locale="fr")
    library.save()
    before = now()
    row = library.row()
    row.hostname, row.is_default, row.locales = "elsewhere", False, ["en"]
    with transaction.atomic():
        save_sites([row])

    path = "/content/blog-posts?locale=fr"
    assert reader.get(path).status_code == 404
    assert reader.get(path, host="elsewhere").status_code == 400
    assert reader.slugs(f"{path}&{at(before)}") == ["post-fr"]


def test_a_transaction_is_seen_whole_or_not_at_all(library: Library, reader: Reader) -> None:
    with transaction.atomic():
        post = library.post(1)
        library.save()
        with transaction.atomic():
            library.profile(1)
            library.save()
        library.redirect("/x", target=post)

    stamps = [
        *DocumentVersion.objects.values_list("valid_from", flat=True),
        *RedirectVersion.objects.values_list("valid_from", flat=True),
    ]
    assert len(stamps) == 3
    (moment,) = set(stamps)
    assert reader.slugs(f"/content?{at(moment)}") == ["profile-1", "post-1"]
    assert reader.slugs(f"/content?{at(moment - timedelta(microseconds=1))}") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-01", "malformed"),
        ("2026-11-01T10:00:00", "malformed"),
        ("2026-11-01T10:00:00+02:00", "malformed"),
        ("2026-11-01%2010:00:00Z", "malformed"),
        ("20261101T100000Z", "malformed"),
        ("2026-11-01T10:00:00%2B0200", "malformed"),
        ("2026-11-01T10:00:00,5Z", "malformed"),
        ("2026-11-01T10Z", "malformed"),
        ("1793520000", "malformed"),
        ("now", "malformed"),
        ("", "malformed"),
        ("%D9%A2026-11-01T10:00:00Z", "malformed"),
        ("2026-02-30T10:00:00Z", "out_of_range"),
        ("2026-11-01T25:00:00Z", "out_of_range"),
        ("2026-11-01T10:00:00%2B24:00", "out_of_range"),
        ("0001-01-01T00:00:00%2B01:00", "out_of_range"),
        ("9999-12-31T23:59:59-01:00", "out_of_range"),
        ("0000-01-01T00:00:00Z", "out_of_range"),
    ],
)
def test_other_forms_of_an_instant_are_refused(
    library: Library, reader: Reader, text: str, code: str
) -> None:
    for route in ROUTES:
        assert reader.refusal(f"{route}as_of={text}") == ("query/as_of", code)


@pytest.mark.parametrize(
    "write",
    [
        lambda then: then.isoformat().replace("+00:00", "Z"),
        lambda then: then.isoformat().replace("+00:00", "z").replace("T", "t"),
        lambda then: then.isoformat().replace("+00:00", "999Z"),
        lambda then: then.astimezone(timezone(timedelta(hours=-5, minutes=-30))).isoformat(),
    ],
)
def test_one_instant_has_many_forms(
    library: Library, reader: Reader, write: Callable[[datetime], str]
) -> None:
    library.post(1, title="First")
    library.save()
    then = (now() - timedelta(minutes=1)).replace(microsecond=123456)
    SiteVersion.objects.update(valid_from=then - timedelta(minutes=1))
    DocumentVersion.objects.update(valid_from=then)

    def status(instant: datetime) -> int:
        path = f"/content/blog-posts/post-1?as_of={quote(write(instant))}"
        return int(reader.get(path).status_code)

    assert status(then) == 200
    assert status(then - timedelta(microseconds=1)) == 404


def test_before_history_nothing_is_known(library: Library, reader: Reader) -> None:
    start = SiteVersion.objects.get().valid_from
    before = start - timedelta(microseconds=1)
    for route in ROUTES:
        answer = reader.get(f"{route}{at(before)}")
        problem = answer.json()
        assert (answer.status_code, answer["Cache-Control"]) == (410, "no-store")
        assert problem["type"] == "/api/docs/problems/before-history"
        assert start.isoformat().replace("+00:00", "Z") in problem["detail"]
    assert reader.client.get("/api/docs/problems/before-history").status_code == 200
    assert reader.slugs(f"/content?{at(start)}") == []


def test_settled_answers_never_change_and_say_so(library: Library, reader: Reader) -> None:
    library.post(1)
    library.save()
    moment = last_moment()
    settled = reader.get(f"/content/blog-posts/post-1?{at(moment)}")
    assert settled["Cache-Control"] == IMMUTABLE
    assert settled["Surrogate-Key"] == settled["Cache-Tag"] == "h-1"
    again = reader.get(
        f"/content/blog-posts/post-1?{at(moment)}", **{"if-none-match": settled["ETag"]}
    )
    assert (again.status_code, again["Cache-Control"]) == (304, IMMUTABLE)

    # A transaction that began before may still commit with an instant before this one.
    open_ = reader.get(f"/content/blog-posts/post-1?{at(moment + timedelta(microseconds=1))}")
    present = reader.get("/content/blog-posts/post-1")
    assert open_["Cache-Control"] == present["Cache-Control"] != IMMUTABLE
    assert open_["Surrogate-Key"] == f"{present['Surrogate-Key']} h-1"
    assert open_["ETag"] == present["ETag"] == settled["ETag"]


def test_what_is_long_past_is_settled_without_any_later_change(
    library: Library, reader: Reader
) -> None:
    then = now() - timedelta(hours=1, seconds=5)
    SiteVersion.objects.update(valid_from=then)
    assert last_moment() > then
    LedgerHead.objects.update(moment=then)

    assert reader.get(f"/content?{at(then + timedelta(seconds=1))}")["Cache-Control"] == IMMUTABLE
    assert reader.get(f"/content?{at(then + timedelta(seconds=9))}")["Cache-Control"] != IMMUTABLE


def test_the_future_is_for_those_who_may_see_drafts(library: Library, reader: Reader) -> None:
    for route in ROUTES:
        answer = reader.get(f"{route}{at(now() + timedelta(hours=1))}")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="galley"'
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("value", ["Bearer wagtail_wrong", "Bearer", "", "Basic YTpi", "x y z"])
def test_a_bad_credential_is_never_an_anonymous_caller(
    library: Library, reader: Reader, value: str
) -> None:
    for route in ROUTES:
        answer = reader.get(route.rstrip("?&"), authorization=value)
        assert answer.status_code == 401, route
        assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_past_costs_a_constant_number_of_queries(
    library: Library, reader: Reader, depth: str
) -> None:
    counts: dict[str, list[int]] = {}
    for size in (1, 10, 100):
        fill(library, size)
        for route in (
            f"/services?limit={size}{depth}&",
            f"/content?limit={size}{depth}&count=true&",
            f"/services/service-0?locale=fr,en{depth}&",
            f"/content/resolve?path=/service-0/{depth}&",
            "/content/sitemap?",
        ):
            moment = last_moment()
            with CaptureQueriesContext(connection) as queries:
                reader.json(f"{route}{at(moment)}")
            counts.setdefault(route.replace(f"limit={size}", ""), []).append(len(queries))

    # Whether it is settled, the website, and the answer; one more for the total.
    assert list(counts.values()) == [[3] * 3, [4] * 3, [3] * 3, [3] * 3, [3] * 3]


def test_parallel_writers_leave_a_history_without_contradiction(
    library: Library, reader: Reader
) -> None:
    ready, errors = threading.Barrier(4), list[str]()

    def write(number: int) -> None:
        own = Library()
        try:
            ready.wait(10)
            for round_ in range(6):
                own.tag("shared")
                own.post(number, title=f"{number}.{round_}", tags=[id_of("tag", "shared")])
                own.post(9, title=f"Shared {number}.{round_}")
                own.save()
        except Exception as error:  # noqa: BLE001 — whatever goes wrong is what the test is about
            errors.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    events = LedgerEvent.objects.filter(type__startswith="content.").order_by("sequence")
    instants = [event.occurred_at for event in events]
    assert instants == sorted(instants)
    by_document: dict[object, list[tuple[datetime, datetime | None]]] = {}
    versions = DocumentVersion.objects.order_by("document_id", "version")
    for key, start, end in versions.values_list("document_id", "valid_from", "valid_to"):
        by_document.setdefault(key, []).append((start, end))
    for spans in by_document.values():
        assert [end for _, end in spans] == [*(start for start, _ in spans[1:]), None]
    for event in events:
        if event.data["slug"].startswith("post-"):
            path = f"/content/blog-posts/{event.data['slug']}?{at(event.occurred_at)}"
            document = reader.json(path)["data"]
            assert (document["title"], document["version"]) == (
                event.data["title"],
                event.data["version"],
            )
