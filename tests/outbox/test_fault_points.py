"""The relay and its worker die at each point of an event's way, one after another."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core.faults import FAULT_POINTS
from tests.journeys.running_product import database_url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]


def killed_at_each_point(folder: Path, *options: str, broker_url: str = "") -> dict[str, Any]:
    """How often it was killed at which point, and what was wrong after it."""
    # The loop works on the database of this test, which must not be in its way.
    connection.close()
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.outbox.fault_loop_settings",
        "FAULT_LOOP_EFFECTS": str(folder / "effects"),
        "CELERY_BROKER_URL": broker_url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.outbox.fault_loop", str(folder), *options],
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
