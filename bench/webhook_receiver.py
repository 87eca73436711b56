"""A receiver of webhooks on loopback that answers at once, and remembers what came when.

In a process of its own, so that what it uses is counted apart. Started by `bench.ledger_drain`:
`python -m bench.webhook_receiver PORT FILE`; writes `{id: first seen, Unix seconds}` at SIGTERM.
"""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Final

_ANSWER: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_NAME: Final = b"webhook-id:"
_LENGTH: Final = b"content-length:"


class Receiver(asyncio.Protocol):
    """One connection: reads requests one after another, as they come."""

    def __init__(self, seen: dict[str, float]) -> None:
        self._seen = seen
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps what answers go to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each request that is whole."""
        came = time.time()
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower()
            whole = end + 4 + int(_header(head, _LENGTH) or 0)
            if len(self._rest) < whole:
                return
            self._rest = self._rest[whole:]
            self._seen.setdefault(_header(head, _NAME), came)
            assert self._transport is not None
            self._transport.write(_ANSWER)


def _header(head: bytes, name: bytes) -> str:
    start = head.find(b"\r\n" + name)
    if start < 0:
        return ""
    start += 2 + len(name)
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip().decode()


async def serve(port: int, file: Path) -> None:
    """Receives until SIGTERM. SIGUSR1 forgets what came so far, SIGUSR2 writes it down."""
    seen: dict[str, float] = {}
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def write() -> None:
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(seen))
        partial.rename(file)

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, seen.clear)
    loop.add_signal_handler(signal.SIGUSR2, write)
    server = await loop.create_server(lambda: Receiver(seen), "127.0.0.1", port)
    async with server:
        await stop.wait()
    write()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
