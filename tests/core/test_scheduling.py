import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from core import leader, scheduling
from core.interface import ScheduleEntry, Scheduler, make_leader_lock
from core.leader import AdvisoryLeaderLock, FileLeaderLock, LeaderLock
from core.scheduling import run_entry

KEY = 7_999_999


def _wait_for(condition: threading.Event) -> None:
    assert condition.wait(10)


def test_a_failure_is_logged_and_not_fatal(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("bad entry")

    assert run_entry(ScheduleEntry("fails", 1, fail)) is False
    assert run_entry(ScheduleEntry("works", 1, lambda: None)) is True
    assert "fails failed." in caplog.text
    assert "bad entry" in caplog.text


def test_entries_run_again_beside_one_that_fails_and_end_in_peace(tmp_path: Path) -> None:
    stop, in_hand = threading.Event(), threading.Event()
    thrice, again = threading.Event(), threading.Event()
    counts = {"fast": 0, "failing": 0}
    ended: list[str] = []

    def count_fast() -> None:
        counts["fast"] += 1
        if counts["fast"] == 3:
            thrice.set()

    def fail() -> None:
        counts["failing"] += 1
        if counts["failing"] == 2:
            again.set()
        raise ValueError

    def take_long() -> None:
        in_hand.set()
        stop.wait(10)
        time.sleep(0.1)
        ended.append("long")

    entries = [
        ScheduleEntry("fast", 0.01, count_fast),
        ScheduleEntry("failing", 0.01, fail),
        ScheduleEntry("long", 60, take_long),
    ]
    lock = FileLeaderLock(tmp_path / "lock")
    thread = threading.Thread(target=Scheduler(entries, lock, stop).run_forever)
    thread.start()
    for reached in (thrice, again, in_hand):
        _wait_for(reached)
    stop.set()
    thread.join(10)

    assert not thread.is_alive()
    assert ended == ["long"]
    assert not lock.is_held()


def test_only_the_leader_runs_the_entries(tmp_path: Path) -> None:
    stop, ran = threading.Event(), threading.Event()
    lock = FileLeaderLock(tmp_path / "lock")
    assert lock.acquire()
    scheduler = Scheduler(
        [ScheduleEntry("entry", 60, ran.set)], FileLeaderLock(tmp_path / "lock"), stop
    )
    thread = threading.Thread(target=scheduler.run_forever)
    thread.start()

    assert not ran.wait(0.3)
    lock.release()
    _wait_for(ran)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def _assert_one_leads(first: LeaderLock, second: LeaderLock) -> None:
    assert first.acquire()
    assert first.is_held()
    assert not second.acquire()
    assert not second.is_held()
    first.release()
    first.release()
    assert not first.is_held()
    assert second.acquire()
    second.release()


def test_one_leads_by_the_file(tmp_path: Path) -> None:
    _assert_one_leads(FileLeaderLock(tmp_path / "lock"), FileLeaderLock(tmp_path / "lock"))


@pytest.mark.django_db
def test_one_leads_by_the_database_in_use() -> None:
    _assert_one_leads(make_leader_lock(KEY), make_leader_lock(KEY))


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_lock_that_was_given_back_is_free_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server notices the end of a connection, and so of its locks, only a moment later."""
    lock, heir = AdvisoryLeaderLock(KEY), AdvisoryLeaderLock(KEY)
    assert lock.acquire()
    database = lock._database
    assert database is not None
    with monkeypatch.context() as unnoticed:
        unnoticed.setattr(database, "close", lambda: None)
        lock.release()
        assert heir.acquire()
    heir.release()
    database.close()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_lost_connection_loses_the_lead() -> None:
    lock, heir = AdvisoryLeaderLock(KEY), AdvisoryLeaderLock(KEY)
    assert lock.acquire()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = %s",
            [KEY],
        )

    assert not lock.is_held()
    assert heir.acquire()
    heir.release()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_leader_that_is_silent_loses_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, heir = AdvisoryLeaderLock(KEY), AdvisoryLeaderLock(KEY)
    assert lock.acquire()
    assert not heir.acquire(), "it spoke a moment ago"

    monkeypatch.setattr(leader, "SILENT_SECONDS", 0.0)
    assert not heir.acquire(), "the session has been ended just now"
    ends = time.monotonic() + 30
    while not heir.acquire():
        assert time.monotonic() < ends
    assert not lock.is_held()
    heir.release()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_leader_that_asks_for_its_lock_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "SILENT_SECONDS", 30.0)
    lock, heir, stranger = (AdvisoryLeaderLock(key) for key in (KEY, KEY, KEY + (1 << 32)))
    assert lock.acquire()
    assert stranger.acquire(), "another key"
    assert not heir.acquire()
    assert lock.is_held()
    assert stranger.is_held()
    for each in (lock, stranger):
        each.release()


class _Unasked:
    """A lock whose holder was stopped: it is not asked for, and would be gone if it were."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may_answer = threading.Event()

    def acquire(self) -> bool:
        return not self.asked.is_set()

    def is_held(self) -> bool:
        self.asked.set()
        self.may_answer.wait(30)
        return False

    def release(self) -> None:
        pass


def test_who_cannot_ask_for_the_lock_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_CHECK_SECONDS", 0.01)
    monkeypatch.setattr(scheduling, "_TRUST_SECONDS", 0.3)
    lock, stop = _Unasked(), threading.Event()
    began: list[float] = []
    entry = ScheduleEntry("often", 0.001, lambda: began.append(time.monotonic()))
    thread = threading.Thread(target=Scheduler([entry], lock, stop).run_forever)
    thread.start()
    _wait_for(lock.asked)
    asked = time.monotonic()
    while not began or time.monotonic() - began[-1] < 1:
        assert time.monotonic() - asked < 30, "it goes on for ever"
        time.sleep(0.01)
    lock.may_answer.set()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
