"""What the schedule has done is known to every process, and what it has not done is told."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import F
from django.db.models.functions import Now

from core.interface import ScheduleEntry, utc_now
from core.scheduling import run_entry
from outbox.interface import LateSchedule, late_schedules
from outbox.models import ScheduleState
from outbox.schedules import tracked

pytestmark = pytest.mark.django_db


class Work:
    """An entry's work, which fails as long as it is told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.fault = ""

    def __call__(self) -> None:
        self.runs += 1
        if self.fault:
            raise ValueError(self.fault)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def often(work: Work) -> ScheduleEntry:
    return ScheduleEntry("often", 30, work)


@pytest.fixture(autouse=True)
def schedule(often: ScheduleEntry, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = (often, ScheduleEntry("daily", 86400, lambda: None))
    monkeypatch.setattr("tests.outbox.process_steps.SCHEDULE", entries)
    settings.SCHEDULE = "tests.outbox.process_steps.SCHEDULE"


def run(entry: ScheduleEntry) -> bool:
    [ready] = tracked([entry])
    return run_entry(ready)


def age(name: str, **by: timedelta) -> None:
    """Makes columns older, as time does."""
    row = ScheduleState.objects.filter(name=name)
    assert row.update(**{column: F(column) - delta for column, delta in by.items()}) == 1


def names() -> list[str]:
    return [late.name for late in late_schedules()]


def test_a_run_is_noted(often: ScheduleEntry) -> None:
    before = utc_now()
    assert run(often)
    after = utc_now()

    state = ScheduleState.objects.get()
    assert (state.name, state.every_seconds, state.failures_in_row) == ("often", 30, 0)
    assert state.last_started_at is not None
    assert state.last_finished_at is not None
    assert state.last_finished_at == state.last_ok_at
    slack = timedelta(milliseconds=1)  # SQLite's own clock shows no more
    assert before - slack <= state.last_started_at <= state.last_finished_at <= after + slack
    assert state.next_due_at is not None
    assert timedelta(seconds=29) < state.next_due_at - state.last_finished_at
    assert state.next_due_at - state.last_finished_at <= timedelta(seconds=30)
    assert state.holder.rpartition(":")[2].isdigit()


def test_failures_are_counted_until_one_run_succeeds(often: ScheduleEntry, work: Work) -> None:
    assert run(often)
    ok_at = ScheduleState.objects.get().last_ok_at
    work.fault = "no\0 room"
    assert not run(often)
    assert not run(often)

    state = ScheduleState.objects.get()
    assert (state.failures_in_row, state.last_error) == (2, "ValueError: no room")
    assert state.last_ok_at == ok_at
    assert state.last_finished_at is not None
    assert state.next_due_at is not None
    assert state.next_due_at > state.last_finished_at

    work.fault = ""
    assert run(often)
    state.refresh_from_db()
    assert (state.failures_in_row, state.last_error) == (0, "")


def test_the_clock_of_this_host_does_not_count(often: ScheduleEntry) -> None:
    with time_machine.travel(utc_now() + timedelta(hours=1)):
        run(often)

    noted = ScheduleState.objects.filter(last_ok_at__lte=Now() + timedelta(milliseconds=1))
    assert noted.exists()
    assert names() == ["daily"]


def test_what_never_ran_is_late() -> None:
    assert late_schedules() == [
        LateSchedule("often", 30, None, 0, ""),
        LateSchedule("daily", 86400, None, 0, ""),
    ]


def test_what_missed_its_time_is_late(often: ScheduleEntry) -> None:
    call_command("run_schedule", "daily", stdout=io.StringIO())
    run(often)
    assert names() == []

    age("often", last_ok_at=timedelta(seconds=85))
    age("daily", last_ok_at=timedelta(hours=26))
    assert names() == []

    age("often", last_ok_at=timedelta(seconds=6))
    assert names() == ["often"]
    age("daily", last_ok_at=timedelta(hours=1))
    assert names() == ["often", "daily"]


def test_what_fails_for_long_is_late_and_says_why(often: ScheduleEntry, work: Work) -> None:
    call_command("run_schedule", "daily", stdout=io.StringIO())
    work.fault = "no room"
    run(often)
    assert names() == []

    age("often", known_since=timedelta(seconds=91))
    [late] = late_schedules()
    assert (late.name, late.failures_in_row, late.last_error) == (
        "often",
        1,
        "ValueError: no room",
    )


def test_what_the_settings_list_no_more_is_not_late(often: ScheduleEntry) -> None:
    ScheduleState.objects.create(name="gone", every_seconds=1)
    age("gone", known_since=timedelta(days=1))

    assert "gone" not in names()


def test_a_new_leader_waits_for_what_runs_once_in_a_while(often: ScheduleEntry) -> None:
    daily = ScheduleEntry("daily", 86400, lambda: None)
    for entry in (often, daily):
        assert tracked([entry])[0].first_wait() == 0.0
        run(entry)
    assert tracked([often])[0].first_wait() == 0.0
    assert 86390 < tracked([daily])[0].first_wait() <= 86400

    age("daily", next_due_at=timedelta(hours=25))
    assert tracked([daily])[0].first_wait() == 0.0


def test_a_run_by_hand(often: ScheduleEntry, work: Work) -> None:
    run(often)
    due = ScheduleState.objects.get().next_due_at
    out = io.StringIO()

    call_command("run_schedule", "often", stdout=out)

    assert out.getvalue() == "often is done.\n"
    assert work.runs == 2
    assert ScheduleState.objects.get().next_due_at == due


def test_a_run_by_hand_says_what_went_wrong(work: Work) -> None:
    work.fault = "no room"
    with pytest.raises(CommandError, match=r"^often failed: ValueError: no room$"):
        call_command("run_schedule", "often")
    assert ScheduleState.objects.get().failures_in_row == 1
    with pytest.raises(CommandError, match=r"^No such entry: offen\. There are: daily, often\.$"):
        call_command("run_schedule", "offen")


def test_the_entries_are_listed() -> None:
    out = io.StringIO()
    call_command("run_schedule", stdout=out)

    assert out.getvalue() == "often, every 30 s\ndaily, every 86400 s\n"
