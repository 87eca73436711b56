"""How the databases go about the reading side's one statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Reader
from tests.factories.documents import Library, days

ADDRESSES = [
    "/content/blog-posts/post-1",
    "/content/blog-posts/post-1?include=authors.photo,tags",
    "/content/blog-posts?fields=title,author(photo(alt))",
    "/content/blog-posts?filter[tags]=tag-1",
    "/content?locale=fr,en",
    "/content/resolve?path=/post-1/",
]


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def filled(db: None) -> None:
    library = Library().open()
    tag = library.tag(1)
    for number in range(30):
        author = library.profile(number, photo=library.image(number))
        library.post(number, authors=[author], tags=[tag], date=days(number))
    library.save()


def statement(reader: Reader, address: str) -> str:
    with CaptureQueriesContext(connection) as queries:
        reader.json(address)
    return str(queries.captured_queries[-1]["sql"])


def explain(how: str, sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {how} {sql.replace('%', '%%')}", [])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("address", ADDRESSES)
def test_sqlite_looks_up_what_it_needs(filled: None, reader: Reader, address: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's way of joining")
    plan = explain("QUERY PLAN", statement(reader, address)).splitlines()

    tables = {line.split()[1] for line in plan if line.startswith("SCAN")}
    assert not tables & {"d", "t", "r", "k"}, "\n".join(plan)


@pytest.mark.postgresql
def test_postgresql_begins_a_deep_page_where_it_begins(filled: None, reader: Reader) -> None:
    address = "/content/blog-posts?filter[tags]=tag-1&limit=5&fields=title"
    for _ in range(4):
        cursor = reader.json(address)["page"]["next"]
        address = f"{address.split('&after', maxsplit=1)[0]}&after={cursor}"
    with connection.cursor() as cursor_:
        cursor_.execute("SET LOCAL enable_seqscan = off")
        cursor_.execute("SET LOCAL enable_bitmapscan = off")
        cursor_.execute("SET LOCAL enable_sort = off")

    plan = explain("(COSTS OFF)", statement(reader, address))

    assert "Sort" not in plan
    assert "using delivery_reference_newest on delivery_documentreference k" in plan
    (condition,) = [line for line in plan.splitlines() if "ROW(" in line]
    assert "Index Cond" in condition
    assert "target_id = " in condition


def deep_address(reader: Reader, address: str) -> str:
    """The fourth page of a list or of the sync's first reading."""
    following = address
    for _ in range(3):
        page = reader.json(following)
        if "next_sync_token" in page:
            following = f"/content/sync?limit=5&sync_token={page['next_sync_token']}"
        else:
            following = f"{address}&after={page['page']['next']}"
    return following


@pytest.mark.parametrize(
    ("address", "index"),
    [
        ("/content/blog-posts?limit=5", "delivery_document_newest"),
        ("/content/blog-posts?limit=5&sort=title", "delivery_document_title"),
        ("/content?limit=5", "delivery_document_all"),
        ("/content/sync?initial=true&limit=5", "delivery_document_all"),
    ],
)
def test_a_deep_page_begins_in_the_index_where_the_one_before_ended(
    filled: None, reader: Reader, address: str, index: str
) -> None:
    deep = deep_address(reader, address)
    if connection.vendor == "sqlite":
        plan = explain("QUERY PLAN", statement(reader, deep))
        (line,) = [line for line in plan.splitlines() if index in line]
        assert line.startswith("SEARCH d USING")
        assert line.endswith(("(sorted_at,id)<(?,?))", "(title,id)>(?,?))"))
        assert "FOR ORDER BY" not in plan
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE delivery_document")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = explain("(COSTS OFF)", statement(reader, deep))
    assert f"using {index} on delivery_document d_1" in plan
    (condition,) = [line for line in plan.splitlines() if "ROW(" in line]
    assert "Index Cond" in condition
    assert "Sort Key: d_1" not in plan


def test_what_shows_a_changed_document_is_looked_up(filled: None, reader: Reader) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's way of joining")
    page = reader.json("/content/sync?initial=true")
    library = Library()
    library.profile(1, title="Another name")
    library.save()
    changes = f"/content/sync?sync_token={page['next_sync_token']}"
    plan = explain("QUERY PLAN", statement(reader, changes))

    assert "SEARCH r USING COVERING INDEX delivery_reference_newest (target_id=?)" in plan
    scanned = {line.split()[1] for line in plan.splitlines() if line.startswith("SCAN")}
    assert not scanned & {"d", "t", "r"}, plan
