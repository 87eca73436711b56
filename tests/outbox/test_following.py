"""Who follows the ledger hears of each event once, in order, or that too much has happened to tell."""

import threading
import time
from collections.abc import Sequence

import pytest
from django.db import OperationalError, connection

from outbox import following
from outbox.following import MOST_EVENTS, LedgerFollower
from outbox.interface import LedgerEvent
from outbox.models import LedgerHead
from tests.outbox.conftest import Recorder
from tests.outbox.waiting import wait_until


class Ear:
    """What was heard: the numbers of events, or None for all that may be."""

    def __init__(self) -> None:
        self.heard: list[list[int] | None] = []
        self.begun: list[float] = []
        self.failures: list[Exception] = []

    def __call__(self, events: Sequence[LedgerEvent] | None, begun: float) -> None:
        if self.failures:
            raise self.failures.pop()
        ids = dict(LedgerEvent.objects.values_list("id", "sequence"))
        self.heard.append(None if events is None else [ids[event.id] for event in events])
        self.begun.append(begun)

    def told(self) -> list[list[int] | None]:
        """All but that nothing was new."""
        return [item for item in self.heard if item != []]


@pytest.mark.django_db
def test_each_look_tells_what_is_new(record: Recorder) -> None:
    record("a")
    ear = Ear()
    follower = LedgerFollower(ear)
    before = time.monotonic()
    follower.look()
    follower.look()
    record("b", "c")
    follower.look()
    follower.look()

    assert ear.heard == [None, [], [2, 3], []]
    times = [before, *ear.begun, time.monotonic()]
    assert times == sorted(times)


@pytest.mark.django_db
def test_too_much_at_once_and_a_ledger_that_fell_back_are_told_as_all(record: Recorder) -> None:
    record("a")
    ear = Ear()
    follower = LedgerFollower(ear)
    follower.look()
    LedgerHead.objects.update(sequence=1 + MOST_EVENTS)
    follower.look()
    LedgerHead.objects.update(sequence=2 + 2 * MOST_EVENTS)
    follower.look()
    LedgerHead.objects.update(sequence=1)
    follower.look()

    assert ear.heard == [None, [], None, None]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failure", [OperationalError("away"), ValueError("unknown")])
def test_it_goes_on_after_a_failure_and_ends_when_told(
    record: Recorder, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(following, "_AWAY_SECONDS", 0.01)
    ear = Ear()
    follower = LedgerFollower(ear)
    follower.start()
    wait_until(lambda: bool(ear.heard))
    ear.failures.append(failure)
    record("a")
    wait_until(lambda: [1] in ear.heard)
    record("b")
    wait_until(lambda: [2] in ear.heard)
    follower.stop()

    assert ear.told() == [None, [1], [2]]
    assert not any(thread.name == "ledger-follower" for thread in threading.enumerate())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_it(record: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.vendor == "postgresql"
    monkeypatch.setattr(following, "LISTEN_SECONDS", 20)
    ear = Ear()
    follower = LedgerFollower(ear)
    follower.start()
    wait_until(lambda: bool(ear.heard))
    begun = time.monotonic()
    record("a")
    wait_until(lambda: [1] in ear.heard)
    assert time.monotonic() - begun < 10
    record("b")  # the last one wakes it to be stopped
    follower.stop()
