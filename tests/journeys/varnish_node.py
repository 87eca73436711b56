"""A Varnish with the configuration that the product ships, before a running product."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.journeys.http_asking import Heard, ask
from tests.journeys.running_product import ROOT, Product, free_port
from tests.own_process import HOST

CONFIGURATION = ROOT / "deploy" / "varnish" / "galley.vcl"
TOKEN = "a-token-of-the-tests"
_START_SECONDS = 60


@contextmanager
def running_varnish(program: str, origin: Product, folder: Path) -> Iterator[Product]:
    """Starts it with nothing changed but where the product is; waits until it answers."""
    node, log = Product(port=free_port()), folder / "varnish.log"
    configuration = folder / "galley.vcl"
    text, places = re.subn(
        r'\.port = "8000"', f'.port = "{origin.port}"', CONFIGURATION.read_text()
    )
    assert places == 1
    configuration.write_text(text)
    command = [program, "-F", "-j", "none", "-n", str(folder / "state"), "-s", "malloc,64m"]
    command += ["-f", str(configuration), "-a", f"{HOST}:{node.port}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=os.environ | {"CDN_PURGE_TOKEN": TOKEN},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(node, process, log)
        yield node
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _wait_for(node: Product, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            if ask(node, "/health/live").status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"Varnish did not start:\n{log.read_text(errors='replace')[-3000:]}")


def is_hit(heard: Heard) -> bool:
    """Whether Varnish had the answer."""
    return heard.headers.get("x-cache") == "hit"
