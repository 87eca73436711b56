"""How far a change has got, as those are told who made it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from outbox import progress
from outbox.interface import (
    FinalError,
    LedgerEvent,
    ProgressState,
    RetryableError,
    StepProgress,
    publication_progress,
    register_progress,
)
from outbox.models import StepRun, StepStatus
from outbox.relay import Relay
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def readers(monkeypatch: Any) -> None:
    """What a test registers goes with it."""
    monkeypatch.setattr(progress, "_readers", {})


def _states(subject: str) -> dict[str, str]:
    publication = publication_progress(subject)
    assert publication is not None
    return {step.name: step.state for step in publication.steps}


def test_nothing_is_known_of_what_never_changed(on_call: OnCall, record: Recorder) -> None:
    record("a")
    assert publication_progress("b") is None


def test_each_step_is_told_as_it_stands(on_call: OnCall, record: Recorder) -> None:
    def fail(event: LedgerEvent) -> None:
        raise FinalError("https://secret.example") if event.subject == "b" else RetryableError("x")

    record("a", "b")
    assert _states("a") == dict.fromkeys(["purge", "search", "tell"], ProgressState.UNDER_WAY)

    on_call.answers["search"] = fail
    Relay().drain()
    done, retrying, failed = ProgressState.DONE, ProgressState.RETRYING, ProgressState.FAILED
    assert _states("a") == {"purge": done, "search": retrying, "tell": done}
    assert _states("b") == {"purge": done, "search": failed, "tell": done}

    StepRun.objects.filter(status=StepStatus.DEAD).update(status=StepStatus.DISCARDED)
    assert _states("b")["search"] == ProgressState.DISCARDED
    assert "secret" not in repr(publication_progress("b"))


def test_only_the_latest_change_counts(on_call: OnCall, record: Recorder) -> None:
    record("a")
    Relay().drain()
    record("a", kind="content.updated")

    publication = publication_progress("a")
    assert publication is not None
    assert (publication.sequence, publication.type) == (2, "content.updated")
    assert [(step.name, step.label) for step in publication.steps] == [("purge", "Purge")]
    older = publication_progress("a", types=["content.published"])
    assert older is not None
    assert older.sequence == 1


def test_a_reader_tells_of_a_step_once_it_is_done(on_call: OnCall, record: Recorder) -> None:
    def read(events: Sequence[LedgerEvent]) -> Mapping[int, StepProgress]:
        state = ProgressState.UNDER_WAY
        return {
            event.sequence: StepProgress("tell", "Sent", state, done=3, total=4)
            for event in events
            if event.subject == "a"
        }

    register_progress("tell", read)
    record("a", "b")
    assert _states("a")["tell"] == ProgressState.UNDER_WAY
    Relay().drain()
    publication = publication_progress("a")
    assert publication is not None
    assert publication.steps[-1] == StepProgress(
        "tell", "Sent", ProgressState.UNDER_WAY, done=3, total=4
    )
    # Of what concerned no receiver, nothing is said.
    assert set(_states("b")) == {"purge", "search"}


def test_it_costs_the_same_however_long_the_ledger_is(
    on_call: OnCall, record: Recorder, django_assert_num_queries: Any
) -> None:
    record("a")
    Relay().drain()
    with django_assert_num_queries(3):
        publication_progress("a")
    record(*"abcabc")
    Relay().drain()
    with django_assert_num_queries(3):
        publication_progress("a")
