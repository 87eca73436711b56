"""Many runs share a message, a lease and their statements, and none suffers for another."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded

from core.faults import InjectedFault, faults_in_this_process
from core.interface import utc_now
from outbox import batches, running
from outbox.batches import BATCH_SIZE, Batch, gather_batches
from outbox.claiming import claim_due_runs, claim_left_lying
from outbox.interface import FinalError, LedgerEvent, Pipeline, RetryableError, Step
from outbox.messages import BadMessage, read_batch, write_batch
from outbox.models import StepRun, StepStatus
from outbox.planning import plan_runs
from outbox.relay import Relay
from outbox.retries import MAX_LOSSES
from outbox.running import run_batch
from outbox.settling import lose_runs
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import ONE_STEP, THREE_STEPS, OnCall

pytestmark = pytest.mark.django_db

Answer = Callable[[Sequence[LedgerEvent]], Sequence[Exception | None]]


def _claimed(pipeline: Pipeline, room: int = 1000) -> list[Batch]:
    plan_runs(pipeline)
    due = claim_due_runs(pipeline, dict.fromkeys(pipeline.steps, room))
    return gather_batches([*due, *claim_left_lying(pipeline)])


def _sizes(found: list[Batch]) -> list[int]:
    return [len(batch.run_ids) for batch in found]


def test_a_message_carries_up_to_a_hundred_runs_of_one_step(
    on_call: OnCall, record: Recorder
) -> None:
    record(*(f"s{number}" for number in range(220)))

    found = _claimed(THREE_STEPS)

    assert [(batch.step, len(batch.run_ids)) for batch in found] == [
        *[("purge", 100), ("purge", 100), ("purge", 20)],
        *[("search", 100), ("search", 100), ("search", 20)],
    ]
    assert all(read_batch(*write_batch(batch)) == batch for batch in found)


@pytest.mark.parametrize("count", [1, 50])
def test_a_batch_costs_the_same_statements_however_many_runs(
    on_call: OnCall, record: Recorder, django_assert_num_queries: Any, count: int
) -> None:
    record(*(f"s{number}" for number in range(count)))
    [batch] = _claimed(ONE_STEP)

    with django_assert_num_queries(3):
        statuses = run_batch(batch, ONE_STEP)

    assert list(statuses.values()) == [StepStatus.DONE] * count
    assert on_call.sequences("search") == list(range(1, count + 1))


@pytest.mark.parametrize("count", [1, 50])
def test_planning_costs_the_same_statements_however_many_events(
    on_call: OnCall, record: Recorder, django_assert_num_queries: Any, count: int
) -> None:
    record("first")
    plan_runs(THREE_STEPS)
    record(*(f"s{number}" for number in range(count)))

    # Two looks, the lock, the runs, the positions, and the savepoint of this test's transaction.
    with django_assert_num_queries(7):
        assert plan_runs(THREE_STEPS) == 3 * count

    assert StepRun.objects.count() == 3 * (count + 1)


def _many(answer: Answer) -> tuple[Pipeline, list[int]]:
    """A step that takes all at once; with the numbers of the events that came one by one."""
    alone: list[int] = []

    def run(event: LedgerEvent) -> None:
        alone.append(event.sequence)
        if event.subject == "bad":
            raise FinalError("bad")

    return Pipeline({"content.published": (Step("many", run, run_many=answer),)}), alone


def _outcomes() -> list[tuple[str, int, str]]:
    rows = StepRun.objects.order_by("event").values_list("status", "tries", "last_error")
    return [(status, tries, error) for status, tries, error in rows]


def test_a_step_that_takes_many_is_called_once_and_tells_of_each(record: Recorder) -> None:
    calls: list[list[int]] = []

    def answer(events: Sequence[LedgerEvent]) -> list[Exception | None]:
        calls.append([event.sequence for event in events])
        return [None, RetryableError("away"), FinalError("never")]

    record("a", "b", "c")
    pipeline, alone = _many(answer)
    [batch] = _claimed(pipeline)

    run_batch(batch, pipeline)

    assert (calls, alone) == ([[1, 2, 3]], [])
    assert _outcomes() == [
        (StepStatus.DONE, 1, ""),
        (StepStatus.WAITING, 1, "RetryableError: away"),
        (StepStatus.DEAD, 1, "FinalError: never"),
    ]


def test_what_no_event_can_help_fails_for_all_and_is_not_asked_again(record: Recorder) -> None:
    def answer(events: Sequence[LedgerEvent]) -> list[Exception | None]:
        raise RetryableError("Redis is away")

    record("a", "b")
    pipeline, alone = _many(answer)
    [batch] = _claimed(pipeline)

    run_batch(batch, pipeline)

    assert alone == []
    assert _outcomes() == [(StepStatus.WAITING, 1, "RetryableError: Redis is away")] * 2


@pytest.mark.parametrize("error", [KeyError("a bug"), FinalError("one of them"), None])
def test_a_fault_that_may_be_of_one_event_is_found_one_by_one(
    record: Recorder, error: Exception | None
) -> None:
    def answer(events: Sequence[LedgerEvent]) -> list[Exception | None]:
        if error is not None:
            raise error
        return [None]  # too few answers

    record("a", "bad", "c")
    pipeline, alone = _many(answer)
    [batch] = _claimed(pipeline)

    run_batch(batch, pipeline)

    assert alone == [1, 2, 3]
    assert _outcomes() == [
        (StepStatus.DONE, 1, ""),
        (StepStatus.DEAD, 1, "FinalError: bad"),
        (StepStatus.DONE, 1, ""),
    ]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SoftTimeLimitExceeded(), "SoftTimeLimitExceeded: SoftTimeLimitExceeded()"),
        (FinalError("one of them"), "RetryableError: FinalError: one of them"),
    ],
)
def test_a_batch_that_fails_late_is_a_failed_try_of_all(
    record: Recorder, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def answer(events: Sequence[LedgerEvent]) -> list[Exception | None]:
        raise error

    monkeypatch.setattr(batches, "BEGIN_SECONDS", 0.0)
    record("a", "b")
    pipeline, alone = _many(answer)
    [batch] = _claimed(pipeline)

    run_batch(batch, pipeline)

    assert alone == []
    assert _outcomes() == [(StepStatus.WAITING, 1, told)] * 2


def test_a_batch_of_one_is_not_asked_twice(record: Recorder) -> None:
    def answer(events: Sequence[LedgerEvent]) -> list[Exception | None]:
        raise FinalError("never")

    record("a")
    pipeline, alone = _many(answer)
    [batch] = _claimed(pipeline)

    run_batch(batch, pipeline)

    assert alone == []
    assert _outcomes() == [(StepStatus.DEAD, 1, "FinalError: never")]


def test_one_by_one_ends_when_a_stop_is_asked_for(record: Recorder) -> None:
    def answer(events: Sequence[LedgerEvent]) -> list[Exception | None]:
        raise KeyError("a bug")

    record("a", "b", "c")
    pipeline, alone = _many(answer)
    [batch] = _claimed(pipeline)

    run_batch(batch, pipeline, lambda: not alone)

    assert alone == [1]
    assert [(status, tries) for status, tries, _ in _outcomes()] == [
        (StepStatus.DONE, 1),
        (StepStatus.WAITING, 0),
        (StepStatus.WAITING, 0),
    ]


def test_a_failure_harms_no_other_run_of_its_batch(on_call: OnCall, record: Recorder) -> None:
    def fail(event: LedgerEvent) -> None:
        if event.subject == "b":
            raise RetryableError("poison")

    on_call.answers["search"] = fail
    record("a", "b", "c")
    [batch] = _claimed(ONE_STEP)

    assert list(run_batch(batch, ONE_STEP).values()) == ["done", "waiting", "done"]


def test_a_message_that_comes_twice_begins_nothing(on_call: OnCall, record: Recorder) -> None:
    record("a", "b")
    [batch] = _claimed(ONE_STEP)
    inner: list[dict[int, StepStatus]] = []
    # The second one comes while the first is at it.
    on_call.answers["search"] = lambda event: inner.append(run_batch(batch, ONE_STEP))

    run_batch(batch, ONE_STEP)

    assert inner == [{}, {}]
    assert on_call.sequences("search") == [1, 2]
    assert _outcomes() == [(StepStatus.DONE, 1, "")] * 2


def test_a_slow_step_gives_back_what_it_has_not_begun(
    on_call: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BEGIN_SECONDS", 0.0)
    record("a", "b", "c")
    [batch] = _claimed(ONE_STEP)

    run_batch(batch, ONE_STEP)

    assert on_call.sequences("search") == [1]
    assert [status for status, _, _ in _outcomes()] == ["done", "waiting", "waiting"]
    assert [tries for _, tries, _ in _outcomes()] == [1, 0, 0]
    assert _sizes(_claimed(ONE_STEP)) == [2]


def test_what_has_ended_is_written_down_before_the_batch_ends(
    on_call: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_SETTLE_SECONDS", 0.0)
    seen: list[int] = []
    done = StepRun.objects.filter(status=StepStatus.DONE)
    on_call.answers["search"] = lambda event: seen.append(done.count())
    record("a", "b", "c")
    [batch] = _claimed(ONE_STEP)

    run_batch(batch, ONE_STEP)

    assert seen == [0, 1, 2]


def test_runs_whose_lease_went_to_another_are_left_alone(on_call: OnCall, record: Recorder) -> None:
    def take(event: LedgerEvent) -> None:
        StepRun.objects.filter(event=2).update(lease_id=uuid4())

    on_call.answers["search"] = take
    record("a", "b", "c")
    [batch] = _claimed(ONE_STEP)

    statuses = run_batch(batch, ONE_STEP)

    assert list(statuses.values()) == [StepStatus.DONE, StepStatus.DONE]
    assert [status for status, _, _ in _outcomes()] == ["done", "running", "done"]


def test_what_was_lost_with_its_process_travels_alone_and_is_dead_after_five(
    on_call: OnCall, record: Recorder
) -> None:
    record("a", "b", "c")
    [batch] = _claimed(ONE_STEP)
    with (
        faults_in_this_process("outbox.step.before_run=raise@2"),
        pytest.raises(InjectedFault),
    ):
        run_batch(batch, ONE_STEP)
    statuses = lose_runs(list(StepRun.objects.filter(status=StepStatus.RUNNING)))
    assert list(statuses.values()) == [StepStatus.WAITING] * 3

    with time_machine.travel(utc_now() + timedelta(minutes=1)):
        again = _claimed(ONE_STEP)
        assert _sizes(again) == [1, 1, 1]
        for innocent in (again[0], again[2]):
            run_batch(innocent, ONE_STEP)
    losses = [1]
    with time_machine.travel(utc_now() + timedelta(days=1)) as clock:
        while StepRun.objects.get(event=2).status != StepStatus.DEAD:
            with faults_in_this_process("outbox.step.before_run=raise"):
                for found in _claimed(ONE_STEP):
                    with pytest.raises(InjectedFault):
                        run_batch(found, ONE_STEP)
            lose_runs(list(StepRun.objects.filter(status=StepStatus.RUNNING)))
            losses.append(StepRun.objects.get(event=2).losses)
            clock.shift(timedelta(days=1))

    assert losses == list(range(1, MAX_LOSSES + 1))
    assert _outcomes() == [
        (StepStatus.DONE, 2, ""),
        (
            StepStatus.DEAD,
            MAX_LOSSES,
            "RetryableError: The process that ran this step was lost.",
        ),
        (StepStatus.DONE, 2, ""),
    ]


def test_a_step_without_room_takes_none_of_another(on_call: OnCall, record: Recorder) -> None:
    record("a", "b", "c")
    plan_runs(THREE_STEPS)

    claims = claim_due_runs(THREE_STEPS, {"search": 2})

    assert [claim.step for claim in claims] == ["search", "search"]
    assert StepRun.objects.filter(step="purge", status=StepStatus.WAITING).count() == 3


def test_one_subject_has_one_run_of_an_ordered_step_in_a_batch(
    on_call: OnCall, record: Recorder
) -> None:
    record("a", "a", "b", "a")

    assert _sizes(_claimed(ONE_STEP)) == [2]
    assert _claimed(ONE_STEP) == []
    Relay().drain()
    StepRun.objects.filter(status=StepStatus.QUEUED).update(lease_until=utc_now())
    Relay().drain()

    assert on_call.sequences("search") == [1, 3, 2, 4]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), {}),
        (("search", str(uuid4())), {}),
        (("search", "no lease", [1]), {}),
        (("search", str(uuid4()), []), {}),
        (("search", str(uuid4()), ["1"]), {}),
        (("search", str(uuid4()), list(range(BATCH_SIZE + 1))), {}),
        ((7, str(uuid4()), [1]), {}),
        (("search", str(uuid4()), [1]), {"more": 1}),
    ],
)
def test_a_message_of_another_form_is_refused(arguments: Any, named: Any) -> None:
    with pytest.raises(BadMessage):
        read_batch(*arguments, **named)
