"""Waking a relay, and what it does when its connection is gone."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from outbox import relay
from outbox.wakeups import LEDGER_CHANNEL, RUNS_CHANNEL, make_wakeups, wake_relays
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall
from tests.outbox.waiting import wait_until

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def end_listeners() -> None:
    """As a failover does, or a firewall: what is told meanwhile, nobody hears."""
    wait_until(lambda: count("pg_terminate_backend(pid)") == 1)


def count(what: str = "*") -> int:
    """Of the connections that listen."""
    query = f"SELECT count({what}) FROM pg_stat_activity"
    query += " WHERE query LIKE 'LISTEN %' AND datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def notify() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {LEDGER_CHANNEL}")


def test_a_relay_listens_again_after_the_server_has_ended_its_connection() -> None:
    wakeups = make_wakeups(threading.Event())
    wakeups.wait(0.01)
    end_listeners()

    wakeups.wait(0.01)  # as a relay does, which would end if this raised

    wakeups.wait(0.01)
    notify()
    begun = time.monotonic()
    wakeups.wait(20)
    assert time.monotonic() - begun < 10
    wakeups.close()


class Stop(threading.Event):
    """Tells that somebody waits for it, which a relay does that cannot listen."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.is_awaited.set()
        return super().wait(timeout)


@contextmanager
def running_relay() -> Iterator[Stop]:
    stop = Stop()
    running = threading.Thread(target=relay.Relay(stop).run_forever, daemon=True)
    running.start()
    try:
        yield stop
    finally:
        stop.set()
        # One that listens again sleeps for as long as it was told to, unless somebody calls.
        end = time.monotonic() + 30
        while running.is_alive() and time.monotonic() < end:
            notify()
            running.join(0.1)
    assert not running.is_alive()


def let_a_notification_go_unheard(on_call: OnCall, record: Recorder, stop: Stop) -> None:
    wait_until(lambda: count() == 1)
    record("a")
    wait_until(lambda: on_call.sequences("search") == [1])
    end_listeners()
    assert stop.is_awaited.wait(30)
    record("b")


def test_the_sweep_finds_what_no_notification_told(on_call: OnCall, record: Recorder) -> None:
    with running_relay() as stop:
        let_a_notification_go_unheard(on_call, record, stop)

        wait_until(lambda: on_call.sequences("search") == [1, 2])


def test_without_the_sweep_it_is_not_found(
    on_call: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_IDLE_SECONDS", 10**6)
    with running_relay() as stop:
        let_a_notification_go_unheard(on_call, record, stop)

        with pytest.raises(AssertionError, match="not reached in time"):
            wait_until(lambda: on_call.sequences("search") == [1, 2], seconds=3)


def test_what_a_person_has_done_again_wakes_the_relays_at_the_commit() -> None:
    wakeups = make_wakeups(threading.Event(), RUNS_CHANNEL)
    wakeups.wait(0.01)
    with transaction.atomic():
        wake_relays()
        begun = time.monotonic()
        wakeups.wait(0.2)
        assert time.monotonic() - begun >= 0.2
    wakeups.wait(20)
    assert time.monotonic() - begun < 10
    wakeups.close()
