"""What stands at a path, the sitemap, and the website's own document."""

from typing import Any
from urllib.parse import quote

from tests.api.conftest import Reader
from tests.factories.documents import SEO, Library, days, id_of


def resolve(reader: Reader, path: str) -> Any:
    return reader.json(f"/content/resolve?path={path}&fields=path")


def test_a_path_gives_its_document(library: Library, reader: Reader) -> None:
    library.post(1, path="/blog/one/")
    library.add("page", 1, "pages", path="/", head={"kind": "home"})
    library.save()

    assert reader.json("/content/resolve?path=/blog/one/") == reader.json(
        "/content/blog-posts/post-1"
    )
    assert resolve(reader, "/blog/one") == resolve(reader, "/blog/one/")
    assert resolve(reader, "/") == {
        "data": {"id": str(id_of("page", 1)), "type": "pages", "path": "/"}
    }
    assert reader.get("/content/resolve?path=/blog/").status_code == 404
    assert reader.get("/content/resolve?path=/blog/two/?x").status_code == 404


def test_a_path_may_come_escaped_as_a_browser_sends_it(library: Library, reader: Reader) -> None:
    library.post(1, path="/blog/caf\u00e9/")
    library.save()

    shown = resolve(reader, "/blog/caf%C3%A9/")

    assert shown["data"]["path"] == "/blog/caf\u00e9/"
    assert (
        resolve(reader, "/blog/caf%25C3%25A9/") == resolve(reader, "/blog/caf%25c3%25a9") == shown
    )


def test_documents_without_a_page_have_no_path(library: Library, reader: Reader) -> None:
    library.tag(1)
    library.save()

    assert reader.get("/content/resolve?path=/").status_code == 404


def test_an_old_path_leads_to_where_the_document_is_now(library: Library, reader: Reader) -> None:
    post = library.post(1, path="/blog/one/")
    library.save()
    library.redirect("/old", target=post)
    library.redirect("/away", url="https://example.com/x")
    library.redirect("/blog/one", url="https://example.com/hidden")
    library.redirect("/gone", target=id_of("post", 2))

    def redirect(path: str) -> object:
        return reader.json(f"/content/resolve?path={path}")

    assert redirect("/old/") == {"redirect": {"to": "/blog/one/", "status": 301}}
    assert redirect("/old") == redirect("/old/")
    assert redirect("/away/") == {"redirect": {"to": "https://example.com/x", "status": 301}}
    assert resolve(reader, "/blog/one/") != {"redirect": {}}
    assert reader.get("/content/resolve?path=/gone/").status_code == 404
    library.post(1, path="/moved/again/")
    library.save()
    assert redirect("/old/") == {"redirect": {"to": "/moved/again/", "status": 301}}
    library.withdraw(post)
    assert reader.get("/content/resolve?path=/old/").status_code == 404


def test_an_old_path_may_have_a_query(library: Library, reader: Reader) -> None:
    home = library.add("page", 1, "pages", path="/", head={"kind": "home"})
    post = library.post(1, path="/blog/one/")
    library.save()
    library.redirect("/?p=12", target=post)
    library.redirect("/list?a=1&b=é%20x", url="https://example.com/list")
    library.redirect("/?p=13", target=id_of("post", 2))

    def at(path: str) -> object:
        return reader.json(f"/content/resolve?path={quote(path, safe='')}&fields=path")

    assert at("/?p=12") == {"redirect": {"to": "/blog/one/", "status": 301}}
    listed = {"redirect": {"to": "https://example.com/list", "status": 301}}
    assert at("/list?b=%C3%A9%20x&a=1") == at("/list/?a=1&b=é%20x") == listed
    shown = {"data": {"id": str(home), "type": "pages", "path": "/"}}
    assert at("/?p=1") == at("/?p=12&x=1") == at("/?") == at("/") == shown
    assert at("/blog/one/?utm_source=x") == at("/blog/one/?") == at("/blog/one/")
    assert reader.get("/content/resolve?path=/%3Fp%3D13").status_code == 404
    assert reader.get("/content/resolve?path=/none/%3Fp%3D12").status_code == 404
    library.withdraw(post)
    assert reader.get("/content/resolve?path=/%3Fp%3D12").status_code == 404


def test_a_redirect_that_leads_nowhere_leaves_it_to_the_next(
    library: Library, reader: Reader
) -> None:
    library.redirect("/list?b=%C3%A9", target=id_of("post", 2))
    library.redirect("/list?b=é", url="https://example.com/list")

    found = reader.json("/content/resolve?path=/list%3Fb%3D%25C3%25A9")

    assert found == {"redirect": {"to": "https://example.com/list", "status": 301}}


def test_a_redirect_with_a_query_to_its_own_path_is_none(library: Library, reader: Reader) -> None:
    library.redirect("/loop?x=1", url="/loop")

    assert reader.get("/content/resolve?path=/loop%3Fx%3D1").status_code == 404


def test_a_redirect_to_itself_is_none(library: Library, reader: Reader) -> None:
    library.redirect("/loop", url="/loop/")

    assert reader.get("/content/resolve?path=/loop/").status_code == 404


def test_the_sitemap_lists_what_may_be_found(library: Library, reader: Reader) -> None:
    key = id_of("post", "key")
    library.post(1, path="/blog/a/", translation_key=key, date=days(1))
    library.post(2, path="/fr/blog/b/", translation_key=key, locale="fr")
    library.post(3, path="/blog/c/")
    library.add("page", 1, "pages", path="/hidden/", head={"seo": SEO | {"noindex": True}})
    library.post(4, path="/blog/d/", title='"noindex":true')
    library.tag(1)
    library.save()

    answer = reader.json("/content/sitemap")

    assert answer["page"] == {"next": None, "prev": None, "has_more": False}
    assert answer["data"][0] == {
        "path": "/blog/a/",
        "locale": "en",
        "updated_at": "2026-01-02T12:00:00Z",
        "alternates": {"fr": "/fr/blog/b/"},
    }
    paths = [item["path"] for item in answer["data"]]
    assert paths == ["/blog/a/", "/blog/c/", "/blog/d/", "/fr/blog/b/"]
    first = reader.get("/content/sitemap?limit=3")
    cursor = first.json()["page"]["next"]
    assert first["Link"] == f'</api/v1/content/sitemap?limit=3&after={cursor}>; rel="next"'
    rest = reader.json(f"/content/sitemap?limit=3&after={cursor}")
    assert [item["path"] for item in rest["data"]] == ["/fr/blog/b/"]


def test_the_website_speaks_for_itself(library: Library, reader: Reader) -> None:
    image = library.image(1)
    for code in ("en", "fr"):
        library.add(
            "site",
            code,
            "site",
            locale=code,
            slug="site-1",
            path="",
            translation_key=id_of("site", "key"),
            head={"brand": {"name": f"Brand {code}", "tagline": ""}, "logo": str(image)},
            content={"navigation": {"main": []}, "banners": []},
            references=[("logo", image)],
        )
    library.save()

    def brand(query: str) -> tuple[str, str]:
        response = reader.get(f"/content/site{query}")
        return response.json()["data"]["brand"]["name"], response["Content-Language"]

    assert brand("") == ("Brand en", "en")
    assert brand("?locale=fr") == ("Brand fr", "fr")
    assert brand("?locale=de,fr,en") == ("Brand fr", "fr")
    document = reader.json("/content/site")["data"]
    assert document["logo"]["src"] == "/media/1.png"
    assert document["navigation"] == {"main": []}


def test_a_website_without_its_document(library: Library, reader: Reader) -> None:
    assert reader.get("/content/site").status_code == 404
