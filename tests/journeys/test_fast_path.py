"""The response cache as it runs: real processes, a real database, edits from elsewhere."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cms.models import BlogPostPage
from tests.factories.cms import Website, edit
from tests.journeys.http_asking import ask, seconds_until, seconds_until_status
from tests.journeys.running_product import Product, running_product

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.once]

POST = "/api/v1/content/blog-posts/hello"
LIST = "/api/v1/content/blog-posts"


@pytest.fixture
def post() -> BlogPostPage:
    return Website().post("Hello", intro="An introduction. " * 200)


@pytest.fixture
def product(post: BlogPostPage, tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path / "server.log") as running:
        yield running


def counted(product: Product) -> dict[str, int]:
    numbers: dict[str, int] = json.loads(ask(product, "/health/cache").body)
    return numbers


def test_a_public_answer_in_all_its_forms(product: Product) -> None:
    first = ask(product, POST)
    assert first.cache == "Galley; fwd=miss; stored"
    second = ask(product, POST)
    assert second.cache.startswith("Galley; hit; ttl=")
    assert second.body == first.body
    own = {"x-request-id", "cache-status", "age", "date"}
    assert {k: v for k, v in first.headers.items() if k not in own} == {
        k: v for k, v in second.headers.items() if k not in own
    }
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert ask(product, POST, x_request_id="mine-12345").headers["x-request-id"] == "mine-12345"

    head = ask(product, POST, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(first.body))
    held = ask(product, POST, if_none_match=first.headers["etag"])
    assert (held.status, held.body) == (304, b"")
    assert "content-type" not in held.headers
    zipped = ask(product, POST, accept_encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == first.body
    assert zipped.headers["etag"] == first.headers["etag"][:-1] + '-gzip"'
    assert len(zipped.body) < len(first.body) / 2
    for heard in (first, second, head, held, zipped):
        assert heard.headers["vary"] == "Accept-Encoding"
        assert heard.headers["access-control-allow-origin"] == "*"

    one_entry_for_each_question_however_it_is_put(product)


def one_entry_for_each_question_however_it_is_put(product: Product) -> None:
    before = counted(product)["entries"]
    spellings = [
        f"{LIST}?fields=title,date&filter%5Btitle%5D=Hello",
        f"{LIST}?filter[title]=Hello&fields=title,date",
        f"{LIST}?filter[title]=Hell%6F&fields=title%2Cdate&limit=20",
        f"{LIST}?count=false&format=html&filter%5btitle%5d=Hello&fields=title,date",
        "/api/v1/content/%62log-posts?fields=title,date&filter[title]=Hello",
    ]
    answers = [ask(product, path) for path in spellings]
    assert {heard.body for heard in answers} == {answers[0].body}
    assert [heard.cache[:11] for heard in answers] == ["Galley; fwd", *["Galley; hit"] * 4]
    assert counted(product)["entries"] == before + 1


ODD: dict[str, int] = {
    f"{LIST}?limt=3": 400,
    f"{LIST}?limit=3&limit=3": 400,
    f"{LIST}?fields=%zz": 400,
    f"{LIST}?{urlencode({'filter[title][in]': ','.join(['x' * 200] * 6)})}": 200,
    f"{LIST}/nothing": 404,
    "/api/v1/nothing": 404,
    "/api/v1/content/sync?format=html": 400,
}
CREDENTIALS: tuple[dict[str, str], ...] = (
    {"Authorization": "Bearer canary"},
    {"Cookie": "sessionid=canary"},
    {"X-API-Key": "canary"},
)


def test_what_is_refused_odd_or_personal_takes_no_room(product: Product) -> None:
    for path, status in ODD.items():
        for _ in range(2):
            heard = ask(product, path)
            assert heard.status == status, path
            assert not heard.cache.startswith("Galley; hit")
    for number in range(3):
        assert ask(product, POST, Host=f"h{number}.example.com").status == 400
    for credentials in CREDENTIALS:
        for _ in range(2):
            assert ask(product, POST, **credentials).cache == ""
    assert counted(product)["entries"] == 0

    assert ask(product, POST, Host="LOCALHOST").status == 200
    assert ask(product, POST, Host="localhost").cache.startswith("Galley; hit")
    for credentials in CREDENTIALS:
        assert ask(product, POST, Host="localhost", **credentials).cache == ""


def test_what_is_not_public_passes_by(product: Product) -> None:
    assert ask(product, POST, "POST", body=b"{}").status == 405
    assert ask(product, "/health/live").body == b'{"status": "alive"}'
    login = ask(product, "/admin/login/")
    assert login.status == 200
    assert b"csrfmiddlewaretoken" in login.body
    assert (login.cache, counted(product)["entries"]) == ("", 0)
    static = ask(product, "/static/wagtailadmin/css/core.css")
    assert static.status == 200
    assert len(static.body) == int(static.headers["content-length"]) > 100_000

    a_form_with_a_file_comes_through_whole(product)


def a_form_with_a_file_comes_through_whole(product: Product) -> None:
    login = ask(product, "/admin/login/")
    token = login.body.split(b'name="csrfmiddlewaretoken" value="')[1].split(b'"')[0]
    file = b"x" * 3_000_000  # more than is kept in memory
    lines = [
        *(b"--edge", b'Content-Disposition: form-data; name="file"; filename="a.bin"', b"", file),
        # Behind the file: if anything of it were lost, so would be the token.
        *(b"--edge", b'Content-Disposition: form-data; name="csrfmiddlewaretoken"', b"", token),
        b"--edge--",
        b"",
    ]
    heard = ask(
        product,
        "/admin/login/",
        "POST",
        body=b"\r\n".join(lines),
        Content_Type="multipart/form-data; boundary=edge",
        Cookie=login.headers["set-cookie"].split(";")[0],
    )
    assert heard.status == 200
    assert b"This field is required" in heard.body or b"password" in heard.body


def test_another_process_publishes_and_each_worker_shows_it(
    post: BlogPostPage, tmp_path: Path
) -> None:
    with running_product(tmp_path / "server.log", GALLEY_WORKERS="2") as product:
        for number in range(3):
            assert seconds_until(product, POST, post.title, processes=2) < 5
            edit(post, title=f"Title {number}")
            seconds = seconds_until(product, POST, f"Title {number}", processes=2)
            assert seconds < 1, "SQLite is asked ten times a second, on a busy machine"
        post.unpublish()
        assert seconds_until_status(product, POST, 404, processes=2) < 1
