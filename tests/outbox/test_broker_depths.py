"""How much lies in a real broker, and that asking makes nothing there."""

import uuid
from typing import Any

import pytest
from kombu.connection import Connection

from outbox.broker import ask_broker
from outbox.broker_state import BrokerState, QueueDepth

pytestmark = [pytest.mark.rabbitmq, pytest.mark.once]


def test_depths_are_read_and_nothing_is_declared(rabbitmq_url: str) -> None:
    full, missing = f"depths-{uuid.uuid4()}", f"none-{uuid.uuid4()}"
    connect: Any = Connection
    with connect(rabbitmq_url) as broker:
        channel = broker.channel()
        channel.queue_declare(full, durable=False, auto_delete=False)
        try:
            for number in range(3):
                broker.Producer(channel).publish(number, routing_key=full, serializer="json")
            channel.queue_declare(full, passive=True)
            expected = BrokerState(
                is_up=True, queues=(QueueDepth(full, 3, 0), QueueDepth(missing, None, None))
            )
            assert ask_broker(rabbitmq_url, (full, missing)) == expected
            # Asked again: the look itself has made no queue.
            assert ask_broker(rabbitmq_url, (full, missing)) == expected
        finally:
            channel.queue_delete(full)


def test_a_wrong_password_is_a_broker_that_is_away(rabbitmq_url: str) -> None:
    head, _, tail = rabbitmq_url.rpartition("@")
    wrong = f"{head.rpartition(':')[0]}:wrong@{tail}"
    assert ask_broker(wrong, ("any",)) == BrokerState(is_up=False)
