"""A PostgreSQL server of a test's own, which may be killed and hung without harm to others."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.own_process import OwnProcess

HOST = "127.0.0.1"
USER, PASSWORD = "galley", "test-only"
START_SECONDS = 60
# What is committed outlives every process of the server: it is with the kernel. Nobody cuts the
# machine's power here, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": HOST,
    "fsync": "off",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "200",
}


class PostgreSqlProcess(OwnProcess):
    """Always on the same port and data, whether it runs or not."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._folder = Path(tempfile.mkdtemp(prefix="galley-own-postgresql-"))
        self._data = self._folder / "data"
        self._log = (self._folder / "log").open("ab")
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        command = [program("initdb"), "-D", str(self._data), "-U", USER, "--auth=trust"]
        subprocess.run(
            _as_postgres([*command, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]),
            check=True,
            capture_output=True,
            cwd="/",
        )

    def url(self, database: str, host: str = HOST, port: int | None = None) -> str:
        return f"postgres://{USER}:{PASSWORD}@{host}:{port or self.port}/{database}"

    def start(self) -> None:
        """Returns when it answers; after a crash it first makes good what it had promised."""
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            assert time.monotonic() < end, (self._folder / "log").read_text()[-2000:]
            if self._process is None or self._process.poll() is not None:
                # What a killed server leaves behind is in the way for a moment.
                self._process = self._spawn()
            time.sleep(0.05)

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [program("postgres"), "-D", str(self._data), "-p", str(self.port)]
        for name, value in (OPTIONS | {"unix_socket_directories": str(self._folder)}).items():
            command += ["-c", f"{name}={value}"]
        return subprocess.Popen(
            _as_postgres(command),
            cwd="/",
            start_new_session=True,
            stdout=self._log,
            stderr=self._log,
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def backends(self) -> list[int]:
        """The server processes that serve a client each."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        query += " AND pid <> pg_backend_pid() ORDER BY pid"
        with psycopg.connect(self.url("postgres"), connect_timeout=5) as connection:
            return [pid for (pid,) in connection.execute(query)]

    def hang(self) -> None:
        """The server and all that serve its clients."""
        self._signal_all(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        for pid in (self._process.pid, *_children(self._process.pid)):
            with _may_be_gone():
                os.kill(pid, number)

    def remove(self) -> None:
        self.stop()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def _may_be_gone() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def program(name: str) -> str:
    """Where a program of the newest server is; Debian keeps them off the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    found = shutil.which(
        name, path=os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"]])
    )
    return found or name


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]


@contextmanager
def own_postgresql(port: int) -> Iterator[PostgreSqlProcess]:
    server = PostgreSqlProcess(port)
    try:
        server.start()
        yield server
    finally:
        server.remove()
