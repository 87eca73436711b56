"""The database of the benchmarks: loaded once, kept for the next run.

It lies in the PostgreSQL server that `bin/services` runs, under a name that tells what it was
made from, and as a dump under `var/bench`, since that server's data goes when it stops.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

ROOT: Final = Path(__file__).resolve().parents[1]
VAR: Final = ROOT / "var" / "bench"
_PREFIX: Final = "galley_bench_"
# What decides which rows there are, besides the number of posts.
_SOURCES: Final = (
    "bench/bulk_pages.py",
    "bench/content.py",
    "bench/loading.py",
    "bench/posts.py",
    "*/migrations/*.py",
    "cms/blocks/*.py",
    "cms/document_builders/*.py",
    "cms/publishing.py",
    "delivery/prepared.py",
    "delivery/saving.py",
)


class BenchError(Exception):
    """Something that the benchmark needs is missing; the message tells what to do."""


def fingerprint(posts: int) -> str:
    """Tells databases apart that were made from other content or by other code."""
    digest = hashlib.blake2b(str(posts).encode(), digest_size=6)
    for pattern in _SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def environment(database_url: str, **variables: str) -> dict[str, str]:
    """The variables of a process of the product, in production settings, on this database."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("S3_", "REDIS_", "GALLEY_", "DJANGO_", "PYTHONDONTWRITE"))
    }
    return inherited | {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "bench-only-" + "x7Qw_" * 12,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "site_config.settings.production",
        "GALLEY_VAR": str(VAR / "data"),
        "LOG_LEVEL": "WARNING",
        **variables,
    }


def prepare_database(server_url: str, posts: int) -> str:
    """The URL of a database with so many posts, made or brought back if need be."""
    family = f"{_PREFIX}{posts}_"
    name = f"{family}{fingerprint(posts)}"
    base = server_url.rpartition("/")[0]
    url = f"{base}/{name}"
    VAR.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(_libpq(server_url), autocommit=True) as server:
        known = [row[0] for row in server.execute("SELECT datname FROM pg_database")]
        if name in known:
            return url
        unfinished = f"{name}_loading"
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(unfinished)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        _fill(f"{base}/{unfinished}", VAR / f"{name}.dump", posts)
        for stale in known:
            if stale.startswith(family) and stale != unfinished:
                server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(stale)))
        # The name is given last, so that a database of that name is always whole.
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return url


def _fill(url: str, dump: Path, posts: int) -> None:
    begun = time.monotonic()
    if dump.exists():
        _postgresql("pg_restore", "--no-owner", "--dbname", _libpq(url), str(dump))
        with psycopg.connect(_libpq(url), autocommit=True) as database:
            database.execute("VACUUM (ANALYZE)")
        _say(f"brought {posts} posts back in {time.monotonic() - begun:.0f} s")
        return
    settings = environment(url, DJANGO_SETTINGS_MODULE="bench.reference.settings")
    _say(f"loading {posts} posts, 200 services and 100 profiles (once; later runs reuse them)")
    for command in (["migrate", "--verbosity", "0"], ["load_bench", str(posts)]):
        _run([sys.executable, "manage.py", *command], settings)
    for stale in dump.parent.glob(f"{_PREFIX}{posts}_*.dump"):
        stale.unlink()
    _postgresql("pg_dump", "--format=custom", "--file", str(dump), _libpq(url))
    _say(f"loaded in {time.monotonic() - begun:.0f} s")


def _run(command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=variables, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command[:3])} failed with status {done.returncode}")


def _postgresql(program: str, *arguments: str) -> None:
    found = next(_candidates(program), None)
    if found is None:
        raise BenchError(f"{program} is missing: install PostgreSQL's client")
    _run([found, *arguments])


def _candidates(program: str) -> Iterator[str]:
    """Debian keeps the programs of each version off the path, and they must match the server."""
    folders = Path("/usr/lib/postgresql").glob(f"*/bin/{program}")
    yield from map(str, sorted(folders, key=lambda file: int(file.parts[-3]), reverse=True))
    on_path = shutil.which(program)
    if on_path:
        yield on_path


def _libpq(url: str) -> str:
    return url.replace("postgres://", "postgresql://", 1)


def connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of the benchmark's own."""
    return psycopg.connect(_libpq(url), autocommit=True)


def _say(message: str) -> None:
    print(f"bench: {message}", file=sys.stderr, flush=True)
