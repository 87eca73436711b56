"""Starts web servers on loopback, one kind like another, and ends them again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.database import ROOT, VAR, BenchError
from bench.load_generator import HOST

_FIRST_PORT: Final = 24600
_LAST_PORT: Final = 24999
_READY_SECONDS: Final = 60
_BINARIES: Final = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Application:
    """What is served, by the names of its entry points."""

    name: str
    wsgi: str
    asgi: str
    rsgi: str


GALLEY: Final = Application(
    "galley",
    "site_config.wsgi:application",
    "site_config.asgi:application",
    "site_config.rsgi:application",
)
WAGTAIL: Final = Application(
    "wagtail", "bench.reference.wsgi:application", "bench.reference.asgi:application", ""
)
STATIC: Final = Application(
    "static",
    "bench.reference.static:application",
    "bench.reference.static:asgi",
    "bench.reference.static:rsgi",
)


def command(kind: str, application: Application, port: int, workers: int) -> list[str]:
    """The command of a kind of server; `shipped` is the one that the product's image starts.

    Raises:
        BenchError: no such kind.
    """
    granian = [str(_BINARIES / "granian"), "--host", HOST, "--port", str(port), "--no-ws"]
    granian += ["--workers", str(workers), "--log-level", "warning", "--interface"]
    gunicorn = [str(_BINARIES / "gunicorn"), "--bind", f"{HOST}:{port}", "--workers", str(workers)]
    gunicorn += ["--log-level", "warning", "--no-control-socket", "--worker-class"]
    match kind:
        case "shipped":
            return ["bin/serve", HOST, str(port)]
        case "granian-wsgi-1" | "granian-wsgi-2":
            threads = kind[-1]
            return [*granian, "wsgi", "--blocking-threads", threads, application.wsgi]
        case "granian-asgi":
            return [*granian, "asgi", application.asgi]
        case "gunicorn-sync":
            return [*gunicorn, "sync", application.wsgi]
        case "gunicorn-gthread-1" | "gunicorn-gthread-2":
            return [*gunicorn, "gthread", "--threads", kind[-1], application.wsgi]
    raise BenchError(f"there is no kind of server {kind}")


KINDS: Final = (
    "granian-wsgi-1",
    "granian-wsgi-2",
    "granian-asgi",
    "gunicorn-sync",
    "gunicorn-gthread-1",
    "gunicorn-gthread-2",
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    application: Application
    pid: int
    port: int


@contextmanager
def running(
    kind: str,
    application: Application,
    variables: Mapping[str, str],
    *,
    workers: int,
    probe: str,
) -> Iterator[Server]:
    """A server from the moment that it answers `probe` with 200 until the end of the block.

    Raises:
        BenchError: it does not answer within a minute.
    """
    port = free_port()
    log = VAR / f"{application.name}.log"
    settings = {
        **variables,
        "GALLEY_WORKERS": str(workers),
        # What has no entry point of the shipped kind is served by the other.
        "GALLEY_INTERFACE": "rsgi" if application.rsgi else "wsgi",
        "GALLEY_APPLICATION": application.rsgi or application.wsgi,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(kind, application, port, workers),
            cwd=ROOT,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until_it_answers(process, port, probe, log)
        yield Server(application, process.pid, port)
    finally:
        end_server(process)


def wait_until_it_answers(
    process: "subprocess.Popen[bytes]", port: int, probe: str, log: Path
) -> None:
    """Waits for a 200.

    Raises:
        BenchError: none within a minute, or the process ended.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if answer_of(port, probe)[0] == 200:
            return
        time.sleep(0.2)
    end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise BenchError(f"the server does not answer {probe}; the end of {log}:\n{end}")


def answer_of(port: int, path: str) -> tuple[int, bytes]:
    """One answer: status and body; status 0 when nobody listens."""
    head, body = _ask(port, path)
    return int(head[9:12] or 0), body


def head_of(port: int, path: str) -> dict[str, str]:
    """The headers of an answer, names in small letters."""
    lines = _ask(port, path)[0].decode("latin-1").split("\r\n")[1:]
    parts = [line.partition(":") for line in lines]
    return {name.lower(): value.strip() for name, _, value in parts}


def _ask(port: int, path: str) -> tuple[bytes, bytes]:
    request = f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\nX-Forwarded-Proto: https\r\n\r\n"
    try:
        with socket.create_connection((HOST, port), timeout=20) as connection:
            connection.sendall(request.encode())
            data = b"".join(iter(lambda: connection.recv(65536), b""))
    except OSError:
        return b"", b""
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body


def end_server(process: "subprocess.Popen[bytes]") -> None:
    """Asks the server to end, then makes its whole process group."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def free_port() -> int:
    """A port of the benchmarks' range that nobody holds.

    Raises:
        BenchError: all are held.
    """
    for port in range(_FIRST_PORT, _LAST_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise BenchError(f"no free port from {_FIRST_PORT} to {_LAST_PORT}")
