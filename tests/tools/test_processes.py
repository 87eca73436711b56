"""The tools end what they started, for sure, and never anything else."""

import importlib.util
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
# Says when it is ready, then does nothing; the second one takes no hint.
OBEDIENT = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + OBEDIENT


@pytest.fixture(scope="module")
def processes() -> ModuleType:
    path = ROOT / "bin" / "tools" / "processes.py"
    specification = importlib.util.spec_from_file_location("galley_tools_processes", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look themselves up there
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def child(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    program = getattr(request, "param", OBEDIENT)
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.parametrize("child", [OBEDIENT, STUBBORN], indirect=True, ids=["obedient", "stubborn"])
def test_a_process_is_ended(processes: ModuleType, child: subprocess.Popen[str]) -> None:
    born = processes.birth_mark(child.pid)
    begun = time.monotonic()
    processes.end_process(child.pid, born, first_signal=signal.SIGTERM, grace_seconds=0.5)
    assert child.wait(5) in {-signal.SIGTERM, -signal.SIGKILL}
    assert time.monotonic() - begun < 5
    assert processes.birth_mark(child.pid) == ""


def test_a_later_process_with_the_same_id_is_spared(
    processes: ModuleType, child: subprocess.Popen[str]
) -> None:
    processes.end_process(
        child.pid, "an earlier start", first_signal=signal.SIGTERM, grace_seconds=0.2
    )
    assert child.poll() is None


def test_a_port_in_use_is_passed_over(processes: ModuleType) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert not processes.can_listen("127.0.0.1", taken)
    first = processes.free_port(24000)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first))
        listener.listen()
        assert processes.free_port(first) > first


def test_a_server_that_ends_at_once_is_reported_with_its_last_words(
    processes: ModuleType, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    process = processes.spawn([sys.executable, "-c", "print('no disk left')"], log)
    with pytest.raises(processes.ToolError, match=r"(?s)The server did not start.*no disk left"):
        processes.wait_until(lambda: False, "The server", log, process)
