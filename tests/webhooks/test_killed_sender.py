"""A sender that dies as by kill -9, at each of its named places."""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from outbox.interface import LedgerEvent
from outbox.relay import Relay
from tests.factories.documents import Library
from tests.journeys.running_product import database_url
from tests.webhooks.doing import publish, statuses, subscribe
from tests.webhooks.receiver import Receiver
from webhooks.interface import Actor, Attempt, EndpointState
from webhooks.sender import Sender

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]


def run_sender(faults: str) -> int:
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "site_config.settings.test",
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "GALLEY_FAULTS": faults,
    }
    command = [sys.executable, "manage.py", "run_webhooks", "--once"]
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False).returncode


@pytest.mark.parametrize(
    "fault",
    [
        "webhooks.before_send=kill@4",
        "webhooks.after_send=kill@7",
        "webhooks.before_settle=kill@1",
        "webhooks.after_settle=kill@1",
    ],
)
def test_nothing_is_lost_and_what_comes_twice_has_the_same_id(
    actor: Actor, receiver: Receiver, library: Library, fault: str
) -> None:
    subscribe(actor, receiver.url)
    for number in range(3):
        publish(library, *(f"p{key}" for key in range(6)), title=f"Edit {number}")
    Relay().drain()

    assert run_sender(fault) == -signal.SIGKILL
    assert EndpointState.objects.get().lease_until is not None
    before = statuses()
    Sender().drain()
    assert statuses() == before, "its lease holds: nobody may take over yet"
    EndpointState.objects.update(lease_until="2000-01-01T00:00Z")
    Sender().drain()

    told = {str(event.id) for event in LedgerEvent.objects.filter(type__startswith="content.")}
    assert set(receiver.ids()) == told
    assert statuses() == ["delivered"] * 18
    first_seen: dict[str, list[int]] = defaultdict(list)
    bodies: dict[str, bytes] = {}
    for request in receiver.received:
        assert bodies.setdefault(request.id, request.body) == request.body
        data = request.content["data"]
        if data["version"] not in first_seen[data["slug"]]:
            first_seen[data["slug"]].append(data["version"])
    assert dict(first_seen) == {f"post-p{key}": [1, 2, 3] for key in range(6)}
    assert Attempt.objects.filter(status_code=204).count() >= 18
