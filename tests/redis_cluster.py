"""A cluster of three servers of a test's own, as real processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.own_process import HOST
from tests.redis_process import RedisProcess
from tests.redis_sentinel import until

_SLOTS = 16_384


class ClusterNode(RedisProcess):
    """Knows of no other node until it is told."""

    @property
    def bus_port(self) -> int:
        return self.port + 5000

    def options(self) -> list[str]:
        return [
            *("--cluster-enabled", "yes", "--cluster-node-timeout", "2000"),
            *("--cluster-config-file", f"nodes-{self.port}.conf"),
            *("--cluster-port", str(self.bus_port)),
        ]


class Cluster:
    """All of them; `url` is what `REDIS_URL` would say."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [ClusterNode(folder) for _ in range(3)]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{HOST}:{node.port}' for node in self.nodes)}"

    def start(self) -> None:
        for node in self.nodes:
            node.start()
        share = _SLOTS // 3
        for number, node in enumerate(self.nodes):
            last = _SLOTS if number == 2 else (number + 1) * share
            node.client().execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last - 1)
            first = self.nodes[0]
            node.client().execute_command("CLUSTER", "MEET", HOST, first.port, first.bus_port)
        until(lambda: all(_is_whole(node) for node in self.nodes))

    def owner(self, key: str) -> ClusterNode:
        """The node that has the key."""
        slot = self.nodes[0].client().execute_command("CLUSTER", "KEYSLOT", key)
        return self.nodes[min(int(slot) // (_SLOTS // 3), 2)]

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()


def _is_whole(node: ClusterNode) -> bool:
    found = node.client().execute_command("CLUSTER", "INFO")
    text = found.decode() if isinstance(found, bytes) else str(found)
    return "cluster_state:ok" in text and "cluster_known_nodes:3" in text


@contextmanager
def own_cluster(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
