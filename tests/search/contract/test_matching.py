"""Which documents a search finds, and in which order: the same on every engine."""

from typing import Any

import pytest

from tests.factories.documents import days, paragraph
from tests.search.contract.conftest import Shelf


def text(html: str) -> Any:
    return {"body": [paragraph(f"<p>{html}</p>")]}


def test_a_word_is_found_by_any_of_its_forms_and_counts_most_in_the_title(shelf: Shelf) -> None:
    shelf.library.post("a", title="Gardening in winter")
    shelf.library.post("b", title="Snow", **text("Hedges hide gardens."))
    shelf.library.post("c", title="Pottery", **text("Clay and fire."))
    shelf.fill()

    assert shelf.titles("gardens") == ["Gardening in winter", "Snow"]
    assert shelf.search("gardens").total == 2


def test_headings_summary_tags_and_authors_are_searched(shelf: Shelf) -> None:
    tag = shelf.library.add("tag", "wool", "tags", title="Wool", locale="", path="")
    ada = shelf.library.profile("ada", title="Ada Byron")
    heading = {"id": "h", "type": "heading", "value": {"text": "Looms", "level": "h2"}}
    shelf.library.post("a", title="By its tag", tags=[tag])
    shelf.library.post("b", title="By its author", authors=[ada])
    shelf.library.post("c", title="By its heading", body=[heading])
    shelf.library.post("e", title="In its text", **text("Yarn.</p><h3>Spindles</h3><p>Wheels."))
    shelf.library.service("d", "10.00", title="By its feature")
    shelf.library.states[-1].head["features"] = ["Dyeing"]  # type: ignore[index]
    shelf.fill()

    assert shelf.titles("wool") == ["By its tag"]
    assert shelf.titles("byron") == ["Ada Byron", "By its author"]
    assert shelf.titles("looms") == ["By its heading"]
    assert shelf.titles("spindles") == ["In its text"]
    assert shelf.titles("wheels") == ["In its text"]
    assert shelf.titles("dyeing") == ["By its feature"]


def test_documents_with_any_of_the_words_match_and_those_with_all_come_first(shelf: Shelf) -> None:
    shelf.library.post("a", title="Copper kettles")
    shelf.library.post("b", title="Copper roofs")
    shelf.library.post("c", title="Iron roofs")
    shelf.fill()

    assert shelf.titles("copper roofs")[0] == "Copper roofs"
    assert sorted(shelf.titles("copper roofs")) == ["Copper kettles", "Copper roofs", "Iron roofs"]


def test_a_phrase_stands_in_this_order_and_nothing_between(shelf: Shelf) -> None:
    shelf.library.post("a", title="One", **text("The night shift begins."))
    shelf.library.post("b", title="Two", **text("They shift the night table."))
    shelf.fill()

    assert shelf.titles('"night shift"') == ["One"]
    assert sorted(shelf.titles("night shift")) == ["One", "Two"]


def test_what_is_excluded_does_not_match(shelf: Shelf) -> None:
    shelf.library.post("a", title="Bread", **text("With rye flour."))
    shelf.library.post("b", title="Bread of old", **text("With wheat flour."))
    shelf.library.post("c", title="Cake")
    shelf.fill()

    assert shelf.titles("bread -rye") == ["Bread of old"]
    assert shelf.titles('bread -"wheat flour"') == ["Bread"]
    assert sorted(shelf.titles("-bread")) == ["Cake"]


def test_the_last_word_may_be_the_beginning_of_one(shelf: Shelf) -> None:
    shelf.library.post("a", title="Lighthouse keepers")
    shelf.library.post("b", title="Harbour")
    shelf.fill()

    assert shelf.titles("lighth") == ["Lighthouse keepers"]
    assert shelf.titles("harbour lighth") == ["Harbour", "Lighthouse keepers"]
    assert shelf.titles('"lighth"') == []


def test_a_beginning_counts_more_in_a_title(shelf: Shelf) -> None:
    shelf.library.post("a", title="Harbour", date=days(1), **text("The lighthouse keeper."))
    shelf.library.post("b", title="Lighthouse keepers of the harbour", date=days(1))
    shelf.library.post("c", title="Harbour", date=days(1), **text("The lighthouse keeper."))
    shelf.fill()

    assert shelf.titles("lighth")[0] == "Lighthouse keepers of the harbour"


def test_words_that_say_little_do_not_hide_the_others(shelf: Shelf) -> None:
    shelf.library.post("a", title="The the the and of")
    shelf.library.post("b", title="Anchors")
    shelf.fill()

    assert shelf.titles("what is the use of anchors ") == ["Anchors"]
    assert shelf.titles("the") == ["The the the and of"]


def test_words_that_say_little_do_so_with_accents_too(shelf: Shelf) -> None:
    shelf.library.post("a", title="Das für und wider", locale="de")
    shelf.library.post("b", title="Anker", locale="de")
    shelf.fill()

    assert shelf.titles("für Anker ", locale="de") == ["Anker"]
    assert shelf.titles("für ", locale="de") == ["Das für und wider"]
    assert shelf.titles("für Anker ", locale="de", sort="-published_at") == ["Anker"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lighthuose", "lighthouse"),
        ("lihgthouse", "lighthouse"),
        ("lighthous", None),
        ("ligthouse keeprs", "lighthouse keepers"),
    ],
)
def test_a_slip_finds_what_was_meant(shelf: Shelf, typed: str, meant: str | None) -> None:
    shelf.library.post("a", title="Lighthouse keepers")
    shelf.library.post("b", title="Harbour")
    shelf.fill()

    result = shelf.search(typed)

    assert shelf.titles(typed) == ["Lighthouse keepers"]
    assert (result.did_you_mean, result.is_corrected) == (meant, meant is not None)


def test_a_word_that_is_there_is_not_corrected(shelf: Shelf) -> None:
    shelf.library.post("a", title="Boat")
    shelf.library.post("b", title="Goat")
    shelf.fill()

    assert shelf.titles("goat ") == ["Goat"]
    assert shelf.search("goat ").did_you_mean is None


def test_accents_do_not_matter_either_way(shelf: Shelf) -> None:
    shelf.library.post("a", title="Crème brûlée", locale="fr")
    shelf.library.post("b", title="Chateau fort", locale="fr")
    shelf.fill()

    assert shelf.titles("creme brulee", locale="fr") == ["Crème brûlée"]
    assert shelf.titles("château", locale="fr") == ["Chateau fort"]


def test_each_language_has_its_own_documents_and_forms(shelf: Shelf) -> None:
    shelf.library.post("a", title="Les chevaux de course", locale="fr")
    shelf.library.post("b", title="Horses", locale="en")
    shelf.library.post("c", title="L'histoire du cheval", locale="fr")
    shelf.fill()

    assert sorted(shelf.titles("cheval", locale="fr")) == [
        "L'histoire du cheval",
        "Les chevaux de course",
    ]
    assert shelf.titles("histoire", locale="fr") == ["L'histoire du cheval"]
    assert shelf.titles("cheval", locale="en") == []
    assert shelf.titles("horse", locale="en") == ["Horses"]


def test_a_part_of_a_german_compound_finds_it_and_the_other_way_round(shelf: Shelf) -> None:
    shelf.library.post("a", title="Die Datenbankverbindung", locale="de")
    shelf.library.post("b", title="Eine Verbindung zur Datenbank", locale="de")
    shelf.library.post("c", title="Fahrräder", locale="de")
    shelf.fill()

    assert sorted(shelf.titles("Datenbank", locale="de")) == [
        "Die Datenbankverbindung",
        "Eine Verbindung zur Datenbank",
    ]
    assert "Die Datenbankverbindung" in shelf.titles("Verbindung", locale="de")
    assert len(shelf.titles("Datenbank ", locale="de")) == 2  # finished, so no mere beginning


def test_text_without_spaces_is_found_by_any_two_characters_and_by_what_stands_between(
    shelf: Shelf,
) -> None:
    shelf.library.post("a", title="ABC東京駅XYZ", locale="ja")
    shelf.library.post("b", title="大阪城", locale="ja")
    shelf.fill()

    for typed in ("東京 ", "京駅 ", "abc ", "xyz "):
        assert shelf.titles(typed, locale="ja") == ["ABC東京駅XYZ"]
    assert shelf.titles("大阪城 ", locale="ja") == ["大阪城"]


def test_versions_and_names_of_languages_are_words(shelf: Shelf) -> None:
    shelf.library.post("a", title="Announcing Rust 1.75.0")
    shelf.library.post("b", title="Announcing Rust 1.74.0")
    shelf.library.post("c", title="From C++ to C#")
    shelf.fill()

    assert shelf.titles("rust 1.75.0")[0] == "Announcing Rust 1.75.0"
    assert shelf.titles("1.74 ") == ["Announcing Rust 1.74.0"]
    assert shelf.titles("c++ ") == ["From C++ to C#"]


def test_by_date_those_with_most_of_the_words_count(shelf: Shelf) -> None:
    shelf.library.post("a", title="Copper roofs", date=days(1))
    shelf.library.post("b", title="Copper roofs again", date=days(2))
    shelf.library.post("c", title="Copper", date=days(3))
    shelf.fill()

    both = ["Copper roofs again", "Copper roofs"]
    assert shelf.titles("copper roofs ", sort="-published_at") == both
    assert shelf.titles("copper roofs ", sort="published_at") == both[::-1]


def test_by_price_what_has_none_comes_last(shelf: Shelf) -> None:
    shelf.library.service("a", "20.00", title="Dear help")
    shelf.library.service("b", "9.50", title="Cheap help")
    shelf.library.post("c", title="Help")
    shelf.fill()

    assert shelf.titles("help ", sort="price") == ["Cheap help", "Dear help", "Help"]
    assert shelf.titles("help ", sort="-price") == ["Dear help", "Cheap help", "Help"]


def test_without_words_everything_matches(shelf: Shelf) -> None:
    shelf.library.post("a", title="Old", date=days(1))
    shelf.library.post("b", title="New", date=days(2))
    shelf.fill()

    assert shelf.titles() == ["New", "Old"]
    assert shelf.titles(type="services") == []


def test_pages_of_hits_follow_each_other(shelf: Shelf) -> None:
    for number in range(7):
        shelf.library.post(number, title=f"Step {number}", date=days(number))
    shelf.fill()

    everything = shelf.titles("step ", limit=100)
    paged = [t for at in range(0, 9, 3) for t in shelf.titles("step ", limit=3, offset=at)]
    assert paged == everything
    assert len(everything) == 7


def test_other_websites_are_others(shelf: Shelf) -> None:
    shelf.library.post("a", title="Gardening here")
    shelf.fill()
    shelf.library.site_id = 2

    assert shelf.titles("gardening") == []
