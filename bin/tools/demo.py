"""Prepares the demo's data, then runs the web server and the scheduler until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from own_content import OwnContent, recognise
from processes import ToolError, can_listen

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("GALLEY_VAR", ROOT / "var"))
SECRET_KEY = VAR / "secret_key"
CREDENTIALS = VAR / "demo-credentials.json"
PREPARED = VAR / "demo-prepared"
IMPORTED = VAR / "demo-imported.json"
READY_SECONDS = 60
GRACE_SECONDS = 10
LAST_PORT = 65535
# The demo runs on nothing but this checkout, whatever the shell it is started from points at.
FOREIGN_VARIABLES = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "CDN_BACKEND", "S3_BUCKET")


def say(message: str) -> None:
    print(message, flush=True)


def ensure_secret_key() -> None:
    """Makes the key once and keeps it, so that sessions outlive a restart."""
    VAR.mkdir(parents=True, exist_ok=True)
    if SECRET_KEY.exists():
        return
    descriptor = os.open(SECRET_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))


def demo_environment(host: str, port: int) -> dict[str, str]:
    """What the children see."""
    environment = {
        name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES
    }
    names = ["127.0.0.1", "localhost", "[::1]", host]
    # Who listens on every address is reached by names that only the caller knows.
    allowed = "*" if host in {"0.0.0.0", "::"} else ",".join(dict.fromkeys(names))  # noqa: S104
    return environment | {
        "DJANGO_SETTINGS_MODULE": "site_config.settings.development",
        "GALLEY_ROLE": "all",
        "GALLEY_VAR": str(VAR),
        "GALLEY_ADMIN_URL": address(host, port),
        "SECRET_KEY_FILE": str(SECRET_KEY),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "LOG_FORMAT": "plain",
        "ALLOWED_HOSTS": allowed,
        # One writer at a time is SQLite's way: threads of one process share its cache.
        "GALLEY_WORKERS": "1",
        "GALLEY_THREADS": "4",
    }


def address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def source_digest() -> str:
    """Changes with whatever may change what is prepared: our code, its sample, the libraries."""
    digest = hashlib.sha256()
    tops = {path.parent for path in ROOT.glob("*/__init__.py")}
    packages = sorted(tops - {ROOT / "bench", ROOT / "tests"})
    files = (path for package in packages for path in sorted(package.rglob("*")))
    for path in (*files, ROOT / "requirements.txt"):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def prepare(environment: dict[str, str], own: OwnContent | None) -> None:
    """Migrates and loads what is missing; takes no time when nothing has changed since."""
    digest, database = source_digest(), VAR / "galley.sqlite3"
    is_prepared = PREPARED.exists() and PREPARED.read_text() == digest and database.exists()
    fingerprint = own.fingerprint() if own else ""
    if is_prepared and (own is None or is_imported(own, fingerprint)):
        return
    # WhiteNoise warns when it is not there; the demo's files come from the packages.
    (VAR / "static").mkdir(exist_ok=True)
    command = [sys.executable, "bin/tools/prepare_demo.py"]
    if own:
        command += ["--import", own.command, str(own.path), own.title]
        say(f"Importing {own.path}.")
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise ToolError("the demo's data could not be prepared; see the message above")
    PREPARED.write_text(digest)
    if own:
        imports = read_imports()
        imports[str(own.path)]["fingerprint"] = fingerprint
        IMPORTED.write_text(json.dumps(imports, indent=2))


def read_imports() -> dict[str, dict[str, str]]:
    """By path: the fingerprint of what was imported and the path of its report in the admin."""
    return json.loads(IMPORTED.read_text()) if IMPORTED.exists() else {}


def is_imported(own: OwnContent, fingerprint: str) -> bool:
    """Whether this content was imported as it is now."""
    return read_imports().get(str(own.path), {}).get("fingerprint") == fingerprint


def reset() -> None:
    """Deletes the demo's database, uploads and passwords."""
    for path in (*VAR.glob("galley.sqlite3*"), CREDENTIALS, PREPARED, IMPORTED):
        path.unlink(missing_ok=True)
    shutil.rmtree(VAR / "media", ignore_errors=True)
    say("The demo's data is deleted.")


def die_with_parent() -> None:
    """On Linux, has the kernel end this child when the demo itself is killed outright."""
    with contextlib.suppress(OSError, AttributeError):
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def start_child(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own: a Ctrl-C in the terminal reaches only this process, which then ends
    # its children in order.
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509  # no threads run here
    )


def end_children(children: list[subprocess.Popen[bytes]]) -> None:
    """Asks each to end, then ends whatever is left of its process group."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def wait_until_live(host: str, port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Returns when the server answers; raises when a child ends first or it takes too long."""
    target = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(target, port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/live", headers={"Host": "localhost"})
            if connection.getresponse().status == http.client.OK:
                return
        connection.close()
        if any(child.poll() is not None for child in children):
            raise ToolError("a part of the demo ended while starting; see its message above")
        time.sleep(0.1)
    raise ToolError(f"the server did not answer within {READY_SECONDS} s")


def print_addresses(host: str, port: int) -> None:
    base = address(host, port)
    say(f"\nGalley runs. Ctrl-C stops it.\n\n  Admin  {base}/admin/")
    say(f"  API    {base}/api/v1/content\n  Docs   {base}/api/docs\n")
    for path, imported in read_imports().items():
        say(f"  What became of {path}:\n         {base}{imported['report']}\n")
    if CREDENTIALS.exists():
        for email, password in json.loads(CREDENTIALS.read_text()).items():
            say(f"  {email:<24}{password}")
    say(f"\nData and passwords are kept in {VAR}.")


def serve(host: str, port: int, environment: dict[str, str]) -> int:
    """Runs the server and the scheduler until a signal comes or one of them ends."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children: list[subprocess.Popen[bytes]] = []
    try:
        children.append(start_child(["bin/serve", host, str(port)], environment))
        wait_until_live(host, port, children)
        print_addresses(host, port)
        # Only now: it loads as much code as the server, whose first answer people wait for.
        scheduler = [sys.executable, "manage.py", "run_scheduler", "--with-relay"]
        children.append(start_child(scheduler, environment))
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        raise ToolError("a part of the demo ended unexpectedly; see its message above")
    except KeyboardInterrupt:
        say("\nStopping.")
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        end_children(children)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--reset", action="store_true", help="delete the demo's data first")
    parser.add_argument(
        "--import",
        dest="own",
        metavar="PATH",
        help="your own content: a WordPress export (.xml) or a folder of Markdown files",
    )
    # bin/demo changes folder before it starts this.
    parser.add_argument("--from", dest="folder", type=Path, default=Path(), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    host, port = arguments.host, arguments.port
    if not 0 < port <= LAST_PORT:
        parser.error(f"--port must be from 1 to {LAST_PORT}")
    try:
        own = (
            recognise(arguments.folder / Path(arguments.own).expanduser())
            if arguments.own
            else None
        )
        if not can_listen(host, port):
            raise ToolError(
                f"{host}:{port} cannot be used: another program listens there, or it is not allowed."
                f" Try another one: bin/demo --port {port + 1}"
            )
        if arguments.reset:
            reset()
        ensure_secret_key()
        environment = demo_environment(host, port)
        prepare(environment, own)
        return serve(host, port, environment)
    except ToolError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
