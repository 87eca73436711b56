from decimal import Decimal
from itertools import chain
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from delivery.interface import slug_tag
from tests.api.conftest import Reader
from tests.factories.documents import Library, days, id_of

LIST = "/content/blog-posts"


def walk(
    reader: Reader, path: str, direction: str = "next", start: str | None = None
) -> list[list[str]]:
    """The slugs of each page, following the cursors to the end."""
    parameter = {"next": "after", "prev": "before"}[direction]
    pages = []
    address = path if start is None else f"{path}&{parameter}={start}"
    for _ in range(30):
        answer = reader.json(address)
        pages.append([item["slug"] for item in answer["data"]])
        cursor = answer["page"][direction]
        if cursor is None:
            return pages
        address = f"{path}&{parameter}={cursor}"
    raise AssertionError("the list does not end")


def joined(pages: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(pages))


def test_lists_are_newest_first_and_what_has_no_date_comes_last(
    library: Library, reader: Reader
) -> None:
    for number, date in enumerate([days(2), None, days(5), days(1), None]):
        library.post(number, date=date)
    library.save()

    undated = sorted(["post-1", "post-4"], key=lambda slug: -id_of("post", slug[-1]).int)
    expected = ["post-2", "post-0", "post-3", *undated]
    assert reader.slugs(LIST) == expected
    assert walk(reader, f"{LIST}?limit=1") == [[slug] for slug in expected]


def test_pages_go_forward_and_back(library: Library, reader: Reader) -> None:
    for number in range(7):
        library.post(number, date=days(number))
    library.save()

    first = reader.get(f"{LIST}?limit=3&fields=slug")
    page = first.json()["page"]
    assert page["prev"] is None
    assert page["has_more"] is True
    assert first["Link"] == f'</api/v1{LIST}?limit=3&fields=slug&after={page["next"]}>; rel="next"'
    middle = reader.get(f"{LIST}?limit=3&after={page['next']}&fields=slug")
    page = middle.json()["page"]
    assert [item["slug"] for item in middle.json()["data"]] == ["post-3", "post-2", "post-1"]
    assert middle["Link"] == (
        f'</api/v1{LIST}?limit=3&fields=slug&after={page["next"]}>; rel="next", '
        f'</api/v1{LIST}?limit=3&fields=slug&before={page["prev"]}>; rel="prev"'
    )
    last = reader.json(f"{LIST}?limit=3&after={page['next']}")
    assert [item["slug"] for item in last["data"]] == ["post-0"]
    assert last["page"] == {"next": None, "prev": last["page"]["prev"], "has_more": False}
    back = reader.json(f"{LIST}?limit=3&before={last['page']['prev']}")
    assert [item["slug"] for item in back["data"]] == ["post-3", "post-2", "post-1"]
    assert back["page"]["next"] is not None
    start = reader.json(f"{LIST}?limit=3&before={back['page']['prev']}")
    assert [item["slug"] for item in start["data"]] == ["post-6", "post-5", "post-4"]
    assert start["page"]["prev"] is None


def test_a_total_is_counted_on_request(library: Library, reader: Reader) -> None:
    for number in range(5):
        library.post(number)
    library.save()

    assert reader.json(f"{LIST}?limit=2&count=true")["page"]["total"] == 5
    assert "total" not in reader.json(f"{LIST}?limit=2&count=false")["page"]


@pytest.mark.parametrize(
    "sort",
    [
        "published_at",
        "-published_at",
        "title",
        "-title",
        "reading_minutes",
        "-reading_minutes,title",
        "reading_minutes,-published_at",
        "-updated_at,title",
        "-date,reading_minutes,-title",
    ],
)
def test_every_order_is_complete_in_both_directions(
    library: Library, reader: Reader, sort: str
) -> None:
    for number in range(12):
        minutes = [3, None, 5][number % 3]
        date = None if number == 4 else days(number % 4)
        library.post(number, minutes=minutes, date=date, title=f"Title {number % 5}")
    library.save()

    whole = reader.slugs(f"{LIST}?sort={sort}")
    assert sorted(whole) == sorted(f"post-{number}" for number in range(12))
    assert joined(walk(reader, f"{LIST}?sort={sort}&limit=5")) == whole
    last = reader.json(f"{LIST}?sort={sort}&limit=11")["page"]["next"]
    tail = reader.json(f"{LIST}?sort={sort}&limit=5&after={last}")
    backward = walk(reader, f"{LIST}?sort={sort}&limit=4", "prev", tail["page"]["prev"])
    assert joined(backward[::-1]) == whole[:11]


def test_values_sort_as_numbers_and_the_empty_last(library: Library, reader: Reader) -> None:
    for key, price in (("a", "90.00"), ("b", "120.50"), ("c", "9.99")):
        library.service(key, price)
    library.post("none", minutes=None)
    library.post("ten", minutes=10)
    library.post("nine", minutes=9)
    library.save()

    assert reader.slugs("/content/services?sort=price") == ["service-c", "service-a", "service-b"]
    assert reader.slugs("/services?sort=-price") == ["service-b", "service-a", "service-c"]
    assert reader.slugs(f"{LIST}?sort=reading_minutes") == ["post-nine", "post-ten", "post-none"]
    assert reader.slugs(f"{LIST}?sort=-reading_minutes") == ["post-ten", "post-nine", "post-none"]


def test_what_is_featured_can_be_found_and_come_first(library: Library, reader: Reader) -> None:
    library.post("a", date=days(1))
    library.post("b", date=days(2), is_featured=True)
    library.post("c", date=days(3))
    library.save()

    assert reader.slugs(f"{LIST}?filter[is_featured]=true") == ["post-b"]
    assert reader.slugs(f"{LIST}?filter[is_featured]=false") == ["post-c", "post-a"]
    first = f"{LIST}?sort=-is_featured,-published_at"
    assert reader.slugs(first) == ["post-b", "post-c", "post-a"]
    assert joined(walk(reader, f"{first}&limit=1")) == ["post-b", "post-c", "post-a"]
    assert reader.get(f"{LIST}?filter[is_featured]=1").status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter[price]=90", "a"),
        ("filter[price][eq]=90.00", "a"),
        ("filter[price][ne]=90", "bc"),
        ("filter[price][in]=90,9.99", "ac"),
        ("filter[price][nin]=90,9.99", "b"),
        ("filter[price][gt]=90", "b"),
        ("filter[price][gte]=90", "ab"),
        ("filter[price][lt]=90", "c"),
        ("filter[price][lte]=90", "ac"),
        ("filter[price][gte]=9.99&filter[price][lt]=100", "ac"),
        ("filter[price][gt]=-1", "abc"),
        ("filter[currency]=EUR", "abc"),
        ("filter[currency][ne]=EUR", ""),
        ("filter[currency]=USD", ""),
        ("filter[slug]=service-a", "a"),
        ("filter[slug][nin]=service-a,service-b", "c"),
        ("filter[title][in]=Service%20a,Service+c", "ac"),
        ("filter[published_at][gt]=2026-01-02T12:00:00Z", "c"),
        ("filter[published_at][gte]=2026-01-02T13:00:00%2B01:00", "bc"),
        ("filter[published_at][lt]=2026-01-02", "a"),
        ("filter[related_posts]=post-1", "400"),
    ],
)
def test_filters(library: Library, reader: Reader, query: str, expected: str) -> None:
    library.service("a", "90.00", date=days(0))
    library.service("b", "120.50", date=days(1))
    library.service("c", "9.99", date=days(2))
    library.save()

    if expected == "400":
        assert reader.get(f"/services?{query}").status_code == 400
        return
    assert sorted(reader.slugs(f"/services?{query}")) == [f"service-{key}" for key in expected]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter[tags]=tag-1", "3 1"),
        ("filter[tags]={tag1}", "3 1"),
        ("filter[tags]=tag-2", "3 2"),
        ("filter[tags]=tag-1&filter[tags][in]=tag-2", "3"),
        ("filter[tags]=tag-1&filter[authors]=profile-1", "1"),
        ("filter[tags][in]=tag-1,tag-2", "3 2 1"),
        ("filter[tags][ne]=tag-1", "4 2"),
        ("filter[tags][nin]=tag-1,tag-2", "4"),
        ("filter[tags]=tag-none", ""),
        ("filter[tags][ne]=tag-none", "4 3 2 1"),
        ("filter[tags]=00000000-0000-4000-8000-000000000000", ""),
        ("filter[author]=profile-1", "4 1"),
    ],
)
def test_filters_by_reference(library: Library, reader: Reader, query: str, expected: str) -> None:
    first, second, author = library.tag(1), library.tag(2), library.profile(1)
    library.post(1, tags=[first], date=days(1), authors=[author])
    library.post(2, tags=[second], date=days(2))
    library.post(3, tags=[second, first], date=days(3))
    library.post(4, date=days(4), authors=[author])
    library.save()

    slugs = [f"post-{key}" for key in expected.split()]
    address = f"{LIST}?{query.format(tag1=first)}"
    assert reader.slugs(address) == slugs
    assert joined(walk(reader, f"{address}&limit=1")) == slugs


def test_a_slug_in_a_filter_means_the_document_in_every_language(
    library: Library, reader: Reader
) -> None:
    english = library.profile("en", slug="ada")
    french = library.profile("fr", slug="ada", locale="fr")
    library.post(1, authors=[english])
    library.post(2, authors=[french], locale="fr")
    library.post(3, authors=[english], locale="fr")
    library.save()

    assert reader.slugs(f"{LIST}?filter[author]=ada") == ["post-1"]
    assert sorted(reader.slugs(f"{LIST}?filter[author]=ada&locale=fr")) == ["post-2", "post-3"]


def test_lists_take_each_text_in_the_best_language(library: Library, reader: Reader) -> None:
    both = UUID(int=1)
    library.post("a", translation_key=both, date=days(1))
    library.post("b", translation_key=both, date=days(2), locale="fr")
    library.post("c", date=days(3))
    library.post("d", date=days(4), locale="fr")
    library.save()

    def served(query: str) -> tuple[list[str], str]:
        response = reader.get(f"{LIST}{query}")
        return [item["slug"] for item in response.json()["data"]], response["Content-Language"]

    assert served("") == (["post-c", "post-a"], "en")
    assert served("?locale=fr") == (["post-d", "post-b"], "fr")
    assert served("?locale=fr,en") == (["post-d", "post-c", "post-b"], "fr, en")
    assert served("?locale=en,fr") == (["post-d", "post-c", "post-a"], "en, fr")
    assert served("?locale=de,fr-CA,en") == (["post-c", "post-a"], "en")
    assert joined(walk(reader, f"{LIST}?locale=fr,en&limit=1")) == ["post-d", "post-c", "post-b"]


def test_lists_of_several_types(library: Library, reader: Reader) -> None:
    tag = library.tag(1)
    library.post(1, tags=[tag], date=days(3))
    library.service(1, "1.00", date=days(1))
    library.profile(1, date=days(2))
    library.save()

    assert reader.slugs("/content") == ["post-1", "profile-1", "service-1", "tag-1"]
    assert reader.slugs("/content?type=services,blog-posts") == ["post-1", "service-1"]
    assert reader.slugs("/content?type=tags,services&locale=fr,en") == ["service-1", "tag-1"]
    assert reader.slugs("/content/tags?locale=fr") == ["tag-1"]
    assert reader.slugs("/content?filter[tags]=tag-1") == ["post-1"]
    assert reader.slugs("/content?filter[type][ne]=tags&sort=title") == [
        "post-1",
        "profile-1",
        "service-1",
    ]


def test_a_list_depends_on_its_type_and_on_each_document_shown(
    library: Library, reader: Reader
) -> None:
    tag = library.tag(1)
    author = library.profile(1)
    post = library.post(1, tags=[tag], authors=[author])
    library.save()

    tags = set(reader.get(f"{LIST}?filter[tags]=tag-1&fields=author")["Surrogate-Key"].split())

    assert tags == {
        "s-1",
        "t-1-blog-posts",
        slug_tag(1, "tags", "tag-1"),
        f"d-{post}",
        f"d-{author}",
    }


def test_too_many_tags_become_one_for_each_type(library: Library, reader: Reader) -> None:
    for number in range(100):
        library.post(number, authors=[library.profile(number)], tags=[library.tag(number)])
    library.save()

    keys = reader.get(f"{LIST}?limit=100")["Surrogate-Key"].split()

    assert "t-1-profiles" in keys
    assert "t-1-images" in keys
    assert all(key == "s-1" or key.startswith("t-1-") for key in keys)
    assert len(keys) < 20


def test_a_list_without_heavy_fields_does_not_read_them(
    library: Library, reader: Reader, django_assert_max_num_queries: Any
) -> None:
    library.post(1)
    library.save()

    with django_assert_max_num_queries(3) as queries:
        assert "body" not in reader.json(f"{LIST}?fields=title")["data"][0]
    assert not any("d.content" in query["sql"] for query in queries.captured_queries)


def test_prices_are_strings(library: Library, reader: Reader) -> None:
    library.service(1, "480.00")
    library.save()

    assert reader.json("/services/service-1")["data"]["price"] == str(Decimal("480.00"))


def test_names_with_odd_letters_are_found(library: Library, reader: Reader) -> None:
    title = "Ça va ? 100 % & 'so' \"on\" \\ 🎉"
    library.post(1, title=title)
    library.save()

    assert reader.slugs(f"{LIST}?filter[title]={quote(title)}") == ["post-1"]
