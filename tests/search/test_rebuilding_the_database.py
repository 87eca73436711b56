"""The database's own index made anew: whatever it held, it ends as the documents are now."""

from collections.abc import Sequence

import pytest
from django.db import connection

from search import rebuilding
from search.models import Collection, IndexedDocument, Term, TitleStart, VocabularyWord
from search.rebuilding import rebuild_database
from tests.api.conftest import Reader
from tests.search.conftest import SearchedLibrary


def table(statement: str) -> Sequence[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: Sequence[tuple[object, ...]] = cursor.fetchall()
        return rows


def held() -> list[object]:
    """All that the index has, by words instead of keys."""
    postings = (
        "SELECT t.stem, e.document_id, p.frequency, p.length FROM search_posting p"
        " JOIN search_term t ON t.id = p.term_id"
        " JOIN search_indexeddocument e ON e.id = p.entry_id ORDER BY 1, 2"
    )
    columns = ("document_id", "digest", "title", "body", "stemmed", "published_at", "length")
    return [
        table(postings),
        list(Collection.objects.values_list("documents", "length")),
        sorted(Term.objects.values_list("stem", "documents")),
        sorted(VocabularyWord.objects.values_list("word", "shown", "documents")),
        sorted(TitleStart.objects.values_list("key", "position")),
        sorted(IndexedDocument.objects.values_list(*columns)),
    ]


def test_what_was_analysed_otherwise_is_written_anew_and_counted_once(
    library: SearchedLibrary, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        library.post(number, title=f"Proof {number} of galleys")
    library.save()
    before = held()
    # As an older analysis might have left it: the texts are the same, and so is the digest.
    IndexedDocument.objects.update(stemmed="")
    assert reader.json('/search?q="of galleys"')["page"]["total"] == 0
    monkeypatch.setattr(rebuilding, "_WRITTEN_AT_ONCE", 3)

    seen: list[int] = []
    rebuilt = rebuild_database(seen.append)

    assert (rebuilt.documents, rebuilt.mended, seen) == (7, 0, [3, 3, 1])
    assert held() == before
    assert reader.json('/search?q="of galleys"')["page"]["total"] == 7
