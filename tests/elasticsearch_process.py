"""An Elasticsearch node of a test's own, which may be killed and hung without harm to others."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elasticsearch import ApiError, Elasticsearch, TransportError

from tests.own_process import HOST, OwnProcess, free_port_of

PORTS = range(26200, 26900)
START_SECONDS = 180
PROGRAM = Path(__file__).resolve().parents[1] / "bin/tools/local_elasticsearch.py"


class ElasticsearchProcess(OwnProcess):
    """Always on the same port and data, whether it runs or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port_of(PORTS)
        self.url = f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Returns when it answers, and has found its indexes again."""
        command = [sys.executable, str(PROGRAM), str(self.port), str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            said = (self._folder / "log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < end, said
            assert self._process.poll() is None, said
            time.sleep(0.1)

    def recover(self) -> None:
        """Undoes whatever a test has done to it."""
        if self._process is None:
            self.start()
        else:
            self.go_on()

    def _answers(self) -> bool:
        with Elasticsearch(self.url, max_retries=0, request_timeout=10) as client:
            try:
                client.cluster.health(wait_for_status="yellow", timeout="1s")
            except (ApiError, TransportError):
                return False
        return True


@contextmanager
def own_elasticsearch(folder: Path) -> Iterator[ElasticsearchProcess]:
    server = ElasticsearchProcess(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
