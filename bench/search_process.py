"""Processes with settings of their own, whose whole output is one answer."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from bench.database import ROOT, BenchError


def run_worker(module: Sequence[str], variables: Mapping[str, str], told: str = "") -> str:
    """What a module prints, given its arguments and what it reads from its input.

    Raises:
        BenchError: it failed; the message has the end of what it said.
    """
    return _run(["-m", *module], variables, told)


def run_manage(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """What a management command prints. Raises as `run_worker` does."""
    return _run(["manage.py", *command], variables, "")


def _run(command: Sequence[str], variables: Mapping[str, str], told: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=dict(variables),
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout
