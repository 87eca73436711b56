"""An answer takes the same number of queries, however long the list and deep the includes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Reader
from tests.factories.documents import Library, days

DEPTHS = [
    "",
    "&include=related_posts",
    "&include=related_posts.authors",
    "&include=related_posts.authors.photo,related_posts.tags",
    "&include=related_posts.authors.parent.parent",
    "&fields=title,related_posts(title,authors(photo(alt)))",
    "&fields=title",
    "&format=json",
]


def fill(library: Library, number: int) -> None:
    for index in range(number):
        image, tag = library.image(index), library.tag(index)
        author = library.profile(index, photo=image)
        post = library.post(index, authors=[author], tags=[tag, library.tag(0)], date=days(index))
        library.service(index, "1.00", related=[post], date=days(index))
    library.save()


def count(reader: Reader, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        reader.json(path)
    return len(queries)


@pytest.mark.parametrize("depth", DEPTHS)
def test_lists(library: Library, reader: Reader, depth: str) -> None:
    counts: dict[str, list[int]] = {}
    for size in (1, 10, 100):
        fill(library, size)
        for path, extra in (("/services", ""), ("/services", "&count=true"), ("/content", "")):
            address = f"{path}?limit={size}{depth}{extra}"
            counts.setdefault(path + extra, []).append(count(reader, address))

    # The website, and the answer; one more for the total.
    assert counts == {
        "/services": [2, 2, 2],
        "/services&count=true": [3, 3, 3],
        "/content": [2, 2, 2],
    }


@pytest.mark.parametrize("size", [1, 10, 100])
def test_filters_by_slug_cost_one_more(library: Library, reader: Reader, size: int) -> None:
    fill(library, size)
    query = f"?limit={size}&include=tags&filter[tags]=tag-0&filter[authors][in]=profile-0,profile-1"

    assert count(reader, f"/content/blog-posts{query}") == 3


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_single_document(library: Library, reader: Reader, depth: str) -> None:
    fill(library, 3)

    assert count(reader, f"/services/service-1?locale=fr,en{depth}") == 2
    assert count(reader, f"/content/resolve?path=/service-1/{depth}") == 2


def test_the_sitemap(library: Library, reader: Reader) -> None:
    found = []
    for size in (1, 10, 100):
        fill(library, size)
        found.append(count(reader, "/content/sitemap"))

    assert found == [2, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_a_remembered_website_costs_no_query(reader: Reader) -> None:
    library = Library().open()
    fill(library, 3)
    reader.json("/services")

    assert count(reader, "/services?include=related_posts.authors") == 1


def test_only_selects(library: Library, reader: Reader, django_assert_num_queries: Any) -> None:
    fill(library, 2)

    with django_assert_num_queries(2) as queries:
        reader.json("/services?include=related_posts")
    assert all(query["sql"].startswith(("SELECT", "WITH")) for query in queries.captured_queries)
