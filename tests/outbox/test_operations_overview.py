"""The overview of Operations: its numbers, its words and its pictures, whatever is away."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.interface import User
from core.interface import utc_now
from outbox import broker
from outbox.interface import FinalError, LedgerEvent, RetryableError
from outbox.models import ScheduleState, StepRun
from outbox.relay import Relay
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall
from tests.people import client_of

pytestmark = pytest.mark.django_db
OVERVIEW = "/admin/operations/"


@pytest.fixture(autouse=True)
def no_schedules(settings: Any) -> None:
    """Which are late from the beginning on; other tests are about those."""
    settings.SCHEDULE = "tests.outbox.steps_on_call.NO_SCHEDULE"


@pytest.fixture
def silent_broker(settings: Any, monkeypatch: Any) -> Iterator[None]:
    """Takes connections and says nothing, as one does that is stopped."""
    monkeypatch.setattr(broker, "BROKER", broker.Broker())
    monkeypatch.setattr(broker, "ASK_SECONDS", 0.2)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        settings.CELERY_BROKER_URL = f"amqp://guest:guest@127.0.0.1:{server.getsockname()[1]}//"
        yield


def _open(user: User) -> Any:
    response = client_of(user).get(OVERVIEW)
    assert response.status_code == 200
    return response


def _age(sequences: list[int], by: timedelta) -> None:
    """As if these events had happened, and been settled, so long ago."""
    then = utc_now() - by
    LedgerEvent.objects.filter(sequence__in=sequences).update(occurred_at=then)
    StepRun.objects.filter(event__in=sequences, settled_at__isnull=False).update(settled_at=then)


def _codes(response: Any) -> list[str]:
    return [advice.code for advice in response.context["advice"]]


def test_all_is_well(empty_ledger: None, on_call: OnCall, record: Recorder, operator: User) -> None:
    record("a", "b")
    Relay().drain()
    response = _open(operator)
    assert _codes(response) == []
    assert "All is well" in response.content.decode()
    standing = response.context["standing"]
    assert (standing.head, standing.open, standing.dead, standing.lag_seconds) == (2, 0, 0, 0.0)


def test_each_steps_numbers(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    def fail(event: LedgerEvent) -> None:
        raise FinalError("x") if event.subject == "a" else RetryableError("y")

    on_call.answers["search"] = fail
    record("a", "b", "c")
    Relay().drain()
    record("d")
    _age([1, 2, 3], timedelta(seconds=90))
    response = _open(operator)
    steps = {step.name: step for step in response.context["standing"].steps}
    search, purge = steps["search"], steps["purge"]
    assert (search.behind, search.waiting, search.dead, search.discarded) == (1, 2, 1, 0)
    assert 90 <= search.lag_seconds < 120
    assert (purge.behind, purge.waiting, purge.dead) == (1, 0, 0)
    assert 0 < purge.lag_seconds < 30
    assert 0 < search.unread_seconds < 30
    assert _codes(response) == ["dead_steps"]  # what is tried again was read long ago
    html = response.content.decode()
    assert "1 step was given up." in html
    assert f'href="{OVERVIEW}steps/?status=dead"' in html


def test_a_relay_that_does_not_run_is_missed_after_a_minute(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    record("a")
    _age([1], timedelta(seconds=30))
    assert _codes(_open(operator)) == []
    _age([1], timedelta(seconds=61))
    response = _open(operator)
    assert _codes(response) == ["relay_away"]
    assert "bin/entrypoint relay" in response.content.decode()


def test_a_step_that_left_the_pipeline_is_named(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    record("a")
    Relay().drain()
    StepRun.objects.create(event_id=1, step="gone", subject="a")
    response = _open(operator)
    assert _codes(response) == ["unknown_steps"]
    assert "not in the pipeline" in response.content.decode()


def test_a_broker_that_hangs_or_is_away_is_shown(
    on_call: OnCall, operator: User, silent_broker: None, settings: Any, monkeypatch: Any
) -> None:
    settings.CELERY_BROKER_URL, address = "", settings.CELERY_BROKER_URL
    Relay().drain()
    settings.CELERY_BROKER_URL = address
    response = _open(operator)
    assert _codes(response) == ["broker_away"]
    assert "It does not answer; its queues are not known." in response.content.decode()
    monkeypatch.setattr(broker, "BROKER", broker.Broker())
    settings.CELERY_BROKER_URL = "amqp://guest:guest@127.0.0.1:1//"
    assert _codes(_open(operator)) == ["broker_away"]


def test_late_and_failing_schedules_are_named(
    empty_ledger: None, on_call: OnCall, operator: User, settings: Any
) -> None:
    settings.SCHEDULE = "tests.outbox.steps_on_call.TWO_SCHEDULES"
    long_ago = utc_now() - timedelta(hours=1)
    ScheduleState.objects.create(
        name="fails", every_seconds=5, last_ok_at=long_ago, failures_in_row=3, last_error="Oh"
    )
    response = _open(operator)
    assert _codes(response) == ["schedule_failing", "schedule_late"]
    html = response.content.decode()
    assert "A schedule fails: fails." in html
    assert "A schedule has not run in its time: waits." in html


def test_pictures_are_drawn_of_the_last_hours(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    for subjects in ("ab", "cd", "ef"):
        record(*subjects)
        Relay().drain()
    _age([1, 2], timedelta(hours=9))
    _age([3, 4], timedelta(hours=3))
    _age([5, 6], timedelta())
    StepRun.objects.filter(event=6, step="search").update(duration_ms=1500)
    StepRun.objects.filter(event=5, step="search").update(duration_ms=500)
    StepRun.objects.filter(event__lt=5, step="search").update(duration_ms=100)
    response = _open(operator)
    activity = response.context["activity"]
    assert activity.total == 4
    assert activity.events[-1] == 2
    assert activity.events[-19] == 2
    last = activity.steps["search"][-1]
    assert (last.runs, last.mean_ms, last.slowest_ms) == (2, 1000.0, 1500)
    html = response.content.decode()
    assert "4 events, 2 in the busiest ten minutes" in html
    assert "4 runs, 550 ms on average, 1.5 s at most" in html
    assert len(re.findall(r"<svg[^>]*role=\"img\"", html)) == 4
    assert not activity.is_cut


def test_a_busy_ledger_is_cut_and_says_so(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr("outbox.activity.LOOKED_BACK", 3)
    record(*"abcde")
    response = _open(operator)
    assert response.context["activity"].total == 3
    assert "the beginning is missing" in response.content.decode()


def test_nothing_on_it_runs_by_itself(empty_ledger: None, operator: User) -> None:
    """No script of ours, and no handler in an attribute."""
    html = _open(operator).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert "<script" not in main
    assert not re.search(r"\son[a-z]+=", main)


def test_it_costs_the_same_however_long_the_ledger_is(
    empty_ledger: None, on_call: OnCall, record: Recorder, operator: User
) -> None:
    client = client_of(operator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(OVERVIEW).status_code == 200
        return len(queries)

    record("a")
    Relay().drain()
    cost()
    first = cost()
    record(*"bcdefghij")
    Relay().drain()
    assert cost() == first
