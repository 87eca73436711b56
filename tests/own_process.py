"""A server of a test's own: a real process, which the test may end, hang and let go on."""

import random
import signal
import socket
import subprocess
from collections.abc import Sequence

HOST = "127.0.0.1"


def free_port_of(ports: Sequence[int]) -> int:
    """One on which nobody listens. Parallel test processes begin in different places."""
    for port in random.sample(ports, 100):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return port
    raise RuntimeError(f"no free port found from {ports[0]} to {ports[-1]}")


class OwnProcess:
    """Killed it is a server that is gone, stopped one that takes connections and answers nothing."""

    _process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """All that it held is lost, every connection ends. A second call does nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
        self._process = None

    def hang(self) -> None:
        """Connections stay, and nothing comes through."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
