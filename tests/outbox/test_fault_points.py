"""The relay and its worker die at each point of an event's way, one after another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core.faults import FAULT_POINTS
from tests.journeys.running_product import database_url
from tests.webhooks.receiver import Answer, Received, running_receiver

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]


def killed_at_each_point(
    folder: Path,
    *options: str,
    broker_url: str = "",
    loop: str = "fault_loop",
    **variables: str,
) -> dict[str, Any]:
    """How often it was killed at which point, and what was wrong after it."""
    # The loop works on the database of this test, which must not be in its way.
    connection.close()
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": f"tests.outbox.{loop}_settings",
        "FAULT_LOOP_EFFECTS": str(folder / "effects"),
        "CELERY_BROKER_URL": broker_url,
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-m", f"tests.outbox.{loop}", str(folder), *options],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=10 * 60,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(options, sum(found["points"].values()), "deaths")  # noqa: T201
    return found


def points_of(*parts: str) -> set[str]:
    return {name for name in FAULT_POINTS if name.startswith(parts)}


def test_a_relay_is_killed_at_each_point(tmp_path: Path) -> None:
    found = killed_at_each_point(tmp_path)

    assert found["faults"] == []
    publishing = {"outbox.relay.before_publish", "outbox.relay.after_publish"}
    assert set(found["points"]) == points_of("outbox.relay", "outbox.step") - publishing


def test_without_leases_a_killed_relay_loses_steps(tmp_path: Path) -> None:
    found = killed_at_each_point(tmp_path, "outbox.step.after_begin", "leases")

    assert found["faults"] != []


@pytest.mark.rabbitmq
@pytest.mark.postgresql
def test_a_relay_and_its_worker_are_killed_at_each_point(tmp_path: Path, rabbitmq_url: str) -> None:
    found = killed_at_each_point(tmp_path, broker_url=rabbitmq_url)

    assert found["faults"] == []
    assert set(found["points"]) == points_of("outbox.relay", "outbox.step", "outbox.worker")


@pytest.mark.rabbitmq
@pytest.mark.postgresql
@pytest.mark.parametrize(
    "mutation", ["early", "leases"], ids=["acknowledged early", "no lease runs out"]
)
def test_late_acknowledgement_and_leases_make_up_for_each_other(
    tmp_path: Path, rabbitmq_url: str, mutation: str
) -> None:
    """A worker dies with a message in hand that it has not begun."""
    point = "outbox.step.before_begin"

    found = killed_at_each_point(tmp_path, point, mutation, broker_url=rabbitmq_url)

    assert found["faults"] == [], found


@pytest.mark.rabbitmq
@pytest.mark.postgresql
def test_without_both_a_message_in_hand_is_lost(tmp_path: Path, rabbitmq_url: str) -> None:
    point = "outbox.step.before_begin"

    found = killed_at_each_point(tmp_path, point, "early", "leases", broker_url=rabbitmq_url)

    assert any("'queued'" in fault or "effects" in fault for fault in found["faults"]), found


class TestTellingTheWorld:
    """The product's own steps: who hears of an event hears of it, in order, whoever dies."""

    @pytest.mark.rabbitmq
    @pytest.mark.postgresql
    def test_who_announces_is_killed_at_each_point(self, tmp_path: Path, rabbitmq_url: str) -> None:
        found = killed_at_each_point(
            tmp_path, "outbox.announce", broker_url=rabbitmq_url, loop="fault_loop_telling"
        )

        assert found["faults"] == []
        assert set(found["points"]) == points_of("outbox.announce")

    def test_a_sender_is_killed_at_each_point(self, tmp_path: Path) -> None:
        with hearing(tmp_path / "effects") as variables:
            found = killed_at_each_point(
                tmp_path, "webhooks", loop="fault_loop_telling", **variables
            )

        assert found["faults"] == []
        assert set(found["points"]) == points_of("webhooks")

    def test_without_leases_a_killed_sender_leaves_something_unsent(self, tmp_path: Path) -> None:
        with hearing(tmp_path / "effects") as variables:
            found = killed_at_each_point(
                tmp_path, "webhooks.before", "leases", loop="fault_loop_telling", **variables
            )

        assert found["faults"] != []


@contextmanager
def hearing(effects: Path) -> Iterator[dict[str, str]]:
    """A receiver that writes down what it hears; gives the variables that lead to it."""

    def note(request: Received) -> Answer:
        with effects.open("a") as file:
            file.write(f"{request.content['sequence']} webhook\n")
        return (204, {}, b"")

    with running_receiver() as receiver:
        receiver.answer = note
        yield {
            "FAULT_LOOP_RECEIVER": receiver.url,
            "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
