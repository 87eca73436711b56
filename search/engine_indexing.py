"""The step of the ledger that keeps the index of the search engine beside the database's."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from outbox.interface import LedgerEvent, RetryableError
from search.engines.protocol import EngineAway
from search.engines.registry import answering_engine
from search.indexing import concern_of, read_entries, tell_of_changes

STEP: Final = "index_search_engine"
_BATCH: Final = 200


def index_in_engine(event: LedgerEvent) -> None:
    """The step for one event."""
    [failure] = index_in_engine_many([event])
    if failure is not None:
        raise failure


def index_in_engine_many(events: Sequence[LedgerEvent]) -> list[Exception | None]:
    """The step for many events: each document that they concern is indexed once.

    The event of a document that the engine refuses fails, and so does that of each label which
    it shows; all others are indexed.

    Raises:
        RetryableError: the engine is away, for all of them.
    """
    concern, failures = concern_of(events)
    showing = concern.documents()
    try:
        refused = bring_up_to_date(list(showing))
    except EngineAway as error:
        raise RetryableError(str(error)) from error
    faults = {
        subject: RetryableError(f"The search engine refuses the document {key}: {reason}")
        for key, reason in refused.items()
        for subject in showing[key]
    }
    return [
        failure or faults.get(UUID(event.data["document_id"]))
        for event, failure in zip(events, failures, strict=True)
    ]


def bring_up_to_date(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Writes these documents to the engine as they are now; gives those that it refuses, and why.

    Raises:
        EngineAway: some may not be written.
    """
    engine = answering_engine()
    refused: dict[UUID, str] = {}
    for start in range(0, len(ids), _BATCH):
        reading = read_entries(ids[start : start + _BATCH])
        applied = engine.apply(reading.entries, reading.removals)
        refused |= applied.refused
        tell_of_changes(applied.sites)
    return refused
