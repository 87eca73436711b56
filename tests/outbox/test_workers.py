"""Real workers and relays on a real broker: what they lose, what they refuse, how they are set."""

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from amqp.exceptions import PreconditionFailed
from celery import Celery
from django.db import connection
from kombu.connection import Connection

from core.interface import utc_now
from outbox.batches import BATCH_SIZE
from outbox.celery_worker import DEAD_LETTERS, declare_dead_letters
from outbox.models import StepRun, StepStatus
from outbox.relay import Relay
from outbox.retries import MAX_LOSSES
from site_config.settings.parts.celery import step_queue
from tests.outbox.conftest import Recorder
from tests.outbox.worker_steps import MARK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.rabbitmq,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
]

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Rig:
    """Our processes on the test's database and a queue of its own."""

    url: str
    queue: str
    log: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        settings = connection.settings_dict
        server = f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        variables = {
            "DATABASE_URL": f"postgres://{settings['USER']}:{settings['PASSWORD']}@{server}",
            "CELERY_BROKER_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "tests.outbox.worker_settings",
            "STEP_LOG": str(self.log),
            "STEP_QUEUE": self.queue,
        }
        self.running[name] = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=os.environ | variables
        )

    def start_worker(self) -> None:
        arguments = ["-c", "2", "-l", "warning", "--without-mingle", "--without-gossip"]
        node = f"--hostname={self.queue}@test"
        self.start("worker", "-m", "celery", "-A", "site_config", "worker", *arguments, node)

    def start_relay(self, name: str) -> None:
        self.start(name, "manage.py", "run_relay")

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def wait_for(self, is_reached: Callable[[], bool]) -> None:
        end = time.monotonic() + 90
        while not is_reached():
            for name, process in self.running.items():
                assert process.poll() is None, f"{name} has ended"
            assert time.monotonic() < end, list(_statuses())
            time.sleep(0.05)

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _statuses() -> list[tuple[int, str, int, int]]:
    rows = StepRun.objects.order_by("event")
    return list(rows.values_list("event_id", "status", "tries", "losses"))


@pytest.fixture
def rig(rabbitmq_url: str, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(rabbitmq_url, f"galley.steps.{uuid4().hex[:8]}", tmp_path / "steps.log")
    yield rig
    rig.stop()
    with Connection(rabbitmq_url) as broker:
        broker.default_channel.queue_delete(rig.queue)
        broker.default_channel.exchange_delete(rig.queue)


@pytest.fixture
def app(rig: Rig, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """The product's settings on the test's queue, in this process."""
    settings.CELERY_BROKER_URL = rig.url
    settings.CELERY_TASK_DEFAULT_QUEUE = rig.queue
    settings.CELERY_TASK_QUEUES = [step_queue(rig.queue)]
    settings.OUTBOX_PIPELINE = "tests.outbox.worker_steps.PIPELINE"
    settings.OUTBOX_CELERY_APP = f"{__name__}._app_under_test"
    app = Celery("under-test", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    monkeypatch.setattr(sys.modules[__name__], "_app_under_test", app, raising=False)
    yield app
    app.close()


def _dead_letters(broker: Connection, queue: str) -> list[bytes]:
    """Takes what came from `queue` out of the dead letters; leaves the others'."""
    channel = broker.channel()
    found, others = [], []
    while (message := channel.basic_get(DEAD_LETTERS)) is not None:
        if message.headers["x-death"][0]["queue"] == queue:
            found.append(message.body)
            channel.basic_ack(message.delivery_tag)
        else:
            others.append(message.delivery_tag)
    for tag in others:
        channel.basic_reject(tag, requeue=True)
    channel.close()
    return [body if isinstance(body, bytes) else body.encode() for body in found]


_PICKLED = pickle.dumps(([], {}, {}))
_PICKLE = {"content_type": "application/x-python-serialize", "content_encoding": "binary"}
_JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
_OURS = {"task": "outbox.run_steps", "id": "1"}
# What a stranger, or a fault, may put into the queue.
FOREIGN: list[tuple[bytes, dict[str, Any]]] = [
    (_PICKLED + b"0", _PICKLE),
    (_PICKLED, _PICKLE | {"headers": _OURS}),
    (b"hello", {"content_type": "text/plain", "content_encoding": "utf-8"}),
    (b"[1]", _JSON | {"headers": _OURS}),
    (b"{not json", _JSON | {"headers": _OURS}),
    (b'[["search","x",[1]],{},{}]', _JSON | {"headers": _OURS}),
    (b"[[2],{},{}]", _JSON | {"headers": {"task": "os.system", "id": "2"}}),
    (b"[[3],{},{}]", _JSON | {"headers": {"task": "outbox.run_steps"}}),
    (b"[[4],{},{}]", _JSON),
]


def test_foreign_messages_are_dead_letters_and_stop_nobody(
    rig: Rig, app: Celery, record: Recorder
) -> None:
    with Connection(rig.url) as broker:
        step_queue(rig.queue)(broker.default_channel).declare()
        declare_dead_letters(broker)
        for body, properties in FOREIGN:
            message = broker.default_channel.prepare_message(body, **properties)
            broker.default_channel.basic_publish(message, rig.queue, rig.queue)
        record("a", "b")
        Relay().drain()
        rig.start_worker()

        rig.wait_for(lambda: StepRun.objects.filter(status=StepStatus.DONE).count() == 2)
        found: list[bytes] = []

        def all_are_there() -> bool:
            found.extend(_dead_letters(broker, rig.queue))
            return len(found) >= len(FOREIGN)

        rig.wait_for(all_are_there)

    assert sorted(found) == sorted(body for body, _ in FOREIGN)
    assert rig.lines() == ["a 1", "b 2"]
    _check_live_settings(app, f"{rig.queue}@test")


def _check_live_settings(app: Celery, worker: str) -> None:
    """What the worker itself says: these settings decide whether a death loses work."""
    asked = app.control.inspect(destination=[worker], timeout=10)
    assert asked.stats()[worker]["prefetch_count"] == 2  # one for each of its two processes
    live = asked.conf(with_defaults=True)[worker]
    assert {name: live[name] for name in _EXPECTED} == _EXPECTED


_EXPECTED = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "accept_content": ["json"],
    "task_serializer": "json",
    "broker_transport_options": {"confirm_publish": True},
    "worker_cancel_long_running_tasks_on_connection_loss": True,
}


def test_a_step_that_kills_its_process_is_dead_after_five_and_holds_up_its_own_document_alone(
    rig: Rig, record: Recorder
) -> None:
    rig.start_worker()
    rig.start_relay("relay one")
    rig.start_relay("relay two")
    record(*(f"s{number % 40}" for number in range(60)))
    [poison] = record("poison", kills=True)
    [after_it] = record("poison")
    record(*(f"s{number % 40}" for number in range(60)))
    others = StepRun.objects.exclude(event__in=[poison, after_it])
    bad = StepRun.objects.filter(event=poison)

    rig.wait_for(lambda: others.filter(status=StepStatus.DONE).count() == 120)
    assert not bad.filter(status=StepStatus.DEAD).exists()
    while not bad.filter(status=StepStatus.DEAD).exists():
        seen = bad.get().losses
        # Its waits grow to ten minutes.
        bad.filter(status=StepStatus.WAITING).update(next_try_at=utc_now())
        rig.wait_for(lambda seen=seen: bad.get().losses > seen)  # type: ignore[misc]
    rig.wait_for(lambda: StepRun.objects.filter(status=StepStatus.DONE).count() == 121)

    run = bad.get()
    assert (run.tries, run.losses) == (MAX_LOSSES, MAX_LOSSES)
    assert rig.lines().count(f"poison {poison}") == MAX_LOSSES
    assert rig.lines().count(f"poison {after_it}") == 1
    # Whoever was in the same batch the first time lost one try to it, and no more.
    assert max(others.values_list("losses", flat=True)) <= 1
    assert others.filter(losses=1).count() < BATCH_SIZE
    for subject in {line.split()[0] for line in rig.lines()}:
        sequences = [int(line.split()[1]) for line in rig.lines() if line.split()[0] == subject]
        assert sequences == sorted(sequences)


def test_a_message_is_lasting_json_with_time_limits_below_its_lease(
    rig: Rig, app: Celery, record: Recorder
) -> None:
    record(*(f"s{number}" for number in range(BATCH_SIZE + 1)))
    Relay().drain()

    with Connection(rig.url) as broker:
        channel = broker.default_channel
        full = channel.basic_get(rig.queue, no_ack=True)
        single = channel.basic_get(rig.queue, no_ack=True)
        assert channel.basic_get(rig.queue) is None

    assert (full.content_type, full.properties["delivery_mode"]) == ("application/json", 2)
    # Hard and soft. A batch begins runs for five seconds, and each has its own time then.
    assert full.headers["timelimit"] == [5 + 54, 5 + 42]
    assert single.headers["timelimit"] == [54, 42]
    assert MARK.lease_seconds == 60


def test_the_broker_keeps_the_queue_on_disk_and_bounds_how_often_a_message_comes(
    rig: Rig, app: Celery
) -> None:
    with app.connection_for_write() as broker:
        app.amqp.queues[rig.queue](broker.default_channel).declare()
        for changed in ({"x-delivery-limit": 4}, {"x-dead-letter-exchange": "elsewhere"}):
            wanted = app.amqp.queues[rig.queue].queue_arguments | changed
            # The broker refuses a declaration that differs from what it holds.
            with pytest.raises(PreconditionFailed), broker.channel() as channel:
                channel.queue_declare(rig.queue, durable=True, auto_delete=False, arguments=wanted)
