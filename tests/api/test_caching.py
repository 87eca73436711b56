from delivery.interface import path_tag, slug_tag
from outbox.interface import LedgerEvent
from tests.api.conftest import Reader
from tests.factories.documents import Library, days, id_of

ADDRESS = "/content/blog-posts/post-1"
SLUG = slug_tag(1, "blog-posts", "post-1")
PUBLIC = "public, max-age=0, s-maxage=60, stale-while-revalidate=30, stale-if-error=86400"


def test_answers_say_how_long_and_on_what(library: Library, reader: Reader) -> None:
    post = library.post(1)
    library.save()

    response = reader.get(ADDRESS)

    assert response["Cache-Control"] == PUBLIC
    assert response["Surrogate-Key"] == f"s-1 d-{post} {SLUG}"
    assert response["Cache-Tag"] == f"s-1,d-{post},{SLUG}"
    assert response["Content-Language"] == "en"
    assert response["Content-Length"] == str(len(response.content))
    assert "Vary" not in response.headers
    assert not response.cookies


def test_the_same_bytes_are_not_sent_twice(library: Library, reader: Reader) -> None:
    library.post(1)
    library.save()
    etag = reader.get(ADDRESS)["ETag"]
    assert etag.startswith('"')

    for given in (etag, f'"x", {etag}', f"W/{etag}", "*", '"y",' * 5000 + etag):
        response = reader.get(ADDRESS, if_none_match=given)
        assert response.status_code == 304
        assert response.content == b""
        assert response["ETag"] == etag
        assert response["Cache-Control"] == PUBLIC
        assert response["Surrogate-Key"]
    for given in ('"other"', etag.strip('"'), "", "W/", etag[:-1]):
        assert reader.get(ADDRESS, if_none_match=given).status_code == 200


def test_a_change_changes_the_tag(library: Library, reader: Reader) -> None:
    author = library.profile(1)
    library.post(1, authors=[author])
    library.save()
    before = reader.get(ADDRESS)["ETag"]

    library.profile(1, title="Renamed")
    library.save()

    after = reader.get(ADDRESS, if_none_match=before)
    assert after.status_code == 200
    assert after["ETag"] != before
    assert after.json()["data"]["author"]["title"] == "Renamed"


def test_head_is_get_without_the_body(library: Library, reader: Reader) -> None:
    library.post(1)
    library.save()

    got = reader.get(ADDRESS)
    head = reader.client.head(f"/api/v1{ADDRESS}")

    assert head.status_code == 200
    assert head.content == b""
    ignored = {"X-Request-ID"}
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }
    missing = reader.client.head("/api/v1/content/blog-posts/none")
    assert missing.status_code == 404
    assert missing.content == b""


def test_languages_depend_on_translations_to_come(library: Library, reader: Reader) -> None:
    post = library.post(1)
    library.save()

    assert reader.get(f"{ADDRESS}?locale=fr,en")["Surrogate-Key"].split() == [
        "s-1",
        f"d-{post}",
        "t-1-blog-posts",
        SLUG,
    ]


def test_forwarded_headers_change_nothing(library: Library, reader: Reader) -> None:
    library.post(1)
    library.post(2)
    library.save()
    plain = reader.get("/content/blog-posts?limit=1")

    evil = reader.get(
        "/content/blog-posts?limit=1",
        x_forwarded_host="evil.example.com",
        x_original_url="/admin/",
        accept_language="fr<script>",
    )

    assert evil.content == plain.content
    assert evil["Link"] == plain["Link"]
    assert not any("evil" in value or "script" in value for value in evil.headers.values())


def test_a_redirect_depends_on_its_target_and_on_what_may_come_there(
    library: Library, reader: Reader
) -> None:
    post = library.post(1)
    library.save()
    library.redirect("/old", target=post)

    tags = reader.get("/content/resolve?path=/old/")["Surrogate-Key"].split()

    assert tags == ["s-1", f"d-{id_of('post', 1)}", path_tag(1, "/old")]


def purged_by(library: Library) -> set[str]:
    """The tags that the ledger has purged by now, and no longer."""
    last = LedgerEvent.objects.order_by("-sequence").first()
    before = 0 if last is None else last.sequence
    library.save()
    return {
        tag
        for event in LedgerEvent.objects.filter(sequence__gt=before)
        for tag in event.data["cache_tags"]
    }


def test_an_older_document_that_takes_the_slug_purges_the_answer(
    library: Library, reader: Reader
) -> None:
    library.post(1, slug="team", date=days(5))
    library.save()
    answer = reader.get("/content/blog-posts/team")
    assert answer.json()["data"]["id"] == str(id_of("post", 1))

    library.post(2, slug="team", date=days(1), path="/other/team/")
    purged = purged_by(library)

    assert reader.get("/content/blog-posts/team").json()["data"]["id"] == str(id_of("post", 2))
    assert purged & set(answer["Surrogate-Key"].split())


def test_a_document_that_leaves_a_site_or_a_slug_purges_both(library: Library) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    library.post(1, slug="here")
    library.save()

    other.post(1, slug="there")

    assert purged_by(other) == {
        f"d-{id_of('post', 1)}",
        "t-1-blog-posts",
        "t-2-blog-posts",
        slug_tag(1, "blog-posts", "here"),
        slug_tag(2, "blog-posts", "there"),
        path_tag(1, "/post-1/"),
        path_tag(2, "/post-1/"),
    }


def test_a_page_of_any_website_may_read_what_is_public(library: Library, reader: Reader) -> None:
    library.post(1)
    library.save()

    for address in (ADDRESS, "/content/blog-posts/nothing", "/content?unknown=1"):
        response = reader.get(address, Origin="https://www.example.com")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Vary" not in response.headers
    assert "ETag" in reader.get(ADDRESS)["Access-Control-Expose-Headers"]


def test_a_cookie_changes_nothing(library: Library, reader: Reader) -> None:
    """An outdated session's cookie is not deleted here: a cache would hand that to everyone."""
    library.post(1)
    library.save()

    for address in ("/api/v1" + ADDRESS, "/api/docs", "/api/docs/problems/not-found"):
        headers = {"Cookie": "sessionid=outdated; csrftoken=x"}
        response = reader.client.get(address, headers=headers)
        assert response.status_code == 200
        assert not response.cookies
        assert "Vary" not in response.headers
