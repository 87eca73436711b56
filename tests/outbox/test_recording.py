import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import Error, connection, transaction

from core.interface import NotInTransaction
from outbox.interface import EventRecord, LedgerEvent, record_events
from outbox.models import LedgerHead
from outbox.recording import TurnLost
from tests.outbox.conftest import Recorder

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True)

_WRITERS = 8
_TRANSACTIONS = 40


@parallel
def test_refuses_to_run_outside_a_transaction() -> None:
    with pytest.raises(NotInTransaction):
        record_events([EventRecord("content.published", "a", {})])

    assert LedgerEvent.objects.count() == 0


def test_numbers_follow_the_order_given(record: Recorder) -> None:
    record("first")
    with transaction.atomic():
        events = record_events([EventRecord("t", subject, {"n": 1}) for subject in "bca"])

    assert [event.sequence for event in events] == [2, 3, 4]
    rows = LedgerEvent.objects.order_by("sequence").values_list("sequence", "subject")
    assert list(rows) == [(1, "first"), (2, "b"), (3, "c"), (4, "a")]


def test_nothing_to_record_takes_no_lock() -> None:
    with transaction.atomic():
        assert record_events([]) == []

    assert LedgerHead.objects.count() == 0


def test_a_number_that_was_rolled_back_is_given_again(record: Recorder) -> None:
    record("kept")
    with transaction.atomic():
        record_events([EventRecord("t", "undone", {})])
        transaction.set_rollback(True)

    assert record("next") == [2]


@dataclass
class _Watched:
    """What a reader that follows the numbers saw, and what went wrong for the writers."""

    seen: list[int] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def faults(self) -> list[str]:
        written = list(LedgerEvent.objects.order_by("sequence").values_list("sequence", flat=True))
        found = []
        if written != list(range(1, len(written) + 1)):
            found.append("gap")
        if self.seen != written:
            found.append("missed")
        if self.errors:
            found.append("error")
        return found


class _UndoneError(Exception):
    pass


def _write(record: Callable[[str], None], seed: int, watched: _Watched) -> None:
    choices = random.Random(seed)
    for number in range(_TRANSACTIONS):
        try:
            with transaction.atomic():
                record(f"{seed}-{number}")
                time.sleep(choices.uniform(0, 0.004))
                if choices.random() < 0.3:
                    raise _UndoneError
        except _UndoneError:
            continue
        except (Error, TurnLost) as error:
            watched.errors.append(error)
    connection.close()


def _follow(watched: _Watched, done: threading.Event) -> None:
    position = 0
    last_round = False
    while not last_round:
        last_round = done.is_set()
        rows = LedgerEvent.objects.filter(sequence__gt=position).order_by("sequence")
        new = list(rows.values_list("sequence", flat=True))
        watched.seen += new
        position = new[-1] if new else position
        time.sleep(0.001)
    connection.close()


def _watch_writers(record: Callable[[str], None]) -> _Watched:
    watched, done = _Watched(), threading.Event()
    reader = threading.Thread(target=_follow, args=(watched, done))
    writers = [
        threading.Thread(target=_write, args=(record, seed, watched)) for seed in range(_WRITERS)
    ]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    return watched


def _record_one(subject: str) -> None:
    record_events([EventRecord("t", subject, {})])


def _record_without_lock(subject: str) -> None:
    """As a database's own sequence numbers events: in the order of asking, not of the commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('numbers_without_lock')")
        [number] = cursor.fetchone()
    LedgerEvent.objects.create(sequence=number, type="t", subject=subject)


@parallel
def test_parallel_writers_leave_no_gap_and_a_reader_misses_nothing() -> None:
    watched = _watch_writers(_record_one)

    assert watched.faults() == []
    assert len(watched.seen) == LedgerHead.objects.get().sequence
    assert len(watched.seen) > _WRITERS * _TRANSACTIONS // 2


@parallel
@pytest.mark.postgresql
def test_the_parallel_test_finds_numbers_drawn_without_the_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE numbers_without_lock")
    try:
        watched = _watch_writers(_record_without_lock)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE numbers_without_lock")

    assert watched.faults() == ["gap", "missed"]


@parallel
@pytest.mark.postgresql
def test_the_parallel_test_finds_a_head_that_is_not_locked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager = type(LedgerHead.objects)
    monkeypatch.setattr(manager, "select_for_update", lambda self: self.get_queryset())

    watched = _watch_writers(_record_one)

    assert "error" in watched.faults()
