"""A new index beside the old one, while writers go on; and what the commands say."""

from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from delivery.interface import Document
from search import copies
from search.copies import compare
from search.engines.elasticsearch.copy import IndexCopy
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.indexes import Indexes
from search.engines.elasticsearch.mapping import mapping_mark
from search.engines.registry import answering_engine
from search.entries import Removal
from search.indexing import read_entries
from search.rebuilding import Rebuilt, rebuild_engine, roll_back
from tests.api.conftest import Reader
from tests.search.cluster import index_names
from tests.search.conftest import SearchedLibrary

pytestmark = [pytest.mark.elasticsearch, pytest.mark.once]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "BATCH", 4)


def fill(library: SearchedLibrary, numbers: range) -> list[UUID]:
    ids = [library.post(number, title=f"Proof {number}") for number in numbers]
    library.save()
    return ids


def rebuild(cluster: ElasticsearchEngine) -> Rebuilt:
    return rebuild_engine(cluster, lambda _count: None)


def differing(cluster: ElasticsearchEngine) -> tuple[UUID, ...]:
    """What the index that is searched has otherwise than the documents."""
    return compare(IndexCopy(cluster, cluster.indexes.live)).ids


def test_the_first_index_has_every_document_and_is_searched(
    cluster: ElasticsearchEngine, library: SearchedLibrary, reader: Reader
) -> None:
    fill(library, range(10))
    assert reader.json("/search?q=proof")["degraded"] is True

    rebuilt = rebuild(cluster)

    assert (rebuilt.documents, rebuilt.written, rebuilt.mended) == (10, 10, 0)
    assert (rebuilt.previous, rebuilt.is_resumed) == ("", False)
    assert index_names(cluster) == [rebuilt.index]
    cluster.connection.breaker.succeeded()
    answer = reader.json("/search?q=proof")
    assert answer["page"]["total"] == 10
    assert "degraded" not in answer


def test_what_is_published_afterwards_is_found_by_the_step(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library, range(3))
    rebuild(cluster)
    fill(library, range(3, 6))
    library.withdraw(Document.objects.get(title="Proof 1").id)

    assert differing(cluster) == ()
    assert cluster.indexes.count(cluster.indexes.live) == 5


def test_one_that_was_interrupted_goes_on_where_it_was(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library, range(10))
    seen = 0

    def end_early(count: int) -> None:
        nonlocal seen
        seen += count
        if seen == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_engine(cluster, end_early)
    (unfinished,) = index_names(cluster)
    assert cluster.indexes.behind(cluster.indexes.live) is None
    cluster.indexes.refresh(unfinished)

    rebuilt = rebuild(cluster)

    assert rebuilt.is_resumed
    assert rebuilt.index == unfinished
    assert rebuilt.written == 2
    assert differing(cluster) == ()


def test_one_left_by_an_older_mapping_is_thrown_away(
    cluster: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library, range(3))
    monkeypatch.setattr("search.engines.elasticsearch.indexes.mapping_mark", lambda: "older")
    cluster.indexes.make(f"{cluster.indexes.live}-unfinished")
    cluster.indexes.write_also(f"{cluster.indexes.live}-unfinished")
    monkeypatch.undo()

    rebuilt = rebuild(cluster)

    assert not rebuilt.is_resumed
    assert index_names(cluster) == [rebuilt.index]


def test_an_interrupted_way_back_does_not_keep_its_index_among_those_written_to(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library, range(3))
    first, second = rebuild(cluster), rebuild(cluster)
    cluster.indexes.write_also(first.index)  # how a way back begins

    third = rebuild(cluster)

    assert (third.previous, third.is_resumed) == (second.index, False)
    assert cluster.indexes.written() == [third.index]
    assert index_names(cluster) == sorted([second.index, third.index])


class Writer:
    """Edits at every moment of a rebuild, and has the ledger's steps follow at once."""

    def __init__(self, library: SearchedLibrary) -> None:
        self._library = library
        self._turn = 0

    def edit(self, _count: int = 0) -> None:
        self._turn += 1
        turn = self._turn
        self._library.post(f"new {turn}", title=f"New {turn}")
        self._library.post(turn % 12, title=f"Proof {turn % 12}, edition {turn}")
        self._library.save()
        gone = Document.objects.filter(title__startswith="Proof").order_by("-title").first()
        assert gone is not None
        if turn % 3 == 0:
            self._library.withdraw(gone.id)


def edit_right_before_the_change(monkeypatch: pytest.MonkeyPatch, writer: Writer) -> None:
    change_places = Indexes.switch

    def switch(indexes: Indexes, new: str) -> None:
        writer.edit()
        change_places(indexes, new)

    monkeypatch.setattr(Indexes, "switch", switch)


def test_what_is_written_meanwhile_is_neither_missing_nor_stale(
    cluster: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library, range(12))
    old = rebuild(cluster)
    writer = Writer(library)
    edit_right_before_the_change(monkeypatch, writer)

    rebuilt = rebuild_engine(cluster, writer.edit)

    assert differing(cluster) == ()
    assert cluster.indexes.count(rebuilt.index) == Document.objects.count()
    assert rebuilt.previous == old.index
    writer.edit()
    assert differing(cluster) == ()


def test_without_writes_to_both_indexes_that_shows(
    cluster: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library, range(12))
    rebuild(cluster)
    edit_right_before_the_change(monkeypatch, Writer(library))
    monkeypatch.setattr(Indexes, "written", lambda self: [self.behind(self.live)])

    rebuild(cluster)

    assert differing(cluster) != ()


def test_what_was_read_before_a_removal_does_not_bring_it_back(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    (post,) = fill(library, range(1))
    rebuild(cluster)
    earlier = read_entries([post])
    library.withdraw(post)

    cluster.apply(earlier.entries, ())

    assert cluster.indexes.count(cluster.indexes.live) == 0
    later = Removal(post, "en", 1, sequence=earlier.entries[0].sequence)
    cluster.apply((), [later])
    assert differing(cluster) == ()


def test_the_previous_index_comes_back_up_to_date(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library, range(6))
    first = rebuild(cluster)
    second = rebuild(cluster)
    fill(library, range(6, 9))
    library.withdraw(Document.objects.get(title="Proof 0").id)

    back = roll_back(cluster, lambda _count: None)

    assert (back.index, back.previous) == (first.index, second.index)
    assert back.mended == 4
    assert differing(cluster) == ()
    fill(library, range(9, 10))
    assert differing(cluster) == ()
    third = rebuild(cluster)
    assert index_names(cluster) == sorted([first.index, third.index])


def test_without_a_previous_index_there_is_no_way_back(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    rebuild(cluster)
    with pytest.raises(CommandError, match="There is no previous index"):
        call_command("rebuild_search", "--rollback")


def run(name: str, *arguments: str) -> str:
    said = StringIO()
    call_command(name, *arguments, stdout=said, stderr=said)
    return said.getvalue()


def test_the_command_tells_what_it_did(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library, range(5))

    lines = run("rebuild_search").splitlines()

    assert lines[:2] == [
        "database: 5 documents (5 written, 0 mended).",
        "elasticsearch: 5 documents (5 written, 0 mended).",
    ]
    assert lines[2] == f"Searches use {cluster.indexes.behind(cluster.indexes.live)} now."
    assert run("rebuild_search", "--if-missing") == ""
    assert run("check_search") == "database: nothing differs.\nelasticsearch: nothing differs.\n"


def test_the_check_names_each_difference_and_mends_it(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    missing, stale, stray = fill(library, range(3))
    rebuild(cluster)
    entries = {entry.id: entry for entry in read_entries([missing, stale, stray]).entries}
    Document.objects.filter(id=stray).delete()
    change: Any = [
        {"delete": {"_index": cluster.indexes.live, "_id": str(missing)}},
        {"update": {"_index": cluster.indexes.live, "_id": str(stale)}},
        {"doc": {"digest": "other"}},
    ]
    cluster.connection.write(lambda client: client.bulk(operations=change, refresh=True))
    assert set(differing(cluster)) == set(entries)

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("check_search", stdout=said)
    assert "elasticsearch: 1 missing, 1 stale, 1 not public any more" in said.getvalue()

    repaired = run("check_search", "--repair")
    assert repaired.count("repaired; nothing differs.") == 2
    assert differing(cluster) == ()


def test_a_changed_mapping_is_noticed_and_says_what_to_run(
    cluster: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library, range(1))
    rebuild(cluster)
    remedy = "Run: manage.py rebuild_search"
    assert remedy not in run("check", "--deploy", "--tag", "search")
    for module in ("search.standing", "search.management.commands.check_search"):
        monkeypatch.setattr(f"{module}.mapping_mark", lambda: "newer")

    with pytest.raises(CommandError):
        call_command("check_search", stdout=StringIO())
    assert remedy in run("check", "--deploy", "--tag", "search")


def test_the_mark_of_the_mapping_is_kept_with_the_index(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    rebuilt = rebuild(cluster)
    assert cluster.indexes.mark(rebuilt.index) == mapping_mark()
    assert answering_engine() is cluster


def test_more_documents_are_looked_up_than_the_engine_gives_at_once(
    cluster: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.engines.elasticsearch.engine._ASKED", 4)
    ids = fill(library, range(10))
    rebuild(cluster)

    assert cluster.held_in(cluster.indexes.live, ids).keys() == set(ids)
    assert cluster.held_in(cluster.indexes.live, []) == {}
