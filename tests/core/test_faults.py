import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.faults import (
    FAULT_POINTS,
    Fault,
    InjectedFault,
    UnknownFault,
    faults_are_for_tests,
    faults_in_this_process,
    parse_faults,
)
from core.interface import fault_point

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
CLAIM = "outbox.relay.after_claim"
SETTLE = "outbox.step.after_settle"

_PASSES_THREE_POINTS = f"""
import django
django.setup()
from core.interface import fault_point
for number, name in enumerate(["{CLAIM}", "{SETTLE}", "{CLAIM}"], start=1):
    print(number, flush=True)
    fault_point(name)
print("end", flush=True)
"""


def _process(faults: str) -> subprocess.Popen[str]:
    variables = os.environ | {
        "GALLEY_FAULTS": faults,
        "DJANGO_SETTINGS_MODULE": "site_config.settings.test",
    }
    command = [sys.executable, "-c", _PASSES_THREE_POINTS]
    return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("faults", "reached", "status"),
    [
        ("", ["1", "2", "3", "end"], 0),
        (f"{CLAIM}=kill", ["1"], -signal.SIGKILL),
        (f"{CLAIM}=kill@2", ["1", "2", "3"], -signal.SIGKILL),
        ("*=kill@2", ["1", "2"], -signal.SIGKILL),
        ("*=kill@4", ["1", "2", "3", "end"], 0),
        (f"{SETTLE}=raise", ["1", "2"], 1),
    ],
)
def test_a_process_fails_where_it_is_told(faults: str, reached: list[str], status: int) -> None:
    process = _process(faults)
    output, _ = process.communicate(timeout=60)

    assert (output.split(), process.returncode) == (reached, status)


def test_a_hang_lasts_until_it_is_ended() -> None:
    process = _process(f"{SETTLE}=hang")
    assert process.stdout is not None
    try:
        assert [process.stdout.readline().strip() for _ in range(2)] == ["1", "2"]
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
    finally:
        process.kill()
        process.communicate()


def test_a_fault_fires_once() -> None:
    with faults_in_this_process(f"{CLAIM}=raise@2, {SETTLE}=raise"):
        fault_point(CLAIM)
        with pytest.raises(InjectedFault, match=CLAIM):
            fault_point(CLAIM)
        fault_point(CLAIM)
        with pytest.raises(InjectedFault, match=SETTLE):
            fault_point(SETTLE)
    fault_point(SETTLE)


def test_a_list_of_faults_is_read() -> None:
    assert parse_faults(f"{CLAIM}=kill@3, *=hang") == (Fault(CLAIM, "kill", 3), Fault("*", "hang"))
    assert parse_faults("") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("outbox.relay.after_clam=kill", "is no fault point"),
        (f"{CLAIM}=stop", "is not of the form"),
        (f"{CLAIM}=kill@0", "is not of the form"),
        (CLAIM, "is not of the form"),
    ],
)
def test_a_fault_that_could_never_fire_is_refused(text: str, message: str, settings: Any) -> None:
    with pytest.raises(UnknownFault, match=message):
        parse_faults(text)
    settings.FAULTS = text
    assert [error.id for error in faults_are_for_tests()] == ["core.E002"]


def test_sound_faults_pass_the_check(settings: Any) -> None:
    settings.FAULTS = f"{CLAIM}=kill"
    assert faults_are_for_tests() == []


def _check_in_production(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "site_config.settings.production",
            "SECRET_KEY": "check-only-" + "Zq3-x8Lw_v5Ty" * 5,
            "ALLOWED_HOSTS": "www.example.com",
        }
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_refuses_faults() -> None:
    refused = _check_in_production(GALLEY_FAULTS=f"{CLAIM}=kill")

    assert refused.returncode != 0
    assert "core.E001" in refused.stderr
    assert _check_in_production(GALLEY_FAULTS="").returncode == 0


def test_nothing_happens_where_faults_are_not_allowed(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.faults._plan", None)
    settings.FAULTS = f"{CLAIM}=raise"
    settings.FAULTS_ARE_ALLOWED = False
    fault_point(CLAIM)

    monkeypatch.setattr("core.faults._plan", None)
    settings.FAULTS_ARE_ALLOWED = True
    with pytest.raises(InjectedFault):
        fault_point(CLAIM)


def test_every_point_in_the_code_can_be_named() -> None:
    called = set()
    for package in ("outbox", "webhooks"):
        for file in (ROOT / package).rglob("*.py"):
            called |= set(re.findall(r'fault_point\("([^"]+)"\)', file.read_text()))

    assert called >= {point for point in FAULT_POINTS if point.startswith("outbox.step.")}
    assert called <= set(FAULT_POINTS)
