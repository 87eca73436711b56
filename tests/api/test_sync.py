"""A copy of the documents that follows the sync is the same as what the API shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.interface import document_marker
from outbox.models import LedgerEvent, LedgerHead
from tests.api.conftest import Reader
from tests.api.mirror import START, Mirror, everything, fill
from tests.factories.documents import Library, days, id_of, paragraph


@pytest.fixture
def mirror(library: Library, reader: Reader) -> Mirror:
    fill(library)
    return Mirror(reader, limit=3).catch_up()


def deleted(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["id"] for item in page["deleted"]]


def slugs(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["slug"] for item in page["data"]]


def test_the_first_reading_gives_each_document_once_as_lists_show_it(
    library: Library, reader: Reader
) -> None:
    fill(library)
    mirror = Mirror(reader, limit=4)
    sizes = []
    while mirror.has_more:
        sizes.append(len(mirror.step()["data"]))

    assert sizes == [4, 4, 2]
    assert mirror.documents == everything(reader)
    assert {item["type"] for item in mirror.documents.values()} == {
        *("blog-posts", "profiles", "tags", "images", "site")
    }


def test_without_a_change_nothing_comes(mirror: Mirror) -> None:
    before = mirror.token
    page = mirror.step()

    assert page == {"data": [], "deleted": [], "next_sync_token": before, "has_more": False}


def test_a_change_comes_once(library: Library, mirror: Mirror, reader: Reader) -> None:
    library.post(9, title="Later")
    library.save()
    library.post(9, title="Later still")
    library.save()

    assert slugs(mirror.step()) == ["post-9"]
    assert mirror.titles()["post-9"] == "Later still"
    assert slugs(mirror.step()) == []
    assert mirror.documents == everything(reader)


def test_a_deletion_is_typed(library: Library, mirror: Mirror, reader: Reader) -> None:
    library.withdraw(id_of("post", 2))
    page = mirror.step()

    (gone,) = page["deleted"]
    assert gone.pop("deleted_at").startswith("20")
    assert gone == {
        "id": str(id_of("post", 2)),
        "type": "blog-posts",
        "locale": "en",
        "path": "/post-2/",
    }
    assert mirror.documents == everything(reader)


def test_what_shows_a_changed_document_comes_with_it(
    library: Library, mirror: Mirror, reader: Reader
) -> None:
    library.profile(1, photo=id_of("image", 1), title="Another name")
    library.save()
    pages = [mirror.step()]
    while mirror.has_more:
        pages.append(mirror.step())

    assert sorted(slug for page in pages for slug in slugs(page)) == [
        *(f"post-{number}" for number in range(5)),
        "profile-1",
    ]
    assert mirror.documents[str(id_of("post", 1))]["author"]["title"] == "Another name"
    assert mirror.documents == everything(reader)


def test_a_text_that_nobody_else_shows_comes_alone(library: Library, mirror: Mirror) -> None:
    library.add("profile", 1, "profiles", head={"photo": None, "role": "Other"})
    library.save()

    assert slugs(mirror.step()) == ["profile-1"]


def test_a_link_inside_a_text_follows_its_target(library: Library, reader: Reader) -> None:
    target = library.post("target")
    value = {"title": "", "text": "", "label": "", "page": document_marker(target), "url": None}
    blocks = [{"id": "1", "type": "call_to_action", "value": value}]
    library.post("linking", body=blocks, mentions=[target])
    library.save()
    mirror = Mirror(reader).catch_up()

    library.withdraw(target)
    page = mirror.step()

    assert (slugs(page), deleted(page)) == (["post-linking"], [str(target)])
    assert mirror.documents == everything(reader)
    assert page["data"][0]["body"][0]["value"]["page"] is None


def test_edits_during_the_first_reading_are_told_after_it(library: Library, reader: Reader) -> None:
    fill(library)
    mirror = Mirror(reader, limit=2)
    mirror.step()
    library.withdraw(id_of("post", 4), id_of("post", 0))
    library.post("new", date=days(100))
    library.post(1, date=days(200), title="Newer")
    library.save()
    mirror.catch_up()

    assert mirror.documents == everything(reader)
    assert mirror.titles()["post-1"] == "Newer"


def test_what_came_and_went_in_between_is_only_gone(library: Library, mirror: Mirror) -> None:
    library.post("short")
    library.save()
    library.withdraw(id_of("post", "short"))
    page = mirror.step()

    assert (slugs(page), deleted(page)) == ([], [str(id_of("post", "short"))])


def test_what_went_and_came_back_is_there(library: Library, mirror: Mirror, reader: Reader) -> None:
    library.withdraw(id_of("post", 2))
    library.post(2, title="Again", date=days(2))
    library.save()
    page = mirror.step()

    assert (slugs(page), deleted(page)) == (["post-2"], [])
    assert mirror.documents == everything(reader)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("&type=tags,images", {("tags", ""), ("images", "")}),
        ("&type=site", {("site", "en")}),
        ("&locale=fr", {("blog-posts", "fr"), ("tags", ""), ("images", "")}),
        ("&type=blog-posts&locale=FR,en", {("blog-posts", "fr"), ("blog-posts", "en")}),
    ],
)
def test_a_mirror_follows_what_it_chose(
    library: Library, reader: Reader, query: str, kinds: set[tuple[str, str]]
) -> None:
    fill(library)
    mirror = Mirror(reader, start=START + query, limit=3).catch_up()
    assert {(item["type"], item["locale"]) for item in mirror.documents.values()} == kinds

    library.post(1, title="Changed")
    library.post("fr", locale="fr", title="Changé")
    library.image(2)
    library.add("site", "en", "site", locale="en", path="", slug="site", title="We")
    library.save()
    library.withdraw(id_of("post", 2), id_of("tag", 1))
    mirror.catch_up()

    expected = everything(reader)
    assert mirror.documents == {
        key: item for key, item in expected.items() if (item["type"], item["locale"]) in kinds
    }


def test_a_document_that_leaves_the_choice_is_deleted(library: Library, reader: Reader) -> None:
    fill(library)
    french = Mirror(reader, start=f"{START}&locale=fr").catch_up()
    english = Mirror(reader, start=f"{START}&locale=en").catch_up()
    library.post("fr", locale="en")
    library.save()
    library.post("fr", locale="en", title="Once more")
    library.save()

    assert deleted(french.step()) == [str(id_of("post", "fr"))]
    assert slugs(english.step()) == ["post-fr"]


def test_a_document_that_moves_to_another_website_is_deleted(
    library: Library, reader: Reader
) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    fill(library)
    mirror = Mirror(reader).catch_up()
    other.post(1, title="Elsewhere")
    other.save()
    other.post(1, title="Elsewhere still")
    other.save()
    page = mirror.step()

    assert deleted(page) == [str(id_of("post", 1))]
    assert page["deleted"][0]["path"] == "/post-1/"
    assert mirror.documents == everything(reader)
    assert b"Elsewhere" not in reader.get(START).content


def test_other_websites_are_not_heard_of(library: Library, mirror: Mirror) -> None:
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    for number in range(20):
        other.post(f"secret {number}")
        other.save()
    other.withdraw(id_of("post", "secret 1"))
    page = mirror.step()

    assert (page["data"], page["deleted"], page["has_more"]) == ([], [], False)


def test_many_events_of_others_are_passed_over_page_by_page(
    library: Library, mirror: Mirror, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.reading.sync_changes.EVENTS_AT_ONCE", 4)
    other = Library(site_id=2, hostname="other.example.com", is_default=False)
    library.open(other)
    for number in range(10):
        other.post(number + 50)
    other.save()
    library.post(77)
    library.save()
    seen = [slugs(mirror.step())]
    while mirror.has_more:
        seen.append(slugs(mirror.step()))

    assert seen == [[], [], ["post-77"]]


def test_a_page_that_does_not_fit_goes_on_where_it_was(
    library: Library, mirror: Mirror, reader: Reader
) -> None:
    library.image(2)
    library.profile(1, photo=id_of("image", 2), title="Another name")
    library.save()
    library.withdraw(id_of("tag", 1), id_of("post", 0), id_of("post", 3))
    pages = [mirror.step()]
    while mirror.has_more:
        pages.append(mirror.step())

    assert max(len(page["data"]) + len(page["deleted"]) for page in pages) == 3
    assert len(pages) > 2
    assert mirror.documents == everything(reader)


def test_every_page_costs_as_many_queries(library: Library, mirror: Mirror, reader: Reader) -> None:
    counts = []
    for size in (1, 10, 90):
        author = library.profile("busy", title=f"Busy {size}")
        for number in range(size):
            library.post(f"many-{number}", authors=[author], title=f"Of {size}")
        library.save()
        library.withdraw(id_of("post", size % 5))
        with CaptureQueriesContext(connection) as queries:
            reader.json(f"/content/sync?sync_token={mirror.token}")
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            reader.json(f"{START}&limit=2")
        counts.append(len(queries))

    # The website, the ledger and the documents.
    assert counts == [3] * 6


def test_it_is_cached_like_a_list_and_purged_by_what_it_tells(
    library: Library, mirror: Mirror, reader: Reader
) -> None:
    address = f"/content/sync?sync_token={mirror.token}"
    response = reader.get(address)
    assert response["Cache-Control"].startswith("public, max-age=0, s-maxage=60")
    assert reader.get(address, if_none_match=response["ETag"]).status_code == 304
    tags = set(response["Surrogate-Key"].split())
    before = LedgerHead.objects.get().sequence

    library.post(1, title="Changed")
    library.save()

    (event,) = LedgerEvent.objects.filter(sequence__gt=before)
    assert tags & set(event.data["cache_tags"])
    head = reader.client.head(f"/api/v1{address}")
    assert head.content == b""
    assert head["ETag"] != response["ETag"]


def test_who_follows_one_type_is_told_what_another_type_changes_in_it(
    library: Library, reader: Reader
) -> None:
    """An answer that has nothing yet is purged by the change that puts something there."""
    author = library.profile(1)
    library.post(1, authors=[author])
    library.save()
    mirror = Mirror(reader, start=f"{START}&type=blog-posts").catch_up()
    address = f"/content/sync?sync_token={mirror.token}"
    response = reader.get(address)
    assert response.json()["data"] == []
    before = LedgerHead.objects.get().sequence

    library.profile(1, title="Another name")
    library.save()

    (event,) = LedgerEvent.objects.filter(sequence__gt=before)
    assert set(response["Surrogate-Key"].split()) & set(event.data["cache_tags"])
    assert [item["type"] for item in reader.json(address)["data"]] == ["blog-posts"]


def test_a_link_leads_on(library: Library, reader: Reader) -> None:
    fill(library)
    response = reader.get(f"{START}&limit=2&type=blog-posts")
    token = response.json()["next_sync_token"]

    assert response["Link"] == f'</api/v1/content/sync?sync_token={token}&limit=2>; rel="next"'
    assert "Link" not in reader.get(f"{START}&type=site").headers


def test_images_come_whole(library: Library, reader: Reader) -> None:
    image = library.image(1)
    library.post(1, cover=image, body=[paragraph("<p>x</p>")], mentions=[image])
    library.save()
    mirror = Mirror(reader).catch_up()
    library.add("image", 1, "images", head={"src": "/media/new.png"}, locale="", path="")
    library.save()

    assert sorted(slugs(mirror.step())) == ["image-1", "post-1"]
    assert mirror.documents[str(id_of("post", 1))]["cover_image"]["src"] == "/media/new.png"
    assert mirror.documents == everything(reader)
