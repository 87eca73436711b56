"""The product as it runs: its server in a process of its own, on the test's database."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from tests.own_process import HOST, free_port_of

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 20
# Below the ports that the kernel hands out for outgoing connections.
PORTS = range(25000, 30000)


@dataclass(frozen=True)
class Answer:
    """What the API said: the status, and the JSON if it was JSON."""

    status: int
    body: Any


@dataclass(frozen=True)
class Product:
    """A running Galley, asked over HTTP alone."""

    port: int
    pid: int = 0

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def get(self, path: str) -> Answer:
        with closing(HTTPConnection(HOST, self.port, timeout=60)) as http:
            http.request("GET", path)
            response = http.getresponse()
            body = response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            return Answer(response.status, json.loads(body) if is_json else body)

    def resolve(self, path: str) -> Answer:
        return self.get(f"/api/v1/content/resolve?path={quote(path, safe='')}")


@contextmanager
def running_product(log: Path, **variables: str) -> Iterator[Product]:
    """Starts `bin/serve` as the demo does, and ends it with all that it started.

    `variables` stand in its environment in place of the usual ones.
    """
    product = Product(port=free_port())
    with log.open("wb") as output:
        process = subprocess.Popen(
            [ROOT / "bin" / "serve", HOST, str(product.port)],
            cwd=ROOT,
            env=environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until_live(product, process, log)
        yield replace(product, pid=process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment() -> dict[str, str]:
    """Nothing but what this server needs, whatever the shell of the test points at."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        "PATH": programs,
        "HOME": os.environ.get("HOME", "/"),
        "DJANGO_SETTINGS_MODULE": "site_config.settings.development",
        "DATABASE_URL": database_url(),
        "GALLEY_ROLE": "all",
        "GALLEY_VAR": str(settings.VAR_DIR),
        "LOG_LEVEL": "INFO",
        "GALLEY_WORKERS": "1",
        "GALLEY_THREADS": "4",
    }


def database_url() -> str:
    """Of the database that the test itself uses."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    user, password = quote(values["USER"]), quote(values["PASSWORD"])
    return f"postgres://{user}:{password}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def free_port() -> int:
    return free_port_of(PORTS)


def wait_until_live(product: Product, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, HTTPException):
            if product.get("/health/live").status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")
