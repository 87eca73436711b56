"""Waking a relay, and what it does when its connection is gone."""

import threading
import time

import pytest
from django.db import connection, transaction

from outbox import relay
from outbox.wakeups import LEDGER_CHANNEL, make_wakeups
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall
from tests.outbox.waiting import wait_until

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def end_listeners() -> None:
    """As a failover does, or a firewall: what is told meanwhile, nobody hears."""
    query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    query += " WHERE query LIKE 'LISTEN %' AND datname = current_database()"

    def was_ended() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return bool(cursor.fetchone() == (1,))

    wait_until(was_ended)


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


def test_the_sweep_finds_what_no_notification_told(on_call: OnCall, record: Recorder) -> None:
    stop = threading.Event()
    running = threading.Thread(target=relay.Relay(stop).run_forever, daemon=True)
    running.start()
    try:
        record("a")
        wait_until(lambda: on_call.sequences("search") == [1])
        end_listeners()
        record("b")

        wait_until(lambda: on_call.sequences("search") == [1, 2])
    finally:
        stop.set()
        # One that listens again sleeps for as long as it was told to, unless somebody calls.
        end = time.monotonic() + 30
        while running.is_alive() and time.monotonic() < end:
            notify()
            running.join(0.1)
    assert not running.is_alive()
