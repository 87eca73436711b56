"""What a search shows beside its hits: matches, facets, suggestions, related documents."""

from typing import Any
from uuid import UUID

import pytest

from search.engines.protocol import FacetCount, Highlights
from tests.factories.documents import days, paragraph
from tests.search.contract.conftest import Shelf

FACETS = "type,tags,category,author,price,published_at"


def text(html: str) -> Any:
    return {"body": [paragraph(f"<p>{html}</p>")]}


def highlights(shelf: Shelf, query: str) -> Highlights:
    [hit] = shelf.search(query).hits
    assert hit.highlights is not None
    return hit.highlights


def test_matches_are_marked_and_all_else_is_escaped(shelf: Shelf) -> None:
    body = "Tea &amp; &lt;script&gt;alert(1)&lt;/script&gt; for gardeners &lt;mark&gt;"
    shelf.library.post("a", title="Gardening <b>& tea", **text(body))
    shelf.fill()

    shown = highlights(shelf, "gardening")

    assert shown.title == "<mark>Gardening</mark> &lt;b&gt;&amp; tea"
    [fragment] = shown.body
    assert "<mark>gardeners</mark> &lt;mark&gt;" in fragment
    assert "&lt;script&gt;" in fragment
    assert fragment.count("<") == 2


def test_of_a_long_text_the_part_with_most_of_the_words_is_shown(shelf: Shelf) -> None:
    filling = "Nothing of note happens here for a long while. " * 40
    shelf.library.post("a", title="Log", **text(f"A kettle. {filling}The copper kettle. {filling}"))
    shelf.fill()

    fragments = highlights(shelf, "copper kettle ").body

    assert any("<mark>copper</mark> <mark>kettle</mark>" in item for item in fragments)
    assert all(len(item) < 400 for item in fragments)


def test_nothing_is_marked_unless_wanted(shelf: Shelf) -> None:
    shelf.library.post("a", title="Gardening")
    shelf.fill()

    assert shelf.search("gardening", highlight="false").hits[0].highlights is None


def fill_facets(shelf: Shelf) -> dict[str, UUID]:
    library = shelf.library
    red = library.add("tag", "red", "tags", title="Red", slug="red", locale="", path="")
    blue = library.add("tag", "blue", "tags", title="Blue", slug="blue", locale="", path="")
    news = library.add("category", "news", "categories", title="News", slug="news", path="")
    ada = library.profile("ada", title="Ada", slug="ada")
    bob = library.profile("bob", title="Bob", slug="bob")
    library.post("a", title="Boat one", tags=[red, blue], authors=[ada], date=days(0))
    library.post("b", title="Boat two", tags=[red], categories=[news], authors=[bob], date=days(1))
    library.post("c", title="Boat three", tags=[blue], authors=[bob], date=days(400))
    library.service("d", "9.50", title="Boat hire")
    library.service("e", "120.00", title="Boat repair")
    library.post("f", title="Train", tags=[red])
    shelf.fill()
    return {"red": red, "blue": blue, "ada": ada, "bob": bob, "news": news}


def counts(items: tuple[FacetCount, ...]) -> dict[str, int]:
    return {item.value: item.count for item in items}


def test_facets_count_the_matches(shelf: Shelf) -> None:
    ids = fill_facets(shelf)

    facets = shelf.search("boat ", facets=FACETS).facets

    assert counts(facets.counts["type"]) == {"blog-posts": 3, "services": 2}
    assert facets.counts["tags"] == (
        FacetCount("blue", 2, ids["blue"], "Blue"),
        FacetCount("red", 2, ids["red"], "Red"),
    )
    assert counts(facets.counts["author"]) == {"bob": 2, "ada": 1}
    assert facets.counts["category"] == (FacetCount("news", 1, ids["news"], "News"),)
    [price] = facets.prices
    assert (price.currency, f"{price.lowest:.2f}", f"{price.highest:.2f}", price.count) == (
        "EUR",
        "9.50",
        "120.00",
        2,
    )
    assert facets.dates is not None
    assert counts(facets.dates.years) == {"2027": 1, "2026": 4}
    assert (facets.dates.first, facets.dates.last) == (days(0), days(400))


def test_a_facets_own_filter_does_not_narrow_its_counts(shelf: Shelf) -> None:
    ids = fill_facets(shelf)

    by_tag = shelf.search("boat ", facets=FACETS, **{"filter[tags]": "red"})
    by_both = shelf.search(
        "boat ", facets=FACETS, **{"filter[tags][in]": str(ids["red"]), "filter[author]": "bob"}
    )

    assert by_tag.total == 2
    assert counts(by_tag.facets.counts["tags"]) == {"blue": 2, "red": 2}
    assert counts(by_tag.facets.counts["author"]) == {"ada": 1, "bob": 1}
    assert counts(by_tag.facets.counts["type"]) == {"blog-posts": 2}
    assert by_both.total == 1
    assert counts(by_both.facets.counts["tags"]) == {"blue": 1, "red": 1}
    assert counts(by_both.facets.counts["author"]) == {"ada": 1, "bob": 1}


def test_a_type_narrows_all_but_its_own_counts(shelf: Shelf) -> None:
    fill_facets(shelf)

    facets = shelf.search("boat ", facets=FACETS, type="services").facets

    assert counts(facets.counts["type"]) == {"blog-posts": 3, "services": 2}
    assert facets.counts.get("tags", ()) == ()


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"filter[price][gte]": "10"}, ["Boat repair"]),
        ({"filter[price][lt]": "9.51"}, ["Boat hire"]),
        ({"filter[currency]": "USD"}, []),
        ({"filter[published_at][gte]": "2027-01-01"}, ["Boat three"]),
        ({"filter[published_at][lt]": "2026-01-02", "type": "blog-posts"}, ["Boat one"]),
        ({"filter[tags][in]": "red,blue", "filter[author][ne]": "bob"}, ["Boat one"]),
        ({"filter[category]": "news"}, ["Boat two"]),
        ({"filter[tags]": "no-such-tag"}, []),
    ],
)
def test_filters(shelf: Shelf, filters: dict[str, str], titles: list[str]) -> None:
    fill_facets(shelf)

    assert shelf.titles("boat ", **filters) == titles


def suggestions(shelf: Shelf, typed: str, **options: Any) -> list[tuple[str, str]]:
    place: Any = {"site_id": shelf.library.site_id, "locale": "en", "limit": 8} | options
    return [(item.kind, item.text) for item in shelf.engine.suggest(typed, **place)]


def test_suggestions_go_on_from_any_word_of_a_title_and_from_tags(shelf: Shelf) -> None:
    fill_facets(shelf)

    assert ("title", "Boat repair") in suggestions(shelf, "boat r")
    assert ("title", "Boat repair") in suggestions(shelf, "REP")
    assert ("tag", "Red") in suggestions(shelf, "re")
    assert suggestions(shelf, "zzz") == []
    assert suggestions(shelf, "???") == []
    assert suggestions(shelf, "boat", site_id=2) == []
    assert suggestions(shelf, "boat", locale="fr") == []
    assert len(suggestions(shelf, "boat", limit=2)) == 2


def test_what_is_withdrawn_is_in_no_suggestion_facet_or_correction(shelf: Shelf) -> None:
    red = shelf.library.add("tag", "red", "tags", title="Crimson", locale="", path="")
    gone = shelf.library.post("a", title="Zeppelin voyages", tags=[red])
    shelf.library.post("b", title="Sailing voyages")
    shelf.fill()
    assert shelf.search("zepelin ").did_you_mean == "zeppelin"

    shelf.library.withdraw(gone, red)
    shelf.store(gone)

    assert suggestions(shelf, "zep") == suggestions(shelf, "crim") == []
    assert shelf.search("zepelin ").did_you_mean is None
    facets = shelf.search("voyages ", facets=FACETS).facets
    assert facets.counts.get("tags", ()) == ()


def test_related_documents_share_rare_words(shelf: Shelf) -> None:
    first = shelf.library.post("a", title="Copper kettles", **text("Copper holds heat."))
    second = shelf.library.post("b", title="Kettles of copper", **text("Of heat and metal."))
    shelf.library.post("c", title="Paper", **text("Folding paper boats."))
    shelf.library.post("d", title="Boats", **text("Folding boats of paper."))
    shelf.fill()

    place: Any = {"site_id": 1, "locale": "en", "types": ("blog-posts",), "limit": 1}
    assert [hit.id for hit in shelf.engine.related(first, **place)] == [second]
    assert shelf.engine.related(red_herring(), **place) == []


def red_herring() -> UUID:
    return UUID("00000000-0000-4000-8000-000000000000")
