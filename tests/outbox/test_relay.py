import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection

from core.interface import utc_now
from outbox.batches import Claim, gather_batches
from outbox.claiming import claim_due_runs, claim_left_lying
from outbox.interface import FinalError, LedgerEvent, RetryableError
from outbox.models import LedgerReader, StepRun, StepStatus
from outbox.relay import Relay, sweep
from outbox.retries import MAX_TRIES, RETRY_WAITS_SECONDS
from outbox.running import run_batch
from outbox.settling import Outcome, settle_runs
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import ONE_STEP, THREE_STEPS, OnCall

pytestmark = pytest.mark.django_db


def _fail(error: Exception, subject: str | None = None) -> Any:
    def answer(event: LedgerEvent) -> None:
        if subject is None or event.subject == subject:
            raise error

    return answer


def _statuses(step: str) -> list[str]:
    return list(
        StepRun.objects.filter(step=step).order_by("event").values_list("status", flat=True)
    )


def test_each_step_of_each_event_runs_once(on_call: OnCall, record: Recorder) -> None:
    record("a", "b")
    record("c", kind="content.updated")
    record("d", kind="user.changed")

    Relay().drain()
    Relay().drain()

    assert on_call.sequences("purge") == [1, 2, 3]
    assert on_call.sequences("search") == [1, 2]
    assert on_call.sequences("tell") == [1, 2]
    assert StepRun.objects.count() == 7
    run = StepRun.objects.get(event=1, step="purge")
    assert (run.status, run.tries, run.last_error) == (StepStatus.DONE, 1, "")
    assert run.duration_ms is not None
    assert run.settled_at is not None
    assert set(LedgerReader.objects.values_list("step", "position")) == {
        ("purge", 4),
        ("search", 4),
        ("tell", 4),
    }


def test_recording_writes_no_runs(on_call: OnCall, record: Recorder) -> None:
    record("a")

    assert StepRun.objects.count() == 0


def test_sweep_does_what_a_relay_does(on_call: OnCall, record: Recorder) -> None:
    record("a")

    sweep()

    assert on_call.sequences("search") == [1]


def test_a_failed_step_waits_and_succeeds(on_call: OnCall, record: Recorder) -> None:
    on_call.answers["search"] = _fail(RetryableError("away"))
    record("a")
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        Relay().drain()
        run = StepRun.objects.get(step="search")
        assert (run.status, run.tries) == (StepStatus.WAITING, 1)
        assert run.last_error == "RetryableError: away"
        wait = (run.next_try_at - utc_now()).total_seconds()
        assert 5 <= wait <= 5.5
    on_call.answers.clear()
    with time_machine.travel("2026-11-01T00:00:04Z", tick=False):
        Relay().drain()
        assert on_call.sequences("search") == [1]
    with time_machine.travel("2026-11-01T00:00:06Z", tick=False):
        Relay().drain()

    run.refresh_from_db()
    assert (run.status, run.tries, run.last_error) == (StepStatus.DONE, 2, "")


def test_the_waits_add_up_to_what_their_comment_says() -> None:
    assert sum(RETRY_WAITS_SECONDS) == 81_755
    assert MAX_TRIES == 10


@pytest.mark.parametrize("error", [RetryableError("away"), KeyError("a bug")])
def test_a_step_that_always_fails_is_dead_after_its_tries(
    on_call: OnCall, record: Recorder, error: Exception
) -> None:
    on_call.answers["search"] = _fail(error)
    record("a")
    with time_machine.travel("2026-11-01T00:00Z", tick=False) as clock:
        for _ in range(20):
            Relay().drain()
            clock.shift(timedelta(hours=14))

    run = StepRun.objects.get(step="search")
    assert (run.status, run.tries) == (StepStatus.DEAD, 10)
    assert len(on_call.sequences("search")) == 10


def test_a_final_error_is_dead_at_once(on_call: OnCall, record: Recorder) -> None:
    on_call.answers["search"] = _fail(FinalError("never"))
    record("a")

    Relay().drain()

    run = StepRun.objects.get(step="search")
    assert (run.status, run.tries, run.last_error) == (StepStatus.DEAD, 1, "FinalError: never")


@pytest.mark.parametrize(("asked", "expected"), [(600, 600), (1, 5), (10**9, 86_400)])
def test_a_receiver_may_ask_for_patience(
    on_call: OnCall, record: Recorder, asked: float, expected: float
) -> None:
    on_call.answers["search"] = _fail(RetryableError("busy", retry_after_seconds=asked))
    record("a")
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        Relay().drain()
        wait = (StepRun.objects.get(step="search").next_try_at - utc_now()).total_seconds()

    assert expected <= wait <= expected * 1.1


def test_an_error_with_nul_is_stored(on_call: OnCall, record: Recorder) -> None:
    on_call.answers["search"] = _fail(RetryableError("a\0b"))
    record("a")

    Relay().drain()

    assert StepRun.objects.get(step="search").last_error == "RetryableError: ab"


def test_a_poison_event_holds_up_its_own_subject_alone(on_call: OnCall, record: Recorder) -> None:
    on_call.answers["search"] = _fail(RetryableError("poison"), subject="a")
    record("a", "b", "a", "b")

    Relay().drain()

    assert on_call.sequences("search") == [1, 2, 4]
    assert on_call.sequences("purge") == [1, 2, 3, 4]
    assert _statuses("search") == ["waiting", "done", "waiting", "done"]


def test_after_a_dead_event_its_subject_goes_on(on_call: OnCall, record: Recorder) -> None:
    def fail_first(event: LedgerEvent) -> None:
        if event.sequence == 1:
            raise FinalError("never")

    on_call.answers["search"] = fail_first
    record("a", "a")

    Relay().drain()

    assert _statuses("search") == ["dead", "done"]


def test_a_step_waits_for_what_it_needs_and_for_nothing_else(
    on_call: OnCall, record: Recorder
) -> None:
    on_call.answers["search"] = _fail(RetryableError("search is down"))
    record("a")
    Relay().drain()
    assert on_call.sequences("tell") == [1]

    on_call.answers["purge"] = _fail(RetryableError("the cache is down"), subject="b")
    record("b")
    Relay().drain()
    assert on_call.sequences("tell") == [1]
    assert _statuses("tell") == ["done", "waiting"]

    on_call.answers.clear()
    with time_machine.travel(utc_now() + timedelta(seconds=10)):
        Relay().drain()
    assert on_call.sequences("tell") == [1, 2]


def _claim() -> list[Claim]:
    due = claim_due_runs(THREE_STEPS, dict.fromkeys(THREE_STEPS.steps, 10))
    return [*due, *claim_left_lying(THREE_STEPS)]


def _run(claim: Claim) -> dict[int, StepStatus]:
    [batch] = gather_batches([claim])
    return run_batch(batch, THREE_STEPS)


def test_a_claim_that_nobody_began_comes_back(on_call: OnCall, record: Recorder) -> None:
    record("a")
    Relay(_stopped()).run_pass()
    [claim, *_] = _claim()
    assert _claim() == []

    with time_machine.travel(utc_now() + timedelta(seconds=61)):
        [again, *_] = _claim()
        assert again.run_id == claim.run_id
        assert _run(claim) == {}
        assert _run(again) == {claim.run_id: StepStatus.DONE}
        assert _run(again) == {}

    assert on_call.calls == [("purge", 1)]


def _stopped() -> threading.Event:
    stop = threading.Event()
    stop.set()
    return stop


def test_a_lost_run_counts_as_a_try_and_its_late_end_changes_nothing(
    on_call: OnCall, record: Recorder, settings: Any
) -> None:
    settings.OUTBOX_PIPELINE = "tests.outbox.steps_on_call.ONE_STEP"
    late: list[StepStatus | None] = []

    def outlive_the_lease(event: LedgerEvent) -> None:
        on_call.answers.clear()
        with time_machine.travel(utc_now() + timedelta(seconds=61)):
            Relay().run_pass()
        run = StepRun.objects.get()
        late.append(StepStatus(run.status))
        assert run.tries == 1
        assert run.last_error == "RetryableError: The process that ran this step was lost."

    on_call.answers["search"] = outlive_the_lease
    record("a")
    Relay().run_pass()
    assert late == [StepStatus.WAITING]
    assert StepRun.objects.get().status == StepStatus.WAITING

    with time_machine.travel(utc_now() + timedelta(seconds=70)):
        Relay().drain()
    run = StepRun.objects.get()
    assert (run.status, run.tries) == (StepStatus.DONE, 2)


def test_settling_needs_the_lease(
    on_call: OnCall, record: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    record("a")
    Relay(_stopped()).run_pass()
    run = StepRun.objects.filter(step="purge").get()

    run.lease_id = uuid4()
    assert settle_runs([Outcome(run)]) == {}
    assert settle_runs([Outcome(run, FinalError("It will never work."))]) == {}
    run.refresh_from_db()
    assert run.status == StepStatus.WAITING
    # Nobody is told of an end that did not come about.
    assert "dead" not in caplog.text
    assert caplog.text.count("had gone to another") == 2


def test_a_step_that_joins_later_starts_where_the_others_are(
    on_call: OnCall, record: Recorder, settings: Any
) -> None:
    settings.OUTBOX_PIPELINE = "tests.outbox.steps_on_call.ONE_STEP"
    record("a", "b")
    Relay().drain()
    settings.OUTBOX_PIPELINE = "tests.outbox.steps_on_call.THREE_STEPS"
    record("c")

    Relay().drain()

    assert on_call.sequences("search") == [1, 2, 3]
    assert on_call.sequences("purge") == [3]
    assert LedgerReader.objects.get(step="purge").start == 2


@pytest.mark.parametrize(("left", "start"), [(("gone",), 3), (("gone", "search"), 3), ((), 0)])
def test_a_step_that_joins_later_does_not_start_where_one_left_long_ago(
    on_call: OnCall, record: Recorder, settings: Any, left: tuple[str, ...], start: int
) -> None:
    record("a", "b", "c")
    positions = {"gone": 1, "search": 3}
    if left:
        LedgerReader.objects.bulk_create(
            LedgerReader(step=step, position=position) for step, position in positions.items()
        )
    settings.OUTBOX_PIPELINE = (
        "tests.outbox.steps_on_call.ONLY_PURGE"
        if "search" in left
        else "tests.outbox.steps_on_call.THREE_STEPS"
    )

    Relay().drain()

    assert LedgerReader.objects.get(step="purge").start == start
    assert on_call.sequences("purge") == list(range(start + 1, 4))


def test_runs_of_a_step_that_this_process_does_not_know_are_left(
    on_call: OnCall, record: Recorder
) -> None:
    record("a")
    Relay(_stopped()).run_pass()

    rooms = dict.fromkeys(THREE_STEPS.steps, 10)
    assert {claim.step for claim in claim_due_runs(ONE_STEP, rooms)} == {"search"}


def test_a_stop_gives_back_what_was_not_begun(on_call: OnCall, record: Recorder) -> None:
    stop = threading.Event()
    on_call.answers["purge"] = lambda event: stop.set()
    record("a")

    Relay(stop).drain()

    assert on_call.calls == [("purge", 1)]
    assert _statuses("purge") == ["done"]
    assert _statuses("search") == ["waiting"]


def test_more_events_than_one_round_reads(on_call: OnCall, record: Recorder) -> None:
    record(*(f"s{number}" for number in range(45)))

    Relay().drain()

    assert sorted(on_call.sequences("tell")) == list(range(1, 46))


@pytest.mark.django_db(transaction=True)
def test_two_relays_share_the_work(on_call: OnCall, record: Recorder) -> None:
    record(*(f"s{number % 7}" for number in range(60)))

    def work() -> None:
        Relay().drain()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Relay().drain()

    assert sorted(on_call.sequences("purge")) == list(range(1, 61))
    assert sorted(on_call.sequences("search")) == list(range(1, 61))
    by_subject = {n: [s for s in on_call.sequences("search") if s % 7 == n] for n in range(7)}
    assert all(numbers == sorted(numbers) for numbers in by_subject.values())
