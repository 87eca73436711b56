"""What a visitor's search answers over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from outbox.models import LedgerEvent
from tests.api.conftest import Reader
from tests.factories.documents import Library, days, paragraph
from tests.journeys.cache_tags.model_cdn import ModelCdn, Request
from tests.journeys.cache_tags.oracle import ask_in_process, purges_reach

EVERYTHING = "facets=type,tags,category,author,price,published_at"


def fill(library: Library, number: int, start: int = 0) -> None:
    for index in range(start, start + number):
        tag, author = library.tag(index), library.profile(index, title=f"Author {index}")
        body = [paragraph(f"<p>Boats of kind {index} sail.</p>")]
        library.post(
            index, title=f"Boat {index}", tags=[tag], authors=[author], body=body, date=days(index)
        )
    library.save()


def test_a_hit_is_a_document_as_lists_show_it_and_where_it_matches(
    library: Library, reader: Reader
) -> None:
    fill(library, 2)

    answer = reader.json("/search?q=boat%201&type=blog-posts&fields=id,title,author(title)")
    listed = reader.json("/content/blog-posts?fields=id,title,author(title)")["data"]

    first = answer["data"][0]
    about = first.pop("search")
    assert first == listed[0]
    assert about["highlights"]["title"] == "<mark>Boat</mark> <mark>1</mark>"
    assert about["score"] > answer["data"][1]["search"]["score"]
    assert answer["page"] == {"next": None, "prev": None, "has_more": False, "total": 2}
    assert (answer["did_you_mean"], answer["corrected"]) == (None, False)
    whole = reader.json("/search?q=boat")["data"][0]
    assert "body" not in whole
    assert whole["tags"][0]["type"] == "tags"


def test_a_search_may_be_kept_by_caches_until_the_index_changes(
    library: Library, reader: Reader
) -> None:
    fill(library, 1)

    response = reader.get("/search?q=boat")

    assert response["Cache-Control"].startswith("public, max-age=0, s-maxage=60")
    assert response["Content-Language"] == "en"
    assert {"s-1", "q-1", "t-1-blog-posts", "t-1-tags"} <= set(response["Surrogate-Key"].split())
    again = reader.get("/search?q=boat", if_none_match=response["ETag"])
    assert again.status_code == 304


def test_what_was_stored_before_the_index_followed_is_purged_when_it_has(
    library: Library, reader: Reader
) -> None:
    """The purge of the publication itself comes too early, so this cache knows of none."""
    fill(library, 1)
    cdn = ModelCdn(is_blind_to=lambda tag: not tag.startswith("q-"))
    requests = [
        Request("testserver", f"/api/v1/search{path}")
        for path in ("?q=boat", "/suggest?q=boa", "/related/blog-posts/post-0")
    ]
    for request in requests:
        cdn.offer(request, ask_in_process(request))
        assert cdn.find(request) is not None

    with purges_reach(cdn):
        fill(library, 1, start=1)

    assert [cdn.find(request) for request in requests] == [None] * 3
    assert LedgerEvent.objects.filter(type="search.indexed").exists()


def test_pages_follow_each_other_both_ways(library: Library, reader: Reader) -> None:
    fill(library, 5)
    path = "/search?q=boat&limit=2&fields=title"

    pages = [reader.json(path)]
    while (following := pages[-1]["page"]["next"]) is not None:
        pages.append(reader.json(f"{path}&after={following}"))
    back = reader.json(f"{path}&before={pages[1]['page']['prev']}")

    titles = [item["title"] for page in pages for item in page["data"]]
    assert sorted(titles) == [f"Boat {number}" for number in range(5)]
    assert [page["page"]["has_more"] for page in pages] == [True, True, False]
    assert back["data"] == pages[0]["data"]
    assert reader.refusal(f"/search?q=sail&limit=2&after={pages[0]['page']['next']}") == (
        "query/after",
        "unknown_cursor",
    )


def test_renaming_what_documents_show_is_searched_and_counted_at_once(
    library: Library, reader: Reader
) -> None:
    tag = library.add("tag", "t", "tags", title="Crimson", locale="", path="")
    ada = library.profile("ada", title="Ada Byron")
    library.post("one", title="Boat", tags=[tag], authors=[ada])
    library.save()
    assert reader.slugs("/search?q=crimson%20") == ["post-one"]

    library.add("tag", "t", "tags", title="Scarlet", locale="", path="")
    library.profile("ada", title="Ada Lovelace")
    library.save()

    assert reader.slugs("/search?q=crimson%20byron%20&type=blog-posts") == []
    assert reader.slugs("/search?q=scarlet%20") == ["post-one"]
    assert reader.slugs("/search?q=lovelace%20&type=blog-posts") == ["post-one"]
    facets = reader.json("/search?facets=tags,author")["facets"]
    assert [item["title"] for item in facets["tags"]] == ["Scarlet"]
    assert [item["title"] for item in facets["author"]] == ["Ada Lovelace"]


def count(reader: Reader, path: str) -> int:
    # In a transaction, websites are asked for anew each time, however slow the machine is.
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        reader.json(path)
    return len(queries)


def test_the_number_of_queries_does_not_grow(library: Library, reader: Reader) -> None:
    counts: dict[str, list[int]] = {}
    ways = (
        "?q=boat",
        "?q=bote%20kinds%20x%20-y",
        f"?q=boat&{EVERYTHING}",
        "?include=author.photo,tags",
    )
    for size in (2, 10, 50):
        fill(library, size)
        for way in ways:
            mark = "&" if "?" in way else "?"
            counts.setdefault(way, []).append(count(reader, f"/search{way}{mark}limit={size}"))
        counts.setdefault("suggest", []).append(count(reader, "/search/suggest?q=bo"))
        related = "/search/related/blog-posts/post-0?limit=20"
        counts.setdefault("related", []).append(count(reader, related))

    # The website, what editors say, the vocabulary, the matches, the documents.
    expected = {way: [5, 5, 5] if "?q" in way else [4, 4, 4] for way in ways}
    assert counts == {**expected, "suggest": [3, 3, 3], "related": [4, 4, 4]}


BAD = [
    ("q=" + "a" * 513, "query/q", "too_long"),
    ("q=" + "%20".join("a" * 33), "query/q", "too_many"),
    ("q=a%00b", "query/q", "control_character"),
    ("q=%ED%A0%80", "query/q", "malformed"),
    ("q=a&q=b", "query/q", "repeated"),
    ("query=a", "query/query", "unknown_parameter"),
    ("q=a&type=images", "query/type", "unknown_type"),
    ("q=a&sort=title", "query/sort", "unknown_sort"),
    ("q=a&facets=slug", "query/facets", "unknown_facet"),
    ("q=a&highlight=yes", "query/highlight", "malformed"),
    ("q=a&limit=0", "query/limit", "out_of_range"),
    ("q=a&limit=101", "query/limit", "out_of_range"),
    ("q=a&after=x&before=y", "query/before", "contradiction"),
    ("q=a&after=x", "query/after", "unknown_cursor"),
    ("q=a&locale=xx", "query/locale", "unknown_locale"),
    ("q=a&filter[title]=b", "query/filter[title]", "unknown_filter"),
    ("q=a&filter[price][gte]=b", "query/filter[price][gte]", "malformed"),
    ("q=a&filter[price][like]=1", "query/filter[price][like]", "unknown_operator"),
    ("q=a&filter[published_at][gte]=99999-01-01", "query/filter[published_at][gte]", "malformed"),
    ("q=a&fields=none", "query/fields", "unknown_field"),
    ("q=a&as_of=2026-01-01T00:00:00Z", "query/as_of", "unknown_parameter"),
]


@pytest.mark.parametrize(("query", "pointer", "code"), BAD)
def test_what_is_not_understood_is_refused_by_name(
    library: Library, reader: Reader, query: str, pointer: str, code: str
) -> None:
    assert reader.refusal(f"/search?{query}") == (pointer, code)


def test_suggestions_need_to_know_what_was_typed(library: Library, reader: Reader) -> None:
    assert reader.refusal("/search/suggest") == ("query/q", "missing")
    assert reader.refusal("/search/suggest?q=" + "a" * 513) == ("query/q", "too_long")
    assert reader.get("/search/related/images/none").status_code == 404
    assert reader.get("/search/related/blog-posts/none").status_code == 404


HOSTILE = [
    "*",
    "*:*",
    "_exists_:title",
    "/.*a{1,9999}/",
    "title:boat",
    "boat~99",
    "boat^9",
    "(((((((((",
    '"',
    '"" "" -"" -',
    "- -- ---",
    "' OR 1=1 --",
    "boat'; DROP TABLE search_term",
    "a & b | !c <-> d:*",
    "NEAR(boat, 5)",
    "{!lucene}boat",
    "\u202eboat\u202c",
    "\U0001f980\U0001f6a3",
    "\u05d0\u05d1\u05d2",
    "\u0e20\u0e32\u0e29\u0e32",
    "\u65e5\u672c\u8a9e" * 60,
    "\ufdfa" * 300,
    "e\u0301" * 200,
    "a" * 512,
    " ".join(["boat"] * 32),
    " ".join(f"-w{number}" for number in range(32)),
    " ".join(f'"a b{number}"' for number in range(16)),
    "%",
    "_",
    "\\",
    "\\u0000",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_typed_is_only_ever_words(library: Library, reader: Reader, text: str) -> None:
    for number in range(3):
        library.post(number, title="Boat")
    library.save()

    answer = reader.json(f"/search?q={quote(text)}&{EVERYTHING}")
    suggested = reader.json(f"/search/suggest?q={quote(text)}")

    finds = "boat" in text.lower() or text.startswith("-w")
    assert answer["page"]["total"] == (3 if finds else 0)
    assert [item["text"] for item in suggested["data"]] in ([], ["Boat"] * 3)


def test_a_search_that_has_no_words_finds_nothing_and_none_at_all_everything(
    library: Library, reader: Reader
) -> None:
    fill(library, 3)

    assert reader.json("/search?q=%3F%21")["page"]["total"] == 0
    assert reader.json("/search?q=")["page"]["total"] == 6
    assert reader.json("/search")["page"]["total"] == 6


def test_how_hits_are_scored_is_for_editors(
    library: Library, reader: Reader, monkeypatch: Any
) -> None:
    fill(library, 1)

    assert reader.get("/search?q=boat&explain=true").status_code == 401
    assert reader.get("/search?q=boat", authorization="Bearer none").status_code == 401
