import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from core.interface import utc_now
from outbox import broker
from outbox.deciding import discard_runs
from outbox.interface import FinalError, LedgerEvent, RetryableError
from outbox.models import LedgerHead, LedgerReader, StepRun, StepStatus
from outbox.pipelines import load_pipeline
from outbox.relay import Relay
from outbox.verifying import verify_ledger
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall

pytestmark = pytest.mark.django_db


def _ledger(*arguments: str) -> str:
    out = io.StringIO()
    call_command("ledger", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def _findings() -> list[str]:
    """The codes of the findings with their counts, as the command prints them."""
    out = io.StringIO()
    try:
        call_command("ledger", "verify", stdout=out, stderr=out)
    except CommandError:
        return [" ".join(line.split()[:2]) for line in out.getvalue().splitlines()]
    return []


def test_a_whole_ledger_is_verified(on_call: OnCall, record: Recorder) -> None:
    record("a", "b", version=1)
    record("a", version=2)
    # What is withdrawn keeps the number of the version that was public last.
    record("a", version=2, kind="content.updated")
    Relay().drain()

    assert _ledger("verify") == "4 events, no gap, no duplicate, each step done.\n"


def test_an_empty_ledger_is_whole(on_call: OnCall) -> None:
    assert _findings() == []


def test_events_that_no_step_has_read_are_found(on_call: OnCall, record: Recorder) -> None:
    record("a", "b")

    assert _findings() == ["unread: 2", "unread: 2", "unread: 2"]


def test_a_type_that_the_pipeline_lacks_is_found(on_call: OnCall, record: Recorder) -> None:
    record("a", "b", kind="user.changed")
    Relay().drain()

    assert _findings() == ["unlisted: 1"]


def test_a_gap_is_found(on_call: OnCall, record: Recorder) -> None:
    record(*"abcde")
    Relay().drain()
    LedgerEvent.objects.filter(sequence__in=[2, 3]).delete()
    assert _findings() == ["gap: 2"]


def test_a_missing_end_is_found(on_call: OnCall, record: Recorder) -> None:
    record(*"abc")
    Relay().drain()
    LedgerEvent.objects.filter(sequence=3).delete()

    assert _findings() == ["gap: 1"]


def test_a_head_that_fell_back_is_found(on_call: OnCall, record: Recorder) -> None:
    record(*"abc")
    Relay().drain()
    LedgerHead.objects.update(sequence=2)

    assert _findings() == ["gap: 1"]


def test_a_change_told_twice_is_found(on_call: OnCall, record: Recorder) -> None:
    record("a", version=1)
    record("a", version=1)
    record("a", version=1, kind="content.updated")
    Relay().drain()

    assert _findings() == ["duplicate: 1"]


def test_a_step_that_was_passed_over_is_found_and_done_by_replay(
    on_call: OnCall, record: Recorder
) -> None:
    record("a", "b")
    Relay().drain()
    StepRun.objects.filter(event=2, step="search").delete()
    assert _findings() == ["unplanned: 1"]

    assert _ledger("replay", "--from", "2", "--step", "search") == "1 steps are due again.\n"
    Relay().drain()

    assert _findings() == []
    assert on_call.sequences("search") == [1, 2, 2]


def test_open_and_dead_steps_are_found_and_done_by_replay(
    on_call: OnCall, record: Recorder
) -> None:
    def fail(event: LedgerEvent) -> None:
        raise FinalError("x") if event.sequence == 1 else RetryableError("y")

    on_call.answers["search"] = fail
    record("a", "b")
    Relay().drain()
    assert _findings() == ["open: 1", "dead: 1"]
    details = [finding.detail for finding in verify_ledger(load_pipeline())]
    assert details == ["not done: search, events [2]", "dead: search, events [1]"]

    on_call.answers.clear()
    assert _ledger("replay", "--dead") == "1 steps are due again.\n"
    Relay().drain()
    assert _findings() == ["open: 1"]

    assert _ledger("replay", "--unfinished") == "1 steps are due again.\n"
    Relay().drain()
    assert _findings() == []
    assert set(StepRun.objects.values_list("status", "tries")) == {(StepStatus.DONE, 1)}


def test_replay_of_a_range_does_each_step_again(on_call: OnCall, record: Recorder) -> None:
    record("a", "b", "c")
    Relay().drain()
    on_call.reset()

    assert _ledger("replay", "--from", "2", "--to", "3") == "6 steps are due again.\n"
    Relay().drain()

    assert on_call.sequences("purge") == [2, 3]
    assert on_call.sequences("tell") == [2, 3]


def test_replay_leaves_what_is_running(on_call: OnCall, record: Recorder) -> None:
    record("a")
    Relay().drain()
    StepRun.objects.filter(step="search").update(status=StepStatus.RUNNING)

    assert _ledger("replay", "--from", "1") == "2 steps are due again.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--from", "1", "--step", "x"], "No such step: x"), ([], "Say what to do again")],
)
def test_replay_asks_for_what_it_needs(on_call: OnCall, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        _ledger("replay", *arguments)


def test_status_tells_where_each_step_stands(on_call: OnCall, record: Recorder) -> None:
    def fail(event: LedgerEvent) -> None:
        raise FinalError("broken") if event.sequence == 1 else RetryableError("away")

    on_call.answers["search"] = fail
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        record("a", "b")
        Relay().drain()
    record("c")

    status = json.loads(_ledger("status", "--json"))

    assert status["sequence"] == 3
    assert status["steps"]["purge"] == {"behind": 1, "done": 2}
    assert status["steps"]["search"] == {"behind": 1, "dead": 1, "waiting": 1}
    assert status["oldest_open_since"] == "2026-11-01T00:00:00+00:00"
    assert status["latest_dead"] == [{"event": 1, "step": "search", "error": "FinalError: broken"}]
    assert status["operations"]["dead_steps"] == 1
    assert status["operations"]["findings"][:2] == ["relay_away", "dead_steps"]


def test_status_for_programs_tells_of_the_broker(
    on_call: OnCall, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "broker" not in json.loads(_ledger("status", "--json"))["operations"]

    monkeypatch.setattr(broker, "BROKER", broker.Broker())
    settings.CELERY_BROKER_URL = "amqp://guest:guest@127.0.0.1:1//"
    operations = json.loads(_ledger("status", "--json"))["operations"]

    assert operations["broker"] == "away"
    assert "broker_away" in operations["findings"]


def test_status_is_short_of_what_is_long_and_says_when_all_is_well(
    on_call: OnCall, record: Recorder, settings: Any
) -> None:
    def fail(event: LedgerEvent) -> None:
        # With the name of its kind before it, 200 letters and 201.
        raise FinalError("x" * (187 + event.sequence))

    settings.SCHEDULE = "tests.outbox.steps_on_call.NO_SCHEDULE"
    assert _ledger("status").splitlines()[-1] == "All is well."
    on_call.answers["search"] = fail
    record("a", "b")
    Relay().drain()
    lines = _ledger("status").splitlines()
    assert lines[lines.index("Given up last:") + 1 :][:2] == [
        f"  2 search: FinalError: {'x' * 188}…",
        f"  1 search: FinalError: {'x' * 188}",
    ]


def test_status_is_a_table_for_people(on_call: OnCall, record: Recorder, settings: Any) -> None:
    def fail(event: LedgerEvent) -> None:
        raise (
            FinalError("broken\n beyond repair") if event.sequence == 1 else RetryableError("away")
        )

    settings.SCHEDULE = "tests.outbox.steps_on_call.NO_SCHEDULE"
    on_call.answers["search"] = fail
    with time_machine.travel("2026-11-01T00:00Z", tick=False):
        record("a", "b")
        Relay().drain()
        text = _ledger("status")
    with time_machine.travel("2026-11-01T00:05Z", tick=False):
        later = _ledger("status")
    assert text.splitlines() == [
        "2 events in the ledger, the last at 2026-11-01 00:00:00 UTC. Behind by: nothing.",
        "",
        "STEP    BEHIND BY  UNREAD  WAITING  QUEUED  RUNNING  DEAD  DISCARDED",
        "purge     nothing       0        0       0        0     0          0",
        "search    nothing       0        1       0        0     1          0",
        "tell      nothing       0        0       0        0     0          0",
        "",
        "Broker: none is configured; the relay runs the steps itself.",
        "Schedules: 0, late: none.",
        "",
        "Given up last:",
        "  1 search: FinalError: broken beyond repair",
        "",
        "What to do:",
        (
            "- 1 step was given up. Read the error, mend its cause, then have the steps tried again;"
            " discard what need not be done any more."
        ),
    ]
    assert "Behind by: 5 min." in later
    assert "search      5 min       0        1       0        0     1          0" in later


def test_a_discarded_step_is_no_fault(on_call: OnCall, record: Recorder) -> None:
    def fail(_event: LedgerEvent) -> None:
        raise FinalError("broken")

    on_call.answers["search"] = fail
    record("a")
    Relay().drain()
    assert _findings() == ["dead: 1"]
    discard_runs([StepRun.objects.get(step="search").pk])
    assert _findings() == []
    # What a person gave up is not among the dead that are done again; asked for by number, it is.
    assert _ledger("replay", "--dead") == "0 steps are due again.\n"
    assert _ledger("replay", "--from", "1", "--step", "search") == "1 steps are due again.\n"


def test_runs_of_a_step_that_left_the_pipeline_are_found(on_call: OnCall, record: Recorder) -> None:
    record("a")
    Relay().drain()
    StepRun.objects.create(event_id=1, step="gone", subject="a")

    assert _findings() == ["unknown_step: 1"]


def test_readers_never_go_back(on_call: OnCall, record: Recorder) -> None:
    record("a")
    Relay().drain()
    with time_machine.travel(utc_now() + timedelta(days=1)):
        Relay().drain()

    assert set(LedgerReader.objects.values_list("position", flat=True)) == {1}
