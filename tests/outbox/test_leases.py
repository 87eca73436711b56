"""A lease is short, so that a lost process is missed soon, and is renewed while its holder lives."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from core.interface import utc_now
from outbox import claiming, leases
from outbox.batches import Batch
from outbox.claiming import lost_runs
from outbox.interface import LedgerEvent
from outbox.models import StepRun, StepStatus
from outbox.relay import Relay
from outbox.settling import recover_lost_runs
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def in_its_own_connection(act: Callable[[], int]) -> int:
    try:
        return act()
    finally:
        connection.close()


def _lease() -> datetime:
    until = StepRun.objects.get(step="search").lease_until
    assert until is not None
    return until


@pytest.fixture
def one_step(on_call: OnCall, settings: Any) -> OnCall:
    settings.OUTBOX_PIPELINE = "tests.outbox.steps_on_call.ONE_STEP"
    return on_call


def test_a_step_that_takes_long_keeps_its_lease(
    one_step: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    seen: list[datetime] = []

    def wait_for_renewals(_event: LedgerEvent) -> None:
        ends = time.monotonic() + 30
        seen.append(_lease())
        while len(seen) < 4:
            assert time.monotonic() < ends, "the lease was not renewed"
            if (until := _lease()) != seen[-1]:
                seen.append(until)
        # As its holder would, were it lost for that long.
        assert recover_lost_runs() == 0

    one_step.answers["search"] = wait_for_renewals
    began = utc_now()
    record("a")
    Relay().run_pass()

    assert seen == sorted(seen)
    # Of the 60 seconds that the step may take, no more than this is given at a time.
    assert seen[0] <= seen[-1] <= utc_now() + timedelta(seconds=leases.LEASE_SECONDS)
    assert seen[0] >= began + timedelta(seconds=leases.LEASE_SECONDS)
    assert StepRun.objects.get().status == StepStatus.DONE


def test_a_lease_is_renewed_for_no_longer_than_the_step_may_take(
    one_step: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a step that hangs would be held for ever."""
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.4)
    lost: list[int] = []

    def hang(_event: LedgerEvent) -> None:
        ends = time.monotonic() + 30
        while not lost:
            assert time.monotonic() < ends, "it is held for ever"
            if recover_lost_runs():
                lost.append(StepRun.objects.get().losses)

    monkeypatch.setattr("outbox.running.lease_seconds", lambda *_: 1.0)
    one_step.answers["search"] = hang
    record("a")
    Relay().run_pass()

    assert lost == [1]
    assert StepRun.objects.get().status == StepStatus.WAITING


def test_a_renewal_that_fails_is_followed_by_the_next(
    one_step: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blip of the database must not end them: the lease would run out in its holder's hand."""
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.05)
    failed: list[bool] = []
    held_runs = claiming.held_runs

    def fail_once(batch: Batch, status: StepStatus) -> QuerySet[StepRun]:
        if not failed:
            failed.append(True)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return held_runs(batch, status)

    monkeypatch.setattr(leases, "held_runs", fail_once)

    def wait_for_a_renewal(_event: LedgerEvent) -> None:
        ends, before = time.monotonic() + 30, _lease()
        while _lease() == before:
            assert time.monotonic() < ends, "no renewal came after the one that failed"

    one_step.answers["search"] = wait_for_a_renewal
    record("a")
    Relay().run_pass()

    assert failed
    assert StepRun.objects.get().status == StepStatus.DONE


def test_two_that_look_for_lost_runs_count_each_once(one_step: OnCall, record: Recorder) -> None:
    """And a holder that is late after all waits, and finds that it is lost."""
    found: list[int] = []

    def look_twice(_event: LedgerEvent) -> None:
        StepRun.objects.update(lease_until=utc_now())
        with transaction.atomic():
            assert len(lost_runs(limit=10)) == 1
            with ThreadPoolExecutor(1) as other:
                found.append(other.submit(in_its_own_connection, recover_lost_runs).result())

    one_step.answers["search"] = look_twice
    record("a")
    Relay().run_pass()

    assert found == [0]
    assert StepRun.objects.get().losses == 0
