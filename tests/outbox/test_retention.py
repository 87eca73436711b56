"""The ledger's old end goes: only it, only when asked, and nobody misses an event."""

import io
import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from core.interface import utc_now
from outbox import retention
from outbox.models import LedgerEvent, LedgerReader, LedgerStart, StepRun, StepStatus
from outbox.pipelines import load_pipeline
from outbox.relay import Relay
from outbox.retention import thin_ledger
from tests.api.conftest import Reader
from tests.factories.documents import Library, id_of
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


def ledger(*arguments: str) -> str:
    out = io.StringIO()
    call_command("ledger", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def kept() -> list[int]:
    return list(LedgerEvent.objects.order_by("sequence").values_list("sequence", flat=True))


def age(last: int, days: float = 40) -> None:
    """Makes the events up to `last` older."""
    LedgerEvent.objects.filter(sequence__lte=last).update(
        occurred_at=F("occurred_at") - timedelta(days=days)
    )


@pytest.fixture
def done(on_call: OnCall, record: Recorder) -> None:
    """Ten events with three runs each; the first six are forty days old."""
    record(*"abcabcabca")
    Relay().drain()
    age(6)


def test_it_says_first_what_it_would_remove(done: None) -> None:
    said = ledger("thin", "--keep-days", "30")

    assert said == (
        "Events 1 to 6 are to be removed: 6 with 18 runs of steps. Mirrors that are further"
        " behind must start again.\nNothing was removed. Add --yes to remove it.\n"
    )
    assert kept() == list(range(1, 11))
    assert StepRun.objects.count() == 30


def test_old_events_go_with_their_runs_and_nothing_else(done: None) -> None:
    said = ledger("thin", "--keep-days", "30", "--yes")

    assert said.endswith("6 events removed; the ledger begins at 7.\n")
    assert kept() == [7, 8, 9, 10]
    assert set(StepRun.objects.values_list("event_id", flat=True)) == {7, 8, 9, 10}
    assert StepRun.objects.count() == 12
    assert ledger("verify") == (
        "10 events, 6 of them removed, no gap, no duplicate, each step done.\n"
    )
    again = ledger("thin", "--keep-days", "30", "--yes")
    assert again.startswith("No event is to be removed that is older than")
    assert kept() == [7, 8, 9, 10]


def test_numbers_go_on(done: None, record: Recorder) -> None:
    ledger("thin", "--keep-days", "30", "--yes")

    assert record("x") == [11]
    Relay().drain()
    assert ledger("verify").startswith("11 events, 6 of them removed")


@pytest.mark.parametrize("missing", [7, 9, 10])
def test_a_gap_beyond_the_start_is_still_found(done: None, missing: int) -> None:
    ledger("thin", "--keep-days", "30", "--yes")
    StepRun.objects.filter(event=missing).delete()
    LedgerEvent.objects.filter(sequence=missing).delete()

    with pytest.raises(CommandError, match="not whole"):
        ledger("verify")


def test_an_event_that_came_back_is_found(done: None) -> None:
    event = LedgerEvent.objects.get(sequence=3)
    ledger("thin", "--keep-days", "30", "--yes")
    event.save(force_insert=True)

    with pytest.raises(CommandError, match="not whole"):
        ledger("verify")


def test_the_newest_event_stays_however_old(done: None) -> None:
    age(10, days=400)

    ledger("thin", "--keep-days", "30", "--yes")

    assert kept() == [10]
    assert ledger("verify").startswith("10 events, 9 of them removed")


@pytest.mark.parametrize("status", ["waiting", "queued", "running", "dead"])
def test_what_is_not_settled_stays_with_all_after_it(done: None, status: str) -> None:
    StepRun.objects.filter(event=4, step="tell").update(status=status)

    said = ledger("thin", "--keep-days", "30", "--yes")

    assert "Event 4 has a step that is not settled, so it stays, and all after it." in said
    assert kept() == list(range(4, 11))


def test_what_a_person_discarded_is_settled(done: None) -> None:
    StepRun.objects.filter(event=4, step="tell").update(status=StepStatus.DISCARDED)

    ledger("thin", "--keep-days", "30", "--yes")

    assert kept() == [7, 8, 9, 10]


def test_what_a_step_has_not_read_stays(done: None) -> None:
    LedgerReader.objects.filter(step="search").update(position=2)
    LedgerReader.objects.create(step="of another release", position=0)

    said = ledger("thin", "--keep-days", "30", "--yes")

    assert "Event 3 was not read by each step" in said
    assert kept() == list(range(3, 11))


def test_where_no_relay_ever_ran_everything_stays(on_call: OnCall, record: Recorder) -> None:
    record("a", "b", "c")
    age(3)

    assert "Event 1 was not read by each step" in ledger("thin", "--keep-days", "30", "--yes")
    assert kept() == [1, 2, 3]


def test_an_empty_ledger_has_nothing_to_remove(on_call: OnCall) -> None:
    assert ledger("thin", "--keep-days", "1", "--yes").startswith("No event is to be removed")
    assert ledger("verify").startswith("0 events, no gap")


def test_it_goes_in_batches_and_ends_where_a_step_was_made_due_meanwhile(
    done: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    batches: list[int] = []

    def meanwhile(count: int) -> None:
        batches.append(count)
        if len(batches) == 2:
            ledger("replay", "--from", "6", "--to", "6", "--step", "tell")

    removal = thin_ledger(utc_now() - timedelta(days=30), load_pipeline(), meanwhile)

    assert (removal.first, removal.last, batches) == (1, 4, [2, 2])
    assert kept() == [5, 6, 7, 8, 9, 10]
    assert LedgerStart.objects.get().sequence == 4


def test_of_two_removals_at_once_one_ends_and_the_start_never_goes_back(
    done: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    before, pipeline = utc_now() - timedelta(days=30), load_pipeline()
    batches: list[int] = []

    def meanwhile(count: int) -> None:
        batches.append(count)
        if len(batches) == 1:
            assert thin_ledger(before, pipeline).last == 6
        assert LedgerStart.objects.get().sequence == 6

    removal = thin_ledger(before, pipeline, meanwhile)

    assert (removal.first, removal.last, batches) == (1, 2, [2])
    assert LedgerStart.objects.get().sequence == 6
    assert kept() == [7, 8, 9, 10]


def test_it_takes_no_lock_of_those_who_write(done: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        ledger("thin", "--keep-days", "30", "--yes")

    heads = [q["sql"] for q in queries.captured_queries if "outbox_ledgerhead" in q["sql"]]
    assert all(sql.startswith("SELECT") and "FOR UPDATE" not in sql for sql in heads)


def test_a_batch_and_the_new_start_commit_together(
    done: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(LedgerStart.objects, "update_or_create", fail)
    with pytest.raises(RuntimeError):
        ledger("thin", "--keep-days", "30", "--yes")

    assert kept() == list(range(1, 11))
    assert StepRun.objects.count() == 30


@pytest.mark.parametrize("text", ["0", "-1", "soon", "1.5", "٣", "40000"])
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(CommandError, match="whole number of days, from 1 to 36500"):
        ledger("thin", f"--keep-days={text}")


def test_without_a_number_of_days_everything_is_kept(done: None, settings: Any) -> None:
    with pytest.raises(CommandError, match="Everything is kept"):
        ledger("thin", "--yes")

    settings.LEDGER_RETENTION_DAYS = 30
    assert ledger("thin", "--yes").endswith("the ledger begins at 7.\n")


@pytest.mark.parametrize("days", [0, 30])
def test_the_schedule_has_it_where_a_number_is_set(settings: Any, days: int) -> None:
    settings.LEDGER_RETENTION_DAYS = days
    schedule = runpy.run_path(str(ROOT / "site_config" / "schedule.py"))["SCHEDULE"]

    assert ("thin_ledger" in {entry.name for entry in schedule}) == bool(days)


@pytest.mark.django_db(transaction=True)
class TestWhoReadsAlong:
    @pytest.fixture
    def library(self, settings: Any) -> Library:
        settings.OUTBOX_PIPELINE = "site_config.pipeline.PIPELINE"
        library = Library().open()
        for number in range(5):
            library.post(number)
            library.save()
        Relay().drain()
        return library

    @pytest.fixture
    def reader(self) -> Reader:
        return Reader()

    @staticmethod
    def token(reader: Reader) -> str:
        return str(reader.get("/content/sync?initial=true").json()["next_sync_token"])

    def thin(self, but: int) -> None:
        age(LedgerEvent.objects.count() - but)
        ledger("thin", "--keep-days", "30", "--yes")

    def test_a_mirror_that_is_further_behind_starts_again(
        self, library: Library, reader: Reader
    ) -> None:
        old = self.token(reader)
        for number in range(5, 8):
            library.post(number)
            library.save()
        Relay().drain()
        current = self.token(reader)
        self.thin(but=1)

        answer = reader.get(f"/content/sync?sync_token={quote(old)}")
        assert answer.status_code == 410
        assert "initial=true" in answer.json()["detail"]
        answer = reader.get(f"/content/sync?sync_token={quote(current)}")
        assert (answer.status_code, answer.json()["data"]) == (200, [])
        anew = reader.get("/content/sync?initial=true")
        assert len(anew.json()["data"]) == 8
        library.post(9)
        library.save()
        news = reader.get(f"/content/sync?sync_token={quote(anew.json()['next_sync_token'])}")
        assert [item["slug"] for item in news.json()["data"]] == ["post-9"]

    def test_the_past_can_be_looked_at_as_before(self, library: Library, reader: Reader) -> None:
        moment = LedgerEvent.objects.order_by("sequence")[2].occurred_at
        path = f"/content/blog-posts?as_of={quote(moment.isoformat())}"
        before = reader.get(path)
        assert 0 < len(before.json()["data"]) < 5

        library.withdraw(id_of("post", 0))
        Relay().drain()
        self.thin(but=1)

        assert reader.get(path).json() == before.json()
