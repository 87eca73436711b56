"""A long answer that granian reads as if it were a file, as fast as its caller takes it.

What granian's own stream is given it keeps in memory until the caller has it: all of a long
list for each caller who reads slowly. A file it reads bit by bit. So it is given a named pipe:
the pipe holds little, whoever writes to it waits for the caller, and sees when he has gone.
"""

import asyncio
import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from site_config.serving.exchange import CallerGone

PIPE_BYTES: Final = 256 * 1024
OPEN_SECONDS: Final = 10.0
"""Within this, granian has opened what it was told to send, unless its caller has gone."""
_LOOK_SECONDS: Final = 0.001


class Pipe:
    """The end of a pipe that is written to. Belongs to one event loop."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        # A kernel may allow less, and only Linux's knows of it.
        with suppress(OSError, AttributeError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    @classmethod
    async def open(cls, begin: Callable[[str], object]) -> "Pipe":
        """Makes a pipe and has `begin` read it, which gets its path.

        Raises:
            CallerGone: nobody reads it.
        """
        with tempfile.TemporaryDirectory(prefix="galley-stream-") as folder:
            path = f"{folder}/lines"
            os.mkfifo(path, 0o600)
            begin(path)
            return cls(await _when_read(path))

    async def send(self, part: bytes) -> None:
        """Returns when all of it is in the pipe.

        Raises:
            CallerGone: nobody reads any more.
        """
        left = memoryview(part)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                await self._room()
            except BrokenPipeError:
                raise CallerGone from None

    async def end(self) -> None:
        """The caller gets what is in the pipe still."""
        self.abandon()

    def abandon(self) -> None:
        """The same: a reader of a pipe cannot be told that something is missing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    async def _room(self) -> None:
        loop = asyncio.get_running_loop()
        room = asyncio.Event()
        loop.add_writer(self._descriptor, room.set)
        try:
            await room.wait()
        finally:
            loop.remove_writer(self._descriptor)


async def _when_read(path: str) -> int:
    """The descriptor to write to, once there is a reader: before, it cannot be opened."""
    looks_until = time.monotonic() + OPEN_SECONDS
    while time.monotonic() < looks_until:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        await asyncio.sleep(_LOOK_SECONDS)
    raise CallerGone
