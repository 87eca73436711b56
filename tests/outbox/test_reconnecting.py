"""How soon a worker is back after its broker is."""

import logging
import re
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.utils import functional

from outbox.celery_worker import StepConsumer
from tests.outbox.celery_app import app

REFUSALS = 250


@pytest.fixture
def consumer() -> StepConsumer:
    found = StepConsumer.__new__(StepConsumer)
    found.app = app
    found.first_connection_attempt = True
    found.broker_connection_retry_attempt = 0
    return found


def test_a_worker_asks_every_five_seconds_and_never_gives_up(
    consumer: StepConsumer, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[None] = []
    broker: Any = Connection("amqp://127.0.0.1:1//")

    def connect_at_last() -> str:
        tries.append(None)
        if len(tries) <= REFUSALS:
            raise ConnectionRefusedError(111, "Connection refused")
        return "connected"

    monkeypatch.setattr(broker, "_connection_factory", connect_at_last)
    monkeypatch.setattr(functional, "sleep", lambda _: None)

    with caplog.at_level(logging.ERROR, "celery.worker.consumer"):
        assert consumer.ensure_connected(broker) is broker

    waits = [float(found) for found in re.findall(r"in (\d+\.\d\d) second", caplog.text)]
    assert waits == [1.0, 2.0, 3.0, 4.0, *[5.0] * (REFUSALS - 4)]
