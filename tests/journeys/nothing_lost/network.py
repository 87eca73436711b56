"""The ways between the product's processes and the servers, each of which a test may cut.

Where the machine allows it (Linux, root), relays and workers live in a network namespace of their
own, and each server is reached over a pair of virtual cables that ends in a second namespace. A
cut then drops every packet without a word, both ways or one way, and connections stay half open.
Elsewhere each way is a process that passes bytes on, and a cut stops that process.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.journeys.running_product import free_port
from tests.own_process import HOST

ROOT: Final = Path(__file__).resolve().parents[3]
# Nobody has this address: what is sent to it is lost.
NOWHERE: Final = "02:00:00:00:00:99"
SUBNETS: Final = "10.213"
DIRECTIONS: Final = ("both", "there", "back")


def can_cut_cables() -> bool:
    """Whether this process may make network namespaces."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "nsenter", "ip", "setpriv"))):
        return False
    probe = subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True)
    return probe.returncode == 0


class Namespace:
    """A network of its own, which ends with the process that holds it, and that with this one."""

    def __init__(self) -> None:
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "-n", "sleep", "infinity"]
        self._holder = subprocess.Popen(command)
        self.pid = self._holder.pid
        own = Path("/proc/self/ns/net").readlink()
        while (there := Path(f"/proc/{self.pid}/ns/net")).readlink() == own:
            assert self._holder.poll() is None, "no network namespace"
            time.sleep(0.01)
        self.path = str(there)
        self.run("ip", "link", "set", "lo", "up")

    def entering(self) -> list[str]:
        """What stands before a command that is to run inside."""
        return ["nsenter", f"--net={self.path}"]

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [*self.entering(), *command], check=True, capture_output=True, text=True
        )
        return done.stdout

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


class Cable:
    """Two virtual network cards, one in each namespace, and the way to a server behind them."""

    def __init__(self, app: Namespace, edge: Namespace, number: int) -> None:
        self._app, self._edge = app, edge
        self._mine, self._other = f"app{number}", f"edge{number}"
        self.address = f"{SUBNETS}.{number}.1"
        self._app_address = f"{SUBNETS}.{number}.2"
        add = ["ip", "link", "add", self._mine, "type", "veth", "peer", "name", self._other]
        app.run(*add, "netns", str(edge.pid))
        for space, card, address in self._ends():
            space.run("ip", "addr", "add", f"{address}/30", "dev", card)
            space.run("ip", "link", "set", card, "up")

    def _ends(self) -> tuple[tuple[Namespace, str, str], tuple[Namespace, str, str]]:
        return (
            (self._app, self._mine, self._app_address),
            (self._edge, self._other, self.address),
        )

    def cut(self, direction: str) -> None:
        mine, other = self._ends()
        if direction in {"both", "there"}:
            self._misdirect(mine, other[2])
        if direction in {"both", "back"}:
            self._misdirect(other, mine[2])

    def _misdirect(self, end: tuple[Namespace, str, str], target: str) -> None:
        space, card, _ = end
        neighbour = ["ip", "neigh", "replace", target, "lladdr", NOWHERE]
        space.run(*neighbour, "nud", "permanent", "dev", card)

    def heal(self) -> None:
        mine, other = self._ends()
        for (space, card, _), target in ((mine, other[2]), (other, mine[2])):
            with suppress(subprocess.CalledProcessError):
                space.run("ip", "neigh", "del", target, "dev", card)


class Way:
    """One way to one server: `host` and `port` are what the product's processes are told."""

    def __init__(self, name: str, target_port: int, cable: Cable | None, edge: str) -> None:
        self.name, self._cable = name, cable
        self.host = cable.address if cable else HOST
        self.port = target_port if cable else free_port()
        command = ["setpriv", "--pdeathsig", "KILL"] if cable else []
        command += [sys.executable, "-m", "tests.tcp_proxy", str(self.port)]
        command += [HOST, str(target_port)]
        if cable:
            command += [cable.address, edge]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", f"no way to {name}"

    def cut(self, direction: str) -> None:
        if self._cable:
            self._cable.cut(direction)
        else:
            self._process.send_signal(signal.SIGSTOP)

    def heal(self) -> None:
        if self._cable:
            self._cable.heal()
        else:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Network:
    """All ways, by the name of the server; and where the product's processes are to be started."""

    def __init__(self, targets: dict[str, int], *, with_namespaces: bool) -> None:
        self._spaces = [Namespace(), Namespace()] if with_namespaces else []
        self.entering = self._spaces[0].entering() if with_namespaces else []
        self.ways: dict[str, Way] = {}
        for number, (name, port) in enumerate(targets.items()):
            cable = Cable(self._spaces[0], self._spaces[1], number) if with_namespaces else None
            edge = self._spaces[1].path if with_namespaces else ""
            self.ways[name] = Way(name, port, cable, edge)

    @property
    def kind(self) -> str:
        return "namespaces" if self._spaces else "proxies"

    def close(self) -> None:
        for way in self.ways.values():
            way.close()
        for space in self._spaces:
            space.close()


@contextmanager
def network_to(targets: dict[str, int]) -> Iterator[Network]:
    network = Network(targets, with_namespaces=can_cut_cables())
    try:
        yield network
    finally:
        network.close()


def allowed_networks(network: Network) -> str:
    """Where the product may send requests to: its receivers are on this machine."""
    hosts = {way.host for way in network.ways.values()}
    return ",".join(f"{host}/32" for host in sorted(hosts))
