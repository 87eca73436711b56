"""`bin/bench import`: a folder of Markdown into an empty website, on both databases."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from bench.database import ROOT, BenchError, environment
from bench.report import machine, table

_FOLDER: Final = "rust-blog"
_BASE_URL: Final = "https://blog.rust-lang.org"
_DATABASE: Final = "galley_bench_import"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """One import: on which database, and what the worker measured."""

    database: str
    measured: Mapping[str, Any]

    @property
    def files_per_second(self) -> float:
        """By the clock."""
        return float(self.measured["files"] / self.measured["seconds"])


def shared_folder() -> Path:
    """The Markdown folder. Raises `BenchError` where this machine has none."""
    root = Path(os.environ.get("GALLEY_SHARED_DATA", str(ROOT.parent / "shared" / "data")))
    folder = root / _FOLDER
    if not folder.is_dir():
        raise BenchError(
            f"{folder} is not there; GALLEY_SHARED_DATA names the folder that has {_FOLDER}/"
        )
    return folder


def run_imports() -> list[ImportResult]:
    """An import into SQLite and one into PostgreSQL, where there is one."""
    folder = shared_folder()
    results = []
    with tempfile.TemporaryDirectory(prefix="galley-bench-") as scratch:
        url = f"sqlite:///{scratch}/galley.sqlite3"
        results.append(ImportResult("SQLite", _measure(folder, url, Path(scratch))))
    server = os.environ.get("DATABASE_URL", "")
    if server.startswith("postgres"):
        with tempfile.TemporaryDirectory(prefix="galley-bench-") as scratch:
            url = _empty_database(server)
            results.append(ImportResult("PostgreSQL", _measure(folder, url, Path(scratch))))
    return results


def _empty_database(server_url: str) -> str:
    name = sql.Identifier(_DATABASE)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
    return f"{server_url.rpartition('/')[0]}/{_DATABASE}"


def _measure(folder: Path, database_url: str, scratch: Path) -> dict[str, Any]:
    variables = environment(database_url, GALLEY_VAR=str(scratch), BENCH_BASE_URL=_BASE_URL)
    done = subprocess.run(
        [sys.executable, "-m", "bench.import_worker", str(folder), str(scratch / "report")],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"the import failed:\n{done.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def import_report(results: list[ImportResult]) -> str:
    """Two tables: how fast, and where the time goes."""
    rows = [
        [
            result.database,
            f"{result.measured['files']}",
            f"{result.measured['seconds']:.1f}",
            f"{result.files_per_second:.1f}",
            f"{result.measured['main_seconds']:.1f}",
            f"{result.measured['cpu_seconds'] - result.measured['main_seconds']:.1f}",
            f"{result.measured['memory_mib']:.0f}",
        ]
        for result in results
    ]
    header = ["", "files", "seconds", "files/s", "CPU s, import", "CPU s, sizes", "peak MiB"]
    names = dict.fromkeys(name for result in results for name in result.measured["parts"])
    shares = [[name, *(_share(result, name) for result in results)] for name in names]
    parts = ["Where the import's own CPU time goes", *(result.database for result in results)]
    return f"{machine()}\n\n{table(header, rows)}\n\n{table(parts, shares)}"


def _share(result: ImportResult, name: str) -> str:
    parts = result.measured["parts"]
    return f"{100 * parts.get(name, 0) / max(1, sum(parts.values())):.0f} %"
