"""What processes have used, from /proc: CPU seconds and memory, of a process and all below it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    ticks: int
    """Its own and those of its children that have ended."""


def _read(pid: str) -> _Process | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return _Process(int(pid), int(fields[1]), sum(map(int, fields[11:15])))


def process_tree(pid: int) -> list[int]:
    """The ids of a process and of all below it."""
    found = [_read(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    children: dict[int, list[int]] = {}
    for process in found:
        if process is not None:
            children.setdefault(process.parent, []).append(process.pid)
    tree = [pid]
    for member in tree:
        tree += children.get(member, [])
    return tree


def cpu_seconds(pid: int) -> float:
    """CPU seconds, in user space and in the kernel, of a process and all below it so far."""
    members = [_read(str(member)) for member in process_tree(pid)]
    return sum(member.ticks for member in members if member is not None) / _TICKS_PER_SECOND


def memory_mib(pid: int) -> float:
    """Memory of a process and all below it; pages that several share count once (PSS)."""
    total = 0
    for member in process_tree(pid):
        try:
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        for line in rollup.splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def parent_of(pid: int) -> int:
    """The id of the process that started this one."""
    process = _read(str(pid))
    return process.parent if process is not None else 0
