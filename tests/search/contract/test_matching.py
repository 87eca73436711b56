"""Which documents a search finds, and in which order: the same on every engine."""

from tests.factories.documents import paragraph
from tests.search.contract.conftest import Shelf


def test_a_word_is_found_by_any_of_its_forms_and_counts_most_in_the_title(shelf: Shelf) -> None:
    shelf.library.post("a", title="Gardening in winter")
    shelf.library.post("b", title="Snow", body=[paragraph("<p>Hedges hide gardens.</p>")])
    shelf.library.post("c", title="Pottery", body=[paragraph("<p>Clay and fire.</p>")])
    shelf.fill()

    assert shelf.titles("gardens") == ["Gardening in winter", "Snow"]
    assert shelf.search("gardens").total == 2


def test_what_is_withdrawn_is_found_no_more(shelf: Shelf) -> None:
    gone = shelf.library.post("a", title="Gardening in winter")
    shelf.library.post("b", title="Gardening in spring")
    shelf.fill()

    shelf.library.withdraw(gone)
    shelf.store(gone)

    assert shelf.titles("gardening") == ["Gardening in spring"]
