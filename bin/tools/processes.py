"""Processes that `bin/` commands start: their ports, logs, readiness and end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
READY_SECONDS = 30
# From here on the kernel hands out ports for outgoing connections, which then collide with servers.
EPHEMERAL_PORTS = 32768


class ToolError(Exception):
    """Something is missing or did not start; the message tells a developer what to do."""


@dataclass(frozen=True)
class Started:
    """A server that was started: its process, its ports by name, and where its data lies.

    `companions` are processes that it needs and that end after it: their ids and birth marks.
    """

    pid: int
    ports: dict[str, int]
    data: str = ""
    companions: dict[int, str] = field(default_factory=dict)


def birth_mark(pid: int) -> str:
    """Tells a process from a later one with the same id: its start time; "" when it is gone.

    A process that ended but was not waited for counts as gone.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
        listed = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return listed.stdout.strip()
    return "" if fields[0] in {"Z", "X"} else fields[19]


def can_listen(host: str, port: int) -> bool:
    """Whether nobody listens there yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(first: int) -> int:
    """The first port from `first` on that nobody listens to."""
    for port in range(first, EPHEMERAL_PORTS):
        if can_listen(HOST, port):
            return port
    raise ToolError(f"no free port from {first} to {EPHEMERAL_PORTS - 1}")


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def spawn(
    command: list[str],
    log: Path,
    variables: Mapping[str, str] | None = None,
    folder: Path = Path("/"),
) -> subprocess.Popen[bytes]:
    """Starts a server in a session of its own, so that a Ctrl-C meant for the caller spares it."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=folder,
            env=variables,
        )


def wait_until(
    ready: Callable[[], bool],
    name: str,
    log: Path,
    process: subprocess.Popen[bytes] | None = None,
    seconds: float = READY_SECONDS,
) -> None:
    """Returns once `ready`; else ends the process and raises with the end of its log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.05)
    if process is not None:
        process.kill()
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    raise ToolError(f"{name} did not start; the end of {log}:\n" + "\n".join(lines[-15:]))


def end_process(pid: int, born: str, *, first_signal: signal.Signals, grace_seconds: float) -> None:
    """Asks the process to end, then makes it; does nothing when another one has its id now."""
    deadline = time.monotonic() + grace_seconds
    if birth_mark(pid) != born:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, first_signal)
    while birth_mark(pid) == born and time.monotonic() < deadline:
        time.sleep(0.05)
    if birth_mark(pid) == born:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
