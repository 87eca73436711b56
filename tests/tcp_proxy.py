"""A process that stands before a server, so that a test may stop or hang what its clients reach.

python -m tests.tcp_proxy PORT TARGET_HOST TARGET_PORT [OWN_HOST [NAMESPACE]]

With NAMESPACE, such as /proc/7/ns/net, it listens in that network and connects in its own.
"""

import asyncio
import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.own_process import OwnProcess

HOST = "127.0.0.1"
CLONE_NEWNET = 0x40000000


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _listen(port: int, own_host: str, namespace: str) -> socket.socket:
    """A socket belongs to the network of the thread that makes it, so a thread goes there."""
    made: list[socket.socket] = []

    def make() -> None:
        if namespace:
            with Path(namespace).open() as space:
                failed = ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET)
            if failed:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        made.append(socket.create_server((own_host, port)))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def _expect_signs_of_life(accepted: socket.socket) -> None:
    """As a server that is told to do so, but sooner: the client may be cut off and gone."""
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 3), ("TCP_KEEPINTVL", 1), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            accepted.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _serve(listening: socket.socket, host: str, target: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _expect_signs_of_life(writer.get_extra_info("socket"))
        try:
            other_reader, other_writer = await asyncio.open_connection(host, target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, other_writer), _pass_on(other_reader, writer))

    async with await asyncio.start_server(connect, sock=listening) as server:
        print("ready", flush=True)  # noqa: T201 - who starts it waits for this
        await server.serve_forever()


class Proxy(OwnProcess):
    """A real process: killed it is a server that is gone, stopped one that hangs."""

    def __init__(self, port: int, target_host: str, target_port: int) -> None:
        self.port = port
        self._command = [sys.executable, "-m", "tests.tcp_proxy", str(port)]
        self._command += [target_host, str(target_port)]

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)
        end = time.monotonic() + 10
        while not self._listens():
            assert time.monotonic() < end
            time.sleep(0.02)

    def _listens(self) -> bool:
        with suppress(OSError):
            asyncio.run(self._touch())
            return True
        return False

    async def _touch(self) -> None:
        _, writer = await asyncio.open_connection(HOST, self.port)
        writer.close()


def _main(port: str, host: str, target: str, own_host: str = HOST, namespace: str = "") -> None:
    asyncio.run(_serve(_listen(int(port), own_host, namespace), host, int(target)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
