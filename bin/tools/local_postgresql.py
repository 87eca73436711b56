"""A throw-away PostgreSQL cluster on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from processes import HOST, Started, ToolError, free_port, spawn, wait_until
from programs import find_postgresql
from service_users import as_user, data_folder

USER = DATABASE = "galley"
# The server listens on loopback and holds throw-away data.
PASSWORD = "test-only"  # noqa: S105
SYSTEM_USER = "postgres"


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return as_user(SYSTEM_USER, command)


def initialise_cluster(binaries: Path, folder: Path) -> None:
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(password_file, SYSTEM_USER, SYSTEM_USER)
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", USER]
    command += [f"--pwfile={password_file}", "--auth=scram-sha-256"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        as_postgres(command), cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ToolError(f"initdb failed:\n{done.stderr[-2000:]}")


def start_postgresql(home: Path) -> Started:
    """Starts a server with an empty database `galley`."""
    binaries = find_postgresql()
    if binaries is None:
        raise ToolError("PostgreSQL is missing")
    folder, log = data_folder(home, "postgresql", SYSTEM_USER), home / "postgresql.log"
    port = free_port(23432)
    if not (folder / "data" / "PG_VERSION").exists():
        initialise_cluster(binaries, folder)
    options = {
        "listen_addresses": HOST,
        "port": port,
        "unix_socket_directories": folder,
        # The data is thrown away, so nothing need wait for the disk.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "128MB",
    }
    command = [str(binaries / "postgres"), "-D", str(folder / "data")]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    process = spawn(as_postgres(command), log)
    address = ["-h", HOST, "-p", str(port)]
    ping = [str(binaries / "pg_isready"), "-q", *address]
    wait_until(
        lambda: subprocess.run(ping, check=False).returncode == 0, "PostgreSQL", log, process
    )
    subprocess.run(
        [str(binaries / "createdb"), *address, "-U", USER, DATABASE],
        env=os.environ | {"PGPASSWORD": PASSWORD},
        check=True,
    )
    return Started(process.pid, {"postgresql": port}, str(folder))
