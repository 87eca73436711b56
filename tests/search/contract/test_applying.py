"""What an engine holds after changes in any order, repeated, and late."""

from dataclasses import replace

from search.entries import Removal, SearchEntry
from search.indexing import read_entries
from tests.search.contract.conftest import Shelf


def only_entry(shelf: Shelf) -> SearchEntry:
    key = shelf.library.post("a", title="Gardening")
    shelf.fill()
    [entry] = read_entries([key]).entries
    return entry


def held(shelf: Shelf) -> list[tuple[str, int]]:
    found = shelf.engine.versions(after=None, limit=10)
    return [(item.digest, item.sequence) for item in found]


def test_an_older_reading_never_takes_the_place_of_a_newer_one(shelf: Shelf) -> None:
    entry = only_entry(shelf)
    newer = replace(entry, title="Pottery", sequence=entry.sequence + 5)
    shelf.engine.apply([newer], [])

    shelf.engine.apply([replace(entry, title="Gardens", sequence=entry.sequence + 1)], [])
    shelf.engine.apply([], [Removal(entry.id, "en", 1, entry.sequence + 4)])

    assert held(shelf) == [(newer.digest, newer.sequence)]
    assert shelf.search("pottery ").total == 1
    assert shelf.search("gardens ").total == 0


def test_what_has_not_changed_is_known_to_be_so_later(shelf: Shelf) -> None:
    entry = only_entry(shelf)
    shelf.engine.apply([replace(entry, sequence=entry.sequence + 5)], [])

    shelf.engine.apply([replace(entry, title="Gardens", sequence=entry.sequence + 1)], [])

    assert [digest for digest, _ in held(shelf)] == [entry.digest]


def test_again_changes_nothing(shelf: Shelf) -> None:
    entry = only_entry(shelf)
    before = shelf.search("gardening "), held(shelf)

    for _ in range(3):
        shelf.engine.apply([entry], [])

    assert (shelf.search("gardening "), held(shelf)) == before


def test_a_removal_of_nothing_is_none(shelf: Shelf) -> None:
    entry = only_entry(shelf)

    shelf.engine.apply([], [Removal(entry.id, "en", 1, entry.sequence + 1)])
    shelf.engine.apply([], [Removal(entry.id, "en", 1, entry.sequence + 1)])

    assert held(shelf) == []
    assert shelf.search("gardening ").total == 0


def test_versions_come_in_pages_by_id(shelf: Shelf) -> None:
    for number in range(5):
        shelf.library.post(number, title=f"Gardening {number}")
    shelf.fill()

    first = shelf.engine.versions(after=None, limit=3)
    rest = shelf.engine.versions(after=first[-1].id, limit=3)

    ids = [item.id for item in (*first, *rest)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5
