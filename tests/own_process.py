"""A server of a test's own: a real process, which the test may end, hang and let go on."""

import signal
import subprocess


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
