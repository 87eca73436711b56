from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from amqp.exceptions import AccessRefused, PreconditionFailed
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging, task_postrun
from django.db import connection
from django.db.models import Count
from kombu.exceptions import OperationalError

from core.interface import utc_now
from outbox import celery_dispatching
from outbox.batches import BATCH_SIZE
from outbox.models import StepRun, StepStatus
from outbox.pipelines import MOST_BATCHES
from outbox.relay import Relay
from outbox.tasks import run_steps
from tests.outbox.celery_app import app
from tests.outbox.conftest import Recorder
from tests.outbox.steps_on_call import OnCall
from tests.outbox.waiting import wait_until

MAX_UNSETTLED = MOST_BATCHES * BATCH_SIZE


@pytest.fixture
def broker(settings: Any) -> Iterator[Any]:
    settings.CELERY_BROKER_URL = "memory://"
    settings.OUTBOX_CELERY_APP = "tests.outbox.celery_app.app"
    with app.connection_for_write() as connection:
        yield connection
        connection.default_channel.queue_purge("galley.steps")


def test_the_settings_lose_no_task() -> None:
    conf = app.conf

    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["confirm_publish"] is True
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    assert list(app.amqp.queues) == [conf.task_default_queue] == ["galley.steps"]
    assert app.amqp.queues["galley.steps"].queue_arguments == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 3,
        "x-dead-letter-exchange": "galley.dead",
        "x-dead-letter-routing-key": "galley.steps",
    }
    assert conf.task_soft_time_limit < conf.task_time_limit


@contextmanager
def a_worker_in_a_thread() -> Iterator[None]:
    """It would keep its connection to the database open for the next task, and end with it so.

    And it would have all that this process logs be of its own level, in later tests too.
    """

    def let_go(**_: object) -> None:
        connection.close()

    def leave_alone(**_: object) -> None:
        """Celery asks nobody else then."""

    task_postrun.connect(let_go)
    setup_logging.connect(leave_alone)
    try:
        with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
            yield
    finally:
        setup_logging.disconnect(leave_alone)
        task_postrun.disconnect(let_go)


@pytest.mark.django_db(transaction=True)
def test_workers_run_what_the_relay_sends(broker: Any, on_call: OnCall, record: Recorder) -> None:
    record("a", "b", "a")

    def is_done() -> bool:
        Relay().drain()
        return StepRun.objects.filter(status=StepStatus.DONE).count() == 9

    with a_worker_in_a_thread():
        wait_until(is_done)

    assert sorted(on_call.sequences("tell")) == [1, 2, 3]
    assert on_call.sequences("search").index(1) < on_call.sequences("search").index(3)


@pytest.mark.django_db
def test_a_message_that_comes_twice_does_nothing_the_second_time(
    broker: Any, on_call: OnCall, record: Recorder
) -> None:
    record("a")
    Relay().drain()
    run = StepRun.objects.get(step="purge")
    assert run.status == StepStatus.QUEUED
    message = (run.step, str(run.lease_id), [run.pk])

    run_steps(*message)
    run_steps(*message)

    assert on_call.calls == [("purge", 1)]
    run.refresh_from_db()
    assert (run.status, run.tries) == (StepStatus.DONE, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        PreconditionFailed("inequivalent arg 'x-delivery-limit'"),
        AccessRefused("no right to write"),
    ],
)
def test_a_broker_that_is_away_or_refuses_costs_no_try(
    broker: Any,
    on_call: OnCall,
    record: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(app, "send_task", refuse)
    record("a")

    Relay().drain()

    assert set(StepRun.objects.values_list("status", "tries")) == {(StepStatus.WAITING, 0)}
    assert StepRun.objects.filter(next_try_at__gt=utc_now()).count() == 2


@pytest.mark.django_db
def test_a_broker_that_is_away_is_asked_once_and_the_backlog_is_left_alone(
    broker: Any, on_call: OnCall, record: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(name: str, **options: Any) -> None:
        asked.append(name)
        raise OperationalError("connection refused")

    monkeypatch.setattr(app, "send_task", refuse)
    record(*(f"s{number}" for number in range(MAX_UNSETTLED + 30)))
    now = utc_now()
    relay = Relay()

    relay.drain()

    assert len(asked) == 1
    put_off = StepRun.objects.filter(next_try_at__gt=now + timedelta(seconds=2)).values("step")
    counts = dict(put_off.order_by().values_list("step").annotate(Count("pk")))
    assert counts == {"purge": MAX_UNSETTLED, "search": MAX_UNSETTLED}
    assert relay.run_pass() == 0

    monkeypatch.undo()
    monkeypatch.setattr(celery_dispatching, "_BROKER_AWAY_SECONDS", 0)
    Relay().drain()
    assert StepRun.objects.filter(status=StepStatus.QUEUED).count() == 2 * 30


@pytest.mark.django_db
def test_the_broker_holds_no_more_than_the_bound(
    broker: Any, on_call: OnCall, record: Recorder
) -> None:
    record(*(f"s{number}" for number in range(MAX_UNSETTLED + 30)))

    Relay().drain()

    queued = StepRun.objects.filter(status=StepStatus.QUEUED)
    assert {step: queued.filter(step=step).count() for step in ("purge", "search", "tell")} == {
        "purge": MAX_UNSETTLED,
        "search": MAX_UNSETTLED,
        "tell": 0,
    }
    messages = 2 * MAX_UNSETTLED // BATCH_SIZE
    waiting = broker.default_channel.queue_declare("galley.steps", passive=True).message_count
    assert waiting == messages
