"""A RabbitMQ server of a test's own, which may be killed, hung and blocked without harm to others."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.own_process import OwnProcess

HOST = "127.0.0.1"
USER, PASSWORD = "galley", "test-only"
START_SECONDS = 120
CONFIGURATION = f"""
listeners.tcp.1 = {HOST}:%d
default_user = {USER}
default_pass = {PASSWORD}
loopback_users = none
log.console = true
log.console.level = warning
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
"""


class RabbitMqProcess(OwnProcess):
    """Always on the same ports and data, whether it runs or not."""

    def __init__(self, port: int) -> None:
        """`port` is for clients; the three after it are the server's own."""
        self.port = port
        self.url = f"amqp://{USER}:{PASSWORD}@{HOST}:{port}//"
        self._folder = Path(tempfile.mkdtemp(prefix="galley-own-rabbitmq-"))
        (self._folder / "rabbitmq.conf").write_text(CONFIGURATION % port)
        (self._folder / "enabled_plugins").write_text("[].\n")
        self._log = (self._folder / "log").open("ab")
        self._environment = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"galley{port}@localhost",
            "RABBITMQ_BASE": str(self._folder),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log-files"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(port + 1),
            "RABBITMQ_CTL_DIST_PORT_MIN": str(port + 2),
            "RABBITMQ_CTL_DIST_PORT_MAX": str(port + 2),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none"
            ),
            "RABBITMQ_IO_THREAD_POOL_SIZE": "4",
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(port + 3),
        }
        # Erlang would start its own, which outlives the server.
        names = ["epmd", "-address", HOST, "-port", str(port + 3)]
        self._names = subprocess.Popen(names, stdout=self._log, stderr=self._log)

    def start(self) -> None:
        """Returns when it takes connections."""
        self.spawn()
        self.wait_until_it_answers()

    def spawn(self) -> None:
        command = [str(_folder_of_programs() / "rabbitmq-server")]
        self._process = subprocess.Popen(
            command,
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            said = (self._folder / "log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < end, said
            assert self._process is not None
            assert self._process.poll() is None, said
            time.sleep(0.1)

    def answers(self) -> bool:
        """It greets clients when all of it has started, not when its port is open."""
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=2) as probe:
            probe.sendall(b"AMQP\0\0\x09\x01")
            return probe.recv(1) == b"\x01"
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._signal_all(signal.SIGKILL)
            self._process.wait(10)
        self._process = None

    def hang(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        """The server, what started it, and what it has started."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def block_publishers(self) -> None:
        """As when its memory runs out: it reads no more from connections that publish."""
        self._control("set_vm_memory_high_watermark", "0")

    def let_publish(self) -> None:
        self._control("set_vm_memory_high_watermark", "0.4")

    def queue_depths(self) -> dict[str, int]:
        """Messages by queue, those in a consumer's hand included."""
        listed = self._control("-q", "list_queues", "--no-table-headers", "name", "messages")
        rows = (line.split("\t") for line in listed.splitlines())
        return {name: int(count) for name, count in rows}

    def _control(self, *arguments: str) -> str:
        command = [str(_folder_of_programs() / "rabbitmqctl"), *arguments]
        done = subprocess.run(
            command,
            env=self._environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    def remove(self) -> None:
        self.stop()
        self._names.kill()
        self._names.wait()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _folder_of_programs() -> Path:
    """Debian's own programs of these names change the user and the folders."""
    folders = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    if folders:
        return folders[-1]
    return Path(shutil.which("rabbitmq-server") or "rabbitmq-server").resolve().parent


@contextmanager
def starting_rabbitmq(port: int) -> Iterator[RabbitMqProcess]:
    """Which does not answer yet."""
    server = RabbitMqProcess(port)
    try:
        server.spawn()
        yield server
    finally:
        server.remove()
