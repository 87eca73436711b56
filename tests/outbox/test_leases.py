"""A lease is short, so that a lost process is missed soon, and is renewed while its holder lives."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.interface import utc_now
from outbox import leases
from outbox.interface import LedgerEvent
from outbox.models import StepRun, StepStatus
from outbox.relay import Relay
from outbox.settling import recover_lost_runs
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


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
