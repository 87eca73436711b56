"""How the databases go about the reading side's one statement."""

from copy import copy
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.models import DocumentVersion, ReferenceVersion, SiteVersion, ValueVersion
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


HISTORY = ("documentversion", "referenceversion", "valueversion", "redirectversion")


def scanned(plan: str) -> list[str]:
    """The lines of a plan that read a whole table of history."""
    lines = [line.strip() for line in plan.splitlines()]
    whole = [line for line in lines if line.startswith("SCAN") or "Seq Scan on" in line]
    return [line for line in whole if any(name in line for name in HISTORY)]


def long_history() -> str:
    """Gives each document of the tests a long past; gives an instant in its middle."""
    first = DocumentVersion.objects.order_by("pk").first()
    assert first is not None
    moment = first.valid_from
    versions = []
    for version in DocumentVersion.objects.all():
        for number in range(60):
            version.pk = None
            version.version = 2 + number
            version.valid_from = moment - timedelta(days=60 - number)
            version.valid_to = version.valid_from + timedelta(days=1)
            versions.append(copy(version))
    DocumentVersion.objects.bulk_create(versions, batch_size=500)
    SiteVersion.objects.update(valid_from=moment - timedelta(days=99))
    for row in (*ReferenceVersion.objects.all(), *ValueVersion.objects.all()):
        row.valid_from = moment - timedelta(days=60)
        row.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # So little is read from end to end; what is asked is whether an index could be used.
            cursor.execute("SET LOCAL enable_seqscan = off")
    return (moment - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("address", [*ADDRESSES, "/content/blog-posts?sort=title&limit=5"])
def test_the_past_is_looked_up_too(filled: None, reader: Reader, address: str) -> None:
    as_of = long_history()
    sql = statement(reader, f"{address}{'&' if '?' in address else '?'}as_of={as_of}")

    assert "NOT MATERIALIZED" in sql
    plan = explain("QUERY PLAN" if connection.vendor == "sqlite" else "", sql)
    assert scanned(plan) == [], plan
