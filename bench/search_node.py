"""An Elasticsearch node for a benchmark of speed: with room and the whole compiler, as in production.

That of `bin/services` is for tests: it has 256 MiB and compiles once, to start soon.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.database import ROOT, VAR
from bench.load_generator import HOST
from bench.servers import end_server, free_port, wait_until_it_answers

_PROGRAM: Final = ROOT / "bin" / "tools" / "local_elasticsearch.py"
_JAVA_OPTIONS: Final = ("-Xms1g", "-Xmx1g", "-XX:+UseSerialGC")


@dataclass(frozen=True, slots=True)
class Node:
    """One that runs."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def node_running() -> Iterator[Node]:
    """An empty node, until the block ends.

    Raises:
        BenchError: it does not answer within a minute.
    """
    log = VAR / "elasticsearch.log"
    with tempfile.TemporaryDirectory(prefix="galley-bench-") as data, log.open("wb") as output:
        port = free_port()
        command = [sys.executable, str(_PROGRAM), str(port), str(Path(data)), *_JAVA_OPTIONS]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_until_it_answers(process, port, "/_cluster/health?wait_for_status=yellow", log)
            yield Node(port, process.pid)
        finally:
            end_server(process)
