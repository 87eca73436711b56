from typing import Any

from delivery.interface import document_marker, image_marker, path_marker, slug_tag
from tests.api.conftest import Reader
from tests.factories.documents import SEO, Library, id_of, paragraph

MISSING = "00000000-0000-4000-8000-000000000000"


def reference(kind: str, key: object, type_name: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "id": str(id_of(kind, key)),
        "type": type_name,
        "slug": f"{kind}-{key}",
        "path": f"/{kind}-{key}/",
        "title": f"{kind.capitalize()} {key}",
    }
    return plain | changes


IMAGE = reference("image", 1, "images", path="") | {
    "alt": "Picture 1",
    "credit": "",
    "width": 640,
    "height": 360,
    "focal_point": None,
    "src": "/media/1.png",
    "sources": [],
    "srcset": "/media/1.320.webp 320w",
}


def test_a_post_is_flat_with_its_references_and_its_image_whole(
    library: Library, reader: Reader
) -> None:
    author, tag, image = library.profile(1), library.tag(1), library.image(1)
    library.post(
        7, authors=[author], tags=[tag], cover=image, body=[paragraph("<p>One &amp; two.</p>")]
    )
    library.save()

    response = reader.get("/content/blog-posts/post-7")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert list(response.json()) == ["data"]
    document = response.json()["data"]
    assert document == {
        "id": str(id_of("post", 7)),
        "type": "blog-posts",
        "locale": "en",
        "slug": "post-7",
        "path": "/post-7/",
        "title": "Post 7",
        "summary": "",
        "published_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-01T12:00:00Z",
        "version": 1,
        "seo": SEO,
        "date": "2026-01-01",
        "reading_minutes": 3,
        "is_featured": False,
        "author": reference("profile", 1, "profiles"),
        "authors": [reference("profile", 1, "profiles")],
        "tags": [reference("tag", 1, "tags", path="")],
        "categories": [],
        "cover_image": IMAGE,
        "parent": None,
        "body": [paragraph("<p>One &amp; two.</p>")],
    }
    assert list(document)[:11] == [
        "id",
        "type",
        "locale",
        "slug",
        "path",
        "title",
        "summary",
        "published_at",
        "updated_at",
        "version",
        "seo",
    ]


def test_id_and_slug_lead_to_the_same(library: Library, reader: Reader) -> None:
    library.post(1)
    library.save()

    by_slug = reader.json("/content/blog-posts/post-1")

    assert reader.json(f"/content/blog-posts/{id_of('post', 1)}") == by_slug
    assert reader.get(f"/content/services/{id_of('post', 1)}").status_code == 404


def test_what_is_not_there_looks_the_same_as_what_is_not_public(
    library: Library, reader: Reader
) -> None:
    library.post(1)
    library.save()
    library.withdraw(id_of("post", 1))

    answers = [
        reader.get(f"/content/blog-posts/{key}", x_request_id="the-same-id")
        for key in (id_of("post", 1), MISSING)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = (
        answer.content.replace(answer.wsgi_request.path.encode(), b"") for answer in answers
    )
    assert first == second
    assert reader.get("/content/blog-posts/post-1").status_code == 404


def test_types_without_a_route_are_not_found(library: Library, reader: Reader) -> None:
    assert reader.get("/content/site/x").status_code == 404
    assert reader.get("/content/users").status_code == 404


def test_absent_targets_leave_no_trace_but_a_cache_tag(library: Library, reader: Reader) -> None:
    gone, photo, tag = id_of("post", 99), id_of("image", 99), id_of("tag", 99)
    body = [
        paragraph(f'<p>See <a href="{path_marker(gone)}">this &quot;text&quot;</a> now.</p>'),
        paragraph(f'<p>And <a href="{path_marker(gone)}#part">that</a>.</p>'),
        paragraph(f"<p>{image_marker(photo, 'A &quot;picture&quot;')}</p>"),
        {"id": "i", "type": "image", "value": {"image": document_marker(photo), "alt": None}},
    ]
    library.post(1, authors=[gone], tags=[tag], cover=photo, body=body, mentions=[gone, photo])
    library.save()

    response = reader.get("/content/blog-posts/post-1")

    document = response.json()["data"]
    assert document["author"] is None
    assert document["authors"] == []
    assert document["tags"] == []
    assert document["cover_image"] is None
    assert document["body"][0]["value"]["html"] == "<p>See <a>this &quot;text&quot;</a> now.</p>"
    assert document["body"][1]["value"]["html"] == "<p>And <a>that</a>.</p>"
    assert document["body"][2]["value"]["html"] == "<p></p>"
    assert document["body"][3]["value"] == {"image": None, "alt": None}
    assert set(response["Surrogate-Key"].split(" ")) == {
        "s-1",
        slug_tag(1, "blog-posts", "post-1"),
        *(f"d-{item}" for item in (id_of("post", 1), gone, photo, tag)),
    }
    assert response["Cache-Tag"] == response["Surrogate-Key"].replace(" ", ",")


def test_markers_become_paths_images_and_references(library: Library, reader: Reader) -> None:
    image = library.image(1)
    other = library.post(2, path="/two/?a=1&b='2'/")
    body = [
        paragraph(
            f'<p>\\<a href="{path_marker(other)}#x">two</a>\\{image_marker(image, "A &lt;")}</p>'
        ),
        {"id": "i", "type": "image", "value": {"image": document_marker(image)}},
        {"id": "c", "type": "call_to_action", "value": {"page": document_marker(other)}},
    ]
    library.post(1, body=body, mentions=[image, other])
    library.save()

    blocks = reader.json("/content/blog-posts/post-1")["data"]["body"]

    assert blocks[0]["value"]["html"] == (
        '<p>\\<a href="/two/?a=1&amp;b=&#x27;2&#x27;/#x">two</a>\\'
        '<img src="/media/1.png" srcset="/media/1.320.webp 320w" width="640" height="360"'
        ' loading="lazy" alt="A &lt;"></p>'
    )
    assert blocks[1]["value"]["image"] == IMAGE
    assert blocks[2]["value"]["page"] == reference("post", 2, "blog-posts", path="/two/?a=1&b='2'/")


def test_text_that_looks_like_a_marker_stays_text(library: Library, reader: Reader) -> None:
    secret = library.post(2)
    forged = f"\\u0001doc:{secret}\\u0001 and \\\\u0001path:{secret}\\\\u0001"
    body = [
        {"id": "c", "type": "code", "value": {"language": "text", "code": forged}},
        paragraph(f'<a href="{path_marker(secret)}">x</a>'),
    ]
    library.post(1, body=body, mentions=[secret])
    library.save()

    blocks = reader.json("/content/blog-posts/post-1")["data"]["body"]

    assert blocks[0]["value"]["code"] == forged
    assert blocks[1]["value"]["html"] == '<a href="/post-2/">x</a>'


def test_documents_of_other_sites_are_absent(library: Library, reader: Reader) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    stranger = other.profile("far")
    other.save()
    library.post(1, authors=[stranger])
    library.save()

    assert reader.json("/content/blog-posts/post-1")["data"]["author"] is None
    assert reader.get("/content/profiles/profile-far").status_code == 404
    answer = reader.get("/content/profiles/profile-far", host="other.example.com")
    assert answer.json()["data"]["title"] == "Profile far"


def test_fields_choose_and_reach_into_references(library: Library, reader: Reader) -> None:
    image = library.image(1)
    author = library.profile(1, photo=image)
    library.post(1, authors=[author], body=[paragraph("<p>x</p>")])
    library.save()

    chosen = reader.json("/content/blog-posts/post-1?fields=title,author(role,bio,photo(alt))")

    assert chosen == {
        "data": {
            "id": str(id_of("post", 1)),
            "type": "blog-posts",
            "title": "Post 1",
            "author": reference("profile", 1, "profiles")
            | {
                "role": "Editor",
                "photo": reference("image", 1, "images", path="") | {"alt": "Picture 1"},
                "bio": {"html": "<p>Reads proofs.</p>"},
            },
        }
    }
    assert reader.json("/content/blog-posts/post-1?fields=body") == {
        "data": {
            "id": str(id_of("post", 1)),
            "type": "blog-posts",
            "body": [paragraph("<p>x</p>")],
        }
    }


def test_includes_stand_beside_once_each(library: Library, reader: Reader) -> None:
    image = library.image(1)
    author = library.profile(1, photo=image)
    first = library.post(1, authors=[author])
    second = library.post(2, authors=[author])
    library.service(1, "10.00", related=[first, second])
    library.save()

    answer = reader.json(
        "/content/services/service-1?fields=title&include=related_posts.authors.photo"
    )

    assert answer["data"] == {
        "id": str(id_of("service", 1)),
        "type": "services",
        "title": "Service 1",
    }
    assert list(answer["included"]) == [
        str(id_of(*key)) for key in (("post", 1), ("profile", 1), ("image", 1), ("post", 2))
    ]
    whole = reader.json("/content/profiles/profile-1")["data"]
    assert answer["included"][str(author)] == whole
    assert answer["included"][str(first)] == reader.json("/content/blog-posts/post-1")["data"]


def test_what_stands_whole_in_data_is_not_included_again(library: Library, reader: Reader) -> None:
    first = library.post(1)
    library.post(2, mentions=[first])
    library.service(1, "10.00", related=[first])
    library.save()

    lists = reader.json("/content?type=services,blog-posts&include=related_posts")
    cut = reader.json("/content?type=services,blog-posts&include=related_posts&fields=title")

    assert lists["included"] == {}
    assert list(cut["included"]) == [str(first)]


def test_rich_text_as_a_tree(library: Library, reader: Reader) -> None:
    other = library.post(2)
    html = f'<p>One <b>two <i>three</i></b> <a href="{path_marker(other)}">four</a></p><ul><li>x</li></ul>'
    library.post(1, body=[paragraph(html)], mentions=[other])
    library.save()

    (block,) = reader.json("/content/blog-posts/post-1?format=json")["data"]["body"]

    assert block["value"] == {
        "nodes": [
            {
                "type": "paragraph",
                "children": [
                    {"type": "text", "text": "One "},
                    {"type": "text", "text": "two ", "marks": ["bold"]},
                    {"type": "text", "text": "three", "marks": ["bold", "italic"]},
                    {"type": "text", "text": " "},
                    {
                        "type": "link",
                        "attrs": {"href": "/post-2/"},
                        "children": [{"type": "text", "text": "four"}],
                    },
                ],
            },
            {
                "type": "list",
                "attrs": {"ordered": False},
                "children": [{"type": "list_item", "children": [{"type": "text", "text": "x"}]}],
            },
        ]
    }


def test_languages_fall_back_in_order(library: Library, reader: Reader) -> None:
    key = id_of("post", "key")
    library.post(1, translation_key=key, slug="hello")
    library.post(2, translation_key=key, slug="bonjour", locale="fr")
    library.post(3, slug="only-english")
    library.save()

    def served(path: str) -> tuple[str, str]:
        response = reader.get(path)
        assert response.status_code == 200, response.content
        return response.json()["data"]["slug"], response["Content-Language"]

    assert served("/content/blog-posts/hello") == ("hello", "en")
    assert served("/content/blog-posts/hello?locale=fr,en") == ("bonjour", "fr")
    assert served("/content/blog-posts/bonjour?locale=en,fr") == ("hello", "en")
    assert served("/content/blog-posts/only-english?locale=fr-CA,fr,en") == ("only-english", "en")
    assert served(f"/content/blog-posts/{id_of('post', 1)}?locale=FR") == ("bonjour", "fr")
    assert served(f"/content/blog-posts/{id_of('post', 2)}") == ("bonjour", "fr")
    assert reader.get("/content/blog-posts/bonjour").status_code == 404
    assert reader.get("/content/blog-posts/only-english?locale=fr").status_code == 404


def test_the_same_slug_twice_gives_the_older_one(library: Library, reader: Reader) -> None:
    library.add("page", 1, "pages", slug="team", path="/b/team/", head={"kind": "standard"})
    library.add("page", 2, "pages", slug="team", path="/a/team/", head={"kind": "standard"})
    library.save()

    answer = reader.get("/content/pages/team")

    first = min(id_of("page", 1), id_of("page", 2), key=lambda item: item.hex)
    assert answer.json()["data"]["id"] == str(first)
    assert slug_tag(1, "pages", "team") in answer["Surrogate-Key"].split(" ")
