"""A document that the cluster will not take: its own step fails, and nobody else's."""

from collections.abc import Mapping

import pytest

from core.interface import utc_now
from delivery.interface import Document
from outbox.interface import sweep
from outbox.models import LedgerEvent, StepRun
from outbox.retries import MAX_TRIES
from search.engine_indexing import STEP
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.mapping import mappings
from tests.search.cluster import open_index
from tests.search.conftest import SearchedLibrary

pytestmark = [pytest.mark.elasticsearch, pytest.mark.once]


@pytest.fixture
def picky(cluster: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch) -> ElasticsearchEngine:
    """An index that takes no currencies, as an older version of the product may have left one."""
    form = mappings()
    form["properties"]["currency"] = {"type": "integer"}
    monkeypatch.setattr("search.engines.elasticsearch.indexes.mappings", lambda: form)
    open_index(cluster)
    return cluster


def fill(library: SearchedLibrary) -> None:
    """Before and after the one that is refused there are others, in the same bulk."""
    library.post(1, title="Proof 1")
    library.service("dear", "10.00", title="A refused one")
    library.post(2, title="Proof 2")
    library.save()


def runs() -> Mapping[str, tuple[str, int]]:
    """Where the steps stand and how often they were tried, by the title of the document."""
    titles = {str(key): title for key, title in Document.objects.values_list("id", "title")}
    found = StepRun.objects.filter(step=STEP).select_related("event")
    return {titles[run.event.data["document_id"]]: (run.status, run.tries) for run in found}


def held(engine: ElasticsearchEngine) -> set[str]:
    ids = [item.id for item in engine.versions(after=None, limit=10)]
    return set(Document.objects.filter(id__in=ids).values_list("title", flat=True))


def test_the_others_of_its_bulk_are_indexed_and_their_steps_are_done(
    picky: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library)

    assert held(picky) == {"Proof 1", "Proof 2"}
    assert runs() == {
        "Proof 1": ("done", 1),
        "Proof 2": ("done", 1),
        "A refused one": ("waiting", 1),
    }
    refused = Document.objects.get(title="A refused one").id
    error = StepRun.objects.get(step=STEP, status="waiting").last_error
    assert f"refuses the document {refused}: " in error
    assert "failed to parse field [currency]" in error


def test_after_its_tries_it_waits_for_a_person(
    picky: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    fill(library)
    waiting = StepRun.objects.filter(step=STEP, status="waiting")
    for _ in range(MAX_TRIES - 1):
        assert waiting.update(next_try_at=utc_now()) == 1
        sweep()

    assert runs()["A refused one"] == ("dead", MAX_TRIES)


def test_were_it_only_logged_its_step_would_count_as_done(
    picky: ElasticsearchEngine, library: SearchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.engines.elasticsearch.writing._faults", lambda _items: {})
    fill(library)

    assert runs()["A refused one"] == ("done", 1)


def test_a_publication_tells_of_its_index_once(
    cluster: ElasticsearchEngine, library: SearchedLibrary
) -> None:
    open_index(cluster)
    library.post(1, title="Proof 1")
    library.save()

    assert list(LedgerEvent.objects.order_by("sequence").values_list("type", flat=True)) == [
        "site.changed",
        "content.published",
        "search.indexed",
    ]
