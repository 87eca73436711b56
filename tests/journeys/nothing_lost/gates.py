"""Gates at the fault points: a test holds a process in the very moment that a promise protects.

A gate is a file named for its point, and for one process if it is for that one. The first process
that comes to the point makes the file its own by giving it its number, and waits until the file
is gone; the others pass.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.faults import FAULT_POINTS

# Whoever holds it may have died.
_LONGEST_SECONDS: Final = 20.0
# Editors bring new events all the time; a machine that is busy takes its time.
_PATIENCE_SECONDS: Final = 60.0


class GatePlan:
    """In the product's processes, in place of a plan of faults."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pass_point(self, name: str) -> None:
        """Waits where a gate is closed and nobody waits yet."""
        pid = os.getpid()
        for gate in (self._folder / name, self._folder / f"{name}#{pid}"):
            held = gate.with_name(f"{gate.name}@{pid}")
            try:
                gate.rename(held)
            except FileNotFoundError:
                continue
            end = time.monotonic() + _LONGEST_SECONDS
            while held.exists() and time.monotonic() < end:
                time.sleep(0.01)


class Gate:
    """Closed from the beginning; for whoever comes first, or for one process."""

    def __init__(self, folder: Path, point: str, pid: int | None = None) -> None:
        assert point in FAULT_POINTS
        self._file = folder / (point if pid is None else f"{point}#{pid}")
        self._file.touch()

    def wait(self, seconds: float) -> int | None:
        """The process that waits here; None if nobody comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for held in self._held():
                return int(held.name.partition("@")[2])
            time.sleep(0.005)
        return None

    def open(self) -> None:
        """Lets it go on."""
        for file in (self._file, *self._held()):
            file.unlink(missing_ok=True)

    def _held(self) -> Iterator[Path]:
        return self._file.parent.glob(f"{self._file.name}@*")


class Gates:
    """In the test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def close(self, point: str, pid: int) -> Gate:
        """For one process alone."""
        return Gate(self._folder, point, pid)

    @contextmanager
    def holding(self, point: str) -> Iterator[int]:
        """Gives the process that waits at the point; it goes on after the block."""
        gate = Gate(self._folder, point)
        try:
            holder = gate.wait(_PATIENCE_SECONDS)
            assert holder is not None, f"nobody came to {point}"
            yield holder
        finally:
            gate.open()
