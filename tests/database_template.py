"""Test databases copied from one that was migrated once.

Wagtail's and our migrations take 18 CPU seconds, and each worker on each database would run them.
So the first one to come migrates a template, named by what goes into it, and all copy that: a file
under var/ for SQLite, a template database of the same server for PostgreSQL.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connections
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "test-templates"


@cache
def content_hash() -> str:
    """Changes with every migration of ours, and with every library that may bring one.

    Read once: a run goes on with the template that it began with, whatever is edited meanwhile.
    """
    digest = hashlib.sha256()
    migrations = ROOT.glob("*/migrations/*.py")
    for path in sorted([*migrations, ROOT / "requirements.txt"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Held by the worker that makes the template; the others wait for it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(database_url: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "site_config.settings.test",
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the migrations failed:\n{done.stdout}{done.stderr}")


def copy_sqlite_template(target: Path) -> None:
    template = FOLDER / f"{content_hash()}.sqlite3"
    with one_at_a_time():
        if not template.exists():
            for outdated in FOLDER.glob("*.sqlite3*"):
                outdated.unlink()
            unfinished = template.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            migrate(f"sqlite:///{unfinished}")
            unfinished.rename(template)
    for journal in (f"{target}-wal", f"{target}-shm"):
        Path(journal).unlink(missing_ok=True)
    shutil.copyfile(template, target)


def server_address() -> str:
    settings = connections["default"].settings_dict
    user, password = quote(settings["USER"]), quote(settings["PASSWORD"])
    return f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT']}"


def template_name() -> str:
    return f"galley_template_{content_hash()}"


def copy_postgresql_template(target: str) -> None:
    server, template = server_address(), template_name()
    with one_at_a_time(), psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
        if (template,) not in names:
            unfinished = f"{template}_unfinished"
            for command in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
                connection.execute(sql.SQL(command).format(sql.Identifier(unfinished)))
            migrate(f"{server}/{unfinished}")
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(template)))
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(target)))
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(sql.Identifier(target), sql.Identifier(template)))


@cache
def template_rows() -> str:
    """The SQL that fills emptied tables again: a tenth of the time of a new copy."""
    command = ["pg_dump", "--data-only", "--rows-per-insert=1000"]
    command += ["--exclude-table=django_migrations", f"{server_address()}/{template_name()}"]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Two lines are for psql alone.
    return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)


def restore_template(target: str) -> None:
    """Brings `target` back to what the migrations put into it, whatever a test committed."""
    if connections["default"].vendor == "sqlite":
        copy_sqlite_template(Path(target))
    elif shutil.which("pg_dump"):
        with psycopg.connect(f"{server_address()}/{target}") as connection:
            # Most tables are empty, which DELETE finds out sooner than TRUNCATE makes new files.
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(_EMPTY_ALL_TABLES)
            connection.execute(template_rows().encode())
    else:
        copy_postgresql_template(target)


_EMPTY_ALL_TABLES = """
DO $$ DECLARE name text; BEGIN
  FOR name IN
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'django_migrations'
  LOOP EXECUTE format('DELETE FROM public.%I', name); END LOOP;
END $$
"""


def copy_template(target: str) -> None:
    """Makes `target` (a file, or a database of the server) equal to the migrated template."""
    if connections["default"].vendor == "sqlite":
        copy_sqlite_template(Path(target))
    else:
        copy_postgresql_template(target)
