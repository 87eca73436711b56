"""What the commands in bin/ say when they are called wrongly, and what they promise in --help."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The commands use the checkout's own .venv; with another one they would first make it.
pytestmark = [
    pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="run by bin/test"),
    pytest.mark.once,
]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", ["setup", "demo", "test", "check", "services"])
def test_help_names_the_command(name: str) -> None:
    done = run(f"bin/{name}", "--help")
    assert done.returncode == 0
    assert f"bin/{name}" in done.stdout


def test_the_demo_refuses_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = run("bin/demo", "--port", str(port), GALLEY_VAR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"demo: 127.0.0.1:{port} cannot be used: another program listens there, or it is not allowed."
        f" Try another one: bin/demo --port {port + 1}"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["everything"]])
def test_the_entry_point_knows_its_roles(arguments: list[str]) -> None:
    done = run("bin/entrypoint", *arguments)
    assert done.returncode == 2
    assert "admin|api|worker|scheduler|relay" in done.stderr


def test_a_check_that_does_not_exist_is_named() -> None:
    done = run("bin/check", "spelling")
    assert done.returncode == 2
    assert "unknown: spelling" in done.stderr


def test_set_up_is_quick_when_there_is_nothing_to_do() -> None:
    done = run("bin/setup", "--dev")
    assert (done.returncode, done.stderr) == (0, "setup: up to date\n")
