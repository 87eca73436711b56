"""The product's processes, each of which a test may kill, hang, let go on and start again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]


def children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in _tasks(pid).read_text().split()]
    return []


def _tasks(pid: int) -> Path:
    return Path(f"/proc/{pid}/task/{pid}/children")


class Part:
    """One process with all that it starts, always under the same name."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        folder: Path,
        is_up: Callable[[int], bool],
    ) -> None:
        self.name = name
        self._command, self._environment = command, environment
        self.log = folder / f"{name}.log"
        self._is_up = is_up
        self._process: subprocess.Popen[bytes] | None = None
        self.is_wanted = False

    def start(self) -> None:
        self.is_wanted = True
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    def was_started(self) -> bool:
        return self._process is not None

    def is_up(self) -> bool:
        return self.lives() and self._is_up(self.pid)

    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_until_up(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not self.is_up():
            assert time.monotonic() < end, f"{self.name} does not come up:\n{self.said()}"
            assert self.lives(), f"{self.name} ended:\n{self.said()}"
            time.sleep(0.05)

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def kill(self, *, alone: bool = False) -> None:
        """With all that it has started, or alone: what it has started then finds itself an orphan."""
        with suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)

    def hang(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def say_where(self) -> None:
        """Has it write into its log where each of its threads is."""
        self._signal(signal.SIGUSR1)

    def end(self, seconds: float = 30) -> None:
        """As an operator does it: it may end what it has in hand."""
        self.is_wanted = False
        if not self.lives() or self._process is None:
            return
        self.go_on()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()
