"""The commands as processes, ended by real signals."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from outbox.models import StepRun, StepStatus
from tests.journeys.running_product import database_url
from tests.outbox.conftest import Recorder

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]


class Commands:
    """Starts our commands on the test's database, and reads what their steps wrote."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "tests.outbox.process_settings",
            "STEP_LOG": str(self._log),
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> None:
        assert self.start(*arguments).wait(60) == 0

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def wait_for(self, is_reached: Callable[[list[str]], bool]) -> None:
        end = time.monotonic() + 60
        while not is_reached(self.lines()):
            assert time.monotonic() < end, self.lines()
            time.sleep(0.02)


@pytest.fixture
def commands(tmp_path: Path, settings: object) -> Iterator[Commands]:
    settings.OUTBOX_PIPELINE = "tests.outbox.process_steps.PIPELINE"  # type: ignore[attr-defined]
    running = Commands(tmp_path / "steps.log")
    yield running
    for process in running.started:
        process.kill()
        process.wait()


def test_a_relay_ends_the_step_in_hand_and_no_more(commands: Commands, record: Recorder) -> None:
    record("a", "b", seconds=0.5)
    relay = commands.start("run_relay")
    commands.wait_for(lambda lines: "begin 1" in lines)

    relay.terminate()

    assert relay.wait(60) == 0
    assert commands.lines() == ["begin 1", "end 1"]
    statuses = StepRun.objects.order_by("event").values_list("status", "tries")
    assert list(statuses) == [(StepStatus.DONE, 1), (StepStatus.WAITING, 0)]


def test_killed_relays_lose_nothing(commands: Commands, record: Recorder) -> None:
    record(*(f"s{number % 9}" for number in range(80)), seconds=0.02)
    choices = random.Random(7)
    for _ in range(2):
        relay = commands.start("run_relay")
        before = len(commands.lines())
        target = before + choices.randint(5, 20)
        commands.wait_for(lambda lines, target=target: len(lines) >= target)  # type: ignore[misc]
        relay.kill()
        relay.wait()
    assert StepRun.objects.exclude(status=StepStatus.DONE).exists()

    # As if it were later: leases have ended, then the times of the next tries have come.
    for _ in range(4):
        StepRun.objects.exclude(lease_until=None).update(lease_until="2026-01-01T00:00Z")
        commands.run("run_relay", "--once")
        call_command("ledger", "replay", "--unfinished")

    call_command("ledger", "verify")
    ends = [int(line.split()[1]) for line in commands.lines() if line.startswith("end")]
    assert sorted(set(ends)) == list(range(1, 81))
    # What ended within the last quarter of a second before each kill had no row of it yet.
    assert len(ends) <= 80 + 2 * (1 + round(0.25 / 0.02))


def test_one_scheduler_leads_another_follows_and_a_relay_runs_along(
    commands: Commands, record: Recorder
) -> None:
    first = commands.start("run_scheduler", "--with-relay")
    commands.wait_for(lambda lines: f"tick {first.pid}" in lines)
    second = commands.start("run_scheduler")
    record("a", seconds=0)
    commands.wait_for(lambda lines: "end 1" in lines)
    time.sleep(2)
    assert f"tick {second.pid}" not in commands.lines()

    first.kill()
    first.wait()
    commands.wait_for(lambda lines: f"tick {second.pid}" in lines)
    second.terminate()

    assert second.wait(60) == 0
