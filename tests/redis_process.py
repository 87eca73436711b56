"""A Redis server of a test's own, which may be stopped, hung and flushed without harm to others."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.own_process import HOST, OwnProcess, free_port_of

PORTS = range(23800, 24500)


class RedisProcess(OwnProcess):
    """Always on the same port, whether it runs or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port_of(PORTS)
        self.url = f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        command = [shutil.which("redis-server") or "redis-server", "--port", str(self.port)]
        command += ["--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        command += self.options()
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while True:
            try:
                self.client().ping()
            except redis.ConnectionError:
                assert time.monotonic() < end, "Redis did not start"
                time.sleep(0.02)
            else:
                return

    def options(self) -> list[str]:
        """What this kind of server is told besides."""
        return []

    def client(self) -> redis.Redis:
        return redis.Redis(host=HOST, port=self.port, socket_timeout=5)


@contextmanager
def own_redis(folder: Path) -> Iterator[RedisProcess]:
    server = RedisProcess(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
