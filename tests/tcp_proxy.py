"""A process that stands before a server, so that a test may stop or hang what its clients reach.

python -m tests.tcp_proxy PORT TARGET_HOST TARGET_PORT
"""

import asyncio
import subprocess
import sys
import time
from contextlib import suppress

from tests.own_process import OwnProcess

HOST = "127.0.0.1"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _serve(port: int, host: str, target: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_connection(host, target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, other_writer), _pass_on(other_reader, writer))

    async with await asyncio.start_server(connect, HOST, port) as server:
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


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
