"""What editors say about a query, heeded alike by every engine."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from search.query import SearchRequest, Synonym
from tests.factories.documents import days, id_of, paragraph
from tests.search.contract.conftest import Shelf

Tune = Callable[[SearchRequest], SearchRequest]


def post(key: str) -> UUID:
    return id_of("post", key)


def pinned(*keys: str) -> Tune:
    return lambda request: replace(request, pinned=tuple(map(post, keys)))


def hidden(*keys: str) -> Tune:
    return lambda request: replace(request, hidden=tuple(map(post, keys)))


def meaning(*synonyms: Synonym) -> Tune:
    return lambda request: replace(request, terms=replace(request.terms, synonyms=synonyms))


def boats(shelf: Shelf, number: int) -> None:
    for place in range(number):
        tag = shelf.library.tag(place % 2)
        body = [paragraph("<p>" + "Boat. " * (place + 1) + "</p>")]
        shelf.library.post(
            f"b{place}", title=f"Number {place}", body=body, tags=[tag], date=days(place)
        )
    shelf.library.post("car", title="A car", body=[paragraph("<p>On a road.</p>")], minutes=9)
    shelf.library.service("ferry", "12.00", title="Ferry")
    shelf.fill()


def test_pinned_documents_come_first_in_their_order_and_the_others_as_before(shelf: Shelf) -> None:
    boats(shelf, 4)
    usual = shelf.titles("boat")

    found = shelf.search("boat", tune=pinned("car", "b0"))

    ids = [hit.id for hit in found.hits]
    assert ids[:2] == [post("car"), post("b0")]
    plain = shelf.titles("boat", tune=pinned("car", "b0"))
    assert plain == ["A car", "Number 0", *(title for title in usual if title != "Number 0")]
    assert found.total == 5
    assert found.hits[0].score == 0
    scores = {hit.id: hit.score for hit in shelf.search("boat").hits}
    assert abs(found.hits[1].score - scores[post("b0")]) < 0.02


def test_totals_facets_and_pages_count_what_is_pinned_once(shelf: Shelf) -> None:
    boats(shelf, 4)

    pages = [
        shelf.search("boat", limit=2, offset=offset, facets="type,tags", tune=pinned("car", "b3"))
        for offset in (0, 2, 4)
    ]

    ids = [hit.id for page in pages for hit in page.hits]
    assert len(ids) == len(set(ids)) == 5
    assert ids[:2] == [post("car"), post("b3")]
    for page in pages:
        assert page.total == 5
        assert [(item.value, item.count) for item in page.facets.counts["type"]] == [
            ("blog-posts", 5)
        ]
        assert [item.count for item in page.facets.counts["tags"]] == [2, 2]


def test_filters_hold_for_what_is_pinned(shelf: Shelf) -> None:
    boats(shelf, 2)

    assert shelf.titles("boat", type="services", tune=pinned("car")) == []
    tagged = shelf.titles("boat", **{"filter[tags]": "tag-0"}, tune=pinned("car", "b0"))
    assert tagged == ["Number 0"]


def test_pins_reach_past_phrases_and_not_past_the_website_and_language(shelf: Shelf) -> None:
    boats(shelf, 2)
    shelf.library.post("autre", title="Bateau", locale="fr")
    shelf.fill()

    assert shelf.titles('"boat boat" -road', tune=pinned("car")) == ["A car", "Number 1"]
    assert shelf.titles("boat", tune=pinned("autre", "nowhere"))[0] != "Bateau"
    assert shelf.search("boat", tune=pinned("autre", "nowhere")).total == 2


def test_hidden_documents_are_in_no_result_total_or_facet(shelf: Shelf) -> None:
    boats(shelf, 3)

    found = shelf.search("boat", facets="tags", tune=hidden("b1"))

    assert post("b1") not in [hit.id for hit in found.hits]
    assert found.total == 2
    assert [item.count for item in found.facets.counts["tags"]] == [2]
    newest = shelf.titles("boat", sort="-published_at", tune=hidden("b1"))
    assert newest == ["Number 2", "Number 0"]


def kubernetes(shelf: Shelf) -> None:
    shelf.library.post("long", title="Kubernetes at work")
    shelf.library.post("short", title="A k8s cluster")
    shelf.library.post("build", title="Continuous integration for all")
    shelf.library.post("ci", title="The CI is slow")
    for number in range(6):
        shelf.library.post(f"other{number}", title=f"Something else {number}")
    shelf.fill()


def test_a_synonym_finds_what_the_word_does_not_and_below_it(shelf: Shelf) -> None:
    kubernetes(shelf)
    tune = meaning(Synonym(0, 1, ("kubernetes",)))

    assert shelf.titles("k8s ") == ["A k8s cluster"]
    assert shelf.titles("k8s ", tune=tune) == ["A k8s cluster", "Kubernetes at work"]
    marked = {hit.id: hit.highlights for hit in shelf.search("k8s ", tune=tune).hits}
    about = marked[post("long")]
    assert about is not None
    assert about.title == "<mark>Kubernetes</mark> at work"
    assert sorted(shelf.titles("k8s ", sort="-published_at", tune=tune)) == [
        "A k8s cluster",
        "Kubernetes at work",
    ]


def test_synonyms_may_have_several_words_on_either_side(shelf: Shelf) -> None:
    kubernetes(shelf)

    short = shelf.titles("ci ", tune=meaning(Synonym(0, 1, ("continuous", "integration"))))
    long = shelf.titles("continuous integration ", tune=meaning(Synonym(0, 2, ("ci",))))

    assert short == ["The CI is slow", "Continuous integration for all"]
    assert long == ["Continuous integration for all", "The CI is slow"]
    by_date = shelf.titles(
        "continuous integration ", sort="published_at", tune=meaning(Synonym(0, 2, ("ci",)))
    )
    assert sorted(by_date) == ["Continuous integration for all", "The CI is slow"]


def test_a_word_that_only_its_synonym_finds_is_no_slip(shelf: Shelf) -> None:
    kubernetes(shelf)
    tune = meaning(Synonym(0, 1, ("k8s",)))

    slip = shelf.search("clustre ")
    meant = shelf.search("clustre ", tune=tune)

    assert slip.is_corrected
    assert [hit.id for hit in meant.hits] == [post("short")]
    assert (meant.is_corrected, meant.did_you_mean) == (False, None)


def test_what_is_excluded_stays_so_whatever_means_the_same(shelf: Shelf) -> None:
    kubernetes(shelf)

    titles = shelf.titles("k8s -work", tune=meaning(Synonym(0, 1, ("kubernetes",))))

    assert titles == ["A k8s cluster"]
