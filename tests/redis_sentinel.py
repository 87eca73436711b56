"""A primary, its replica and three sentinels of a test's own, as real processes."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.own_process import HOST, OwnProcess, free_port_of
from tests.redis_process import PORTS, RedisProcess

SERVICE = "galley"
_PROGRAM = shutil.which("redis-server") or "redis-server"


class SentinelProcess(OwnProcess):
    """One of those who agree on which server is the master."""

    def __init__(self, folder: Path, master_port: int) -> None:
        self.port = free_port_of(PORTS)
        self._configuration = folder / f"sentinel-{self.port}.conf"
        # It writes what it learns into this file.
        self._configuration.write_text(
            f"bind {HOST}\nport {self.port}\ndir {folder}\n"
            f"sentinel monitor {SERVICE} {HOST} {master_port} 2\n"
            f"sentinel down-after-milliseconds {SERVICE} 1000\n"
            f"sentinel failover-timeout {SERVICE} 6000\n"
        )

    def start(self) -> None:
        command = [_PROGRAM, str(self._configuration), "--sentinel"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def client(self) -> redis.Redis:
        return redis.Redis(host=HOST, port=self.port, socket_timeout=5)

    def master_port(self) -> int:
        _, port = self.client().execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return int(port)


class Group:
    """All of them; `url` is what `REDIS_URL` would say."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.replica = RedisProcess(folder), RedisProcess(folder)
        self._folder = folder
        self.sentinels: list[SentinelProcess] = []

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{item.port}" for item in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    def start(self) -> None:
        self.primary.start()
        self.replica.start()
        self.replica.client().replicaof(HOST, self.primary.port)
        # Sentinels learn of replicas once, then every ten seconds.
        until(lambda: self.replica.client().info("replication")["master_link_status"] == "up")
        self.sentinels = [SentinelProcess(self._folder, self.primary.port) for _ in range(3)]
        for item in self.sentinels:
            item.start()
        until(lambda: all(_is_whole(item) for item in self.sentinels))

    def stop(self) -> None:
        for item in (*self.sentinels, self.replica, self.primary):
            item.stop()


def _is_whole(sentinel: SentinelProcess) -> bool:
    known = next((item for item in _masters(sentinel) if item.get("name") == SERVICE), {})
    return known.get("num-slaves") == "1" and known.get("num-other-sentinels") == "2"


def _masters(sentinel: SentinelProcess) -> list[dict[str, str]]:
    found = sentinel.client().execute_command("SENTINEL", "MASTERS")
    rows = found.values() if isinstance(found, dict) else found
    return [{_text(key): _text(value) for key, value in row.items()} for row in rows]


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def until(is_reached: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if is_reached():
                return
        except (redis.RedisError, OSError):
            pass
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


@contextmanager
def own_group(folder: Path) -> Iterator[Group]:
    group = Group(folder)
    try:
        group.start()
        yield group
    finally:
        group.stop()
