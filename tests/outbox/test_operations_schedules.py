"""The page of schedules in Operations, and running one by hand."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.interface import User
from outbox.admin import schedules
from outbox.models import ScheduleState
from tests.outbox.steps_on_call import OnCall
from tests.people import client_of

pytestmark = pytest.mark.django_db
SCHEDULES = "/admin/operations/schedules/"


@pytest.fixture(autouse=True)
def two_schedules(on_call: OnCall, settings: Any) -> None:
    settings.SCHEDULE = "tests.outbox.steps_on_call.TWO_SCHEDULES"


def _rows(user: User) -> dict[str, str]:
    """The text of each row, by the schedule's name."""
    response = client_of(user).get(SCHEDULES)
    assert response.status_code == 200
    body = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = body.split("<tr>")[1:]
    return {name: row for row in rows for name in ("fails", "waits") if f"schedule-{name}" in row}


def test_what_is_known_of_each_is_shown(operator: User) -> None:
    ScheduleState.objects.create(
        name="fails",
        every_seconds=5,
        last_started_at=datetime(2026, 11, 1, 8, 0, 1, tzinfo=UTC),
        last_finished_at=datetime(2026, 11, 1, 8, 0, 2, tzinfo=UTC),
        next_due_at=datetime(2026, 11, 1, 8, 0, 6, tzinfo=UTC),
        last_error="ValueError: <b>no</b>",
        failures_in_row=3,
        holder="host:12",
    )
    rows = _rows(operator)
    assert "failed 3 times in a row" in rows["fails"]
    assert "1 Nov, 08:00:01" in rows["fails"]
    assert "1 Nov, 08:00:06" in rows["fails"]
    assert "host:12" in rows["fails"]
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in rows["fails"]
    assert "5 s" in rows["fails"]
    assert "late" in rows["waits"]
    assert "never" in rows["waits"]
    assert "60 s" in rows["waits"]


def test_the_page_costs_two_selects_of_its_own(operator: User) -> None:
    client = client_of(operator)
    costs = []
    for count in (0, 10):
        ScheduleState.objects.bulk_create(
            [ScheduleState(name=f"other {n}", every_seconds=1) for n in range(count)]
        )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(SCHEDULES).status_code == 200
        found = [query for query in queries.captured_queries if "schedulestate" in query["sql"]]
        costs.append(len(found))
    assert costs == [2, 2]


def test_one_is_run_by_hand_after_the_commit(
    operator: User, on_call: OnCall, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """The thread is another test's matter: here it is run in place."""
    monkeypatch.setattr(schedules, "start_entry", schedules.run_entry)
    monkeypatch.setattr(connection, "close", lambda: None)
    client = client_of(operator)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(SCHEDULES, {"name": "waits"})
        assert on_call.calls == []
    assert (response.status_code, response["Location"]) == (302, SCHEDULES)
    assert on_call.calls == [("waits", 0)]
    state = ScheduleState.objects.get(name="waits")
    assert state.last_ok_at is not None
    # The scheduler's own time stays.
    assert state.next_due_at is None
    assert "well" in _rows(operator)["waits"]


def test_a_failure_stands_on_its_row(
    operator: User, on_call: OnCall, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def fail() -> None:
        raise ValueError("The disk is full.")

    on_call.schedules["fails"] = fail
    monkeypatch.setattr(schedules, "start_entry", schedules.run_entry)
    monkeypatch.setattr(connection, "close", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(operator).post(SCHEDULES, {"name": "fails"})
    row = _rows(operator)["fails"]
    assert "failed once" in row
    assert "ValueError: The disk is full." in row


@pytest.mark.django_db(transaction=True)
def test_it_runs_on_a_thread_and_never_beside_itself(operator: User, on_call: OnCall) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(20)

    on_call.schedules["waits"] = wait
    client = client_of(operator)
    client.post(SCHEDULES, {"name": "waits"})
    assert begun.wait(20)
    page = client.post(SCHEDULES, {"name": "waits"}, follow=True).content.decode()
    assert "waits runs already." in page
    go_on.set()
    [thread] = [item for item in threading.enumerate() if item.name == "schedule-waits"]
    thread.join(20)
    assert on_call.calls == [("waits", 0)]
    assert ScheduleState.objects.get(name="waits").last_ok_at is not None


def test_only_those_who_may_act_run_one(
    onlooker: User, editor: User, stranger: User, on_call: OnCall
) -> None:
    for person in (onlooker, editor, stranger):
        assert client_of(person).post(SCHEDULES, {"name": "waits"}).status_code == 302
    assert Client().post(SCHEDULES, {"name": "waits"}).status_code == 302
    assert on_call.calls == []
    assert "Run now" not in _rows(onlooker)["waits"]


@pytest.mark.parametrize("data", [{}, {"name": ""}, {"name": "no such"}, {"name": "\0"}])
def test_what_is_not_there_is_a_404(operator: User, data: dict[str, str]) -> None:
    assert client_of(operator).post(SCHEDULES, data).status_code == 404


def test_a_foreign_form_is_refused(operator: User, on_call: OnCall) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(SCHEDULES, {"name": "waits"}).status_code == 403
    assert on_call.calls == []
