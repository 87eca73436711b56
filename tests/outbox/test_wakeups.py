"""Waking a relay, and what it does when its connection is gone."""

import threading
import time

import pytest
from django.db import connection, transaction

from outbox.wakeups import LEDGER_CHANNEL, make_wakeups

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_a_relay_listens_again_after_the_server_has_ended_its_connection() -> None:
    wakeups = make_wakeups(threading.Event())
    wakeups.wait(0.01)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN %' AND datname = current_database()"
        )
        assert cursor.fetchone() == (1,)

    wakeups.wait(0.01)  # as a relay does, which would end if this raised

    wakeups.wait(0.01)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {LEDGER_CHANNEL}")
    begun = time.monotonic()
    wakeups.wait(20)
    assert time.monotonic() - begun < 10
    wakeups.close()  # type: ignore[attr-defined]
