"""What `bin/serve` serves in test_streams: a long answer that notes how far it has been made."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings.development")
django.setup()

from site_config.serving.django_threads import STREAM_TYPE, DjangoThreads  # noqa: E402
from site_config.serving.rsgi import RsgiExchange, _request  # noqa: E402

PARTS, PART_BYTES = 400, 100_000
FOLDER = Path(os.environ["GALLEY_VAR"])


class Response:
    """Streams as Django's responses do."""

    def __init__(self, name: str, parts: Iterator[bytes]) -> None:
        self.streaming = name != "live"
        self._name, self._parts = name, parts

    def __iter__(self) -> Iterator[bytes]:
        for number, part in enumerate(self._parts, start=1):
            (FOLDER / f"{self._name}.made").write_text(str(number))
            yield part

    def close(self) -> None:
        (FOLDER / f"{self._name}.closed").touch()


def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Response:
    name = environ["PATH_INFO"].rpartition("/")[2]
    start("200 OK", [("Content-Type", "text/plain" if name == "live" else STREAM_TYPE)])
    return Response(name, gated() if name.startswith("gated") else long())


def long() -> Iterator[bytes]:
    for number in range(PARTS):
        yield f"{number:09}\n".encode() * (PART_BYTES // 10)


def gated() -> Iterator[bytes]:
    """The second line comes when the test says so."""
    yield b"first\n"
    until = time.monotonic() + 20
    while not (FOLDER / "gate").exists() and time.monotonic() < until:
        time.sleep(0.01)
    yield b"second\n"


class Application:
    """Two threads, as the product has by default."""

    def __init__(self) -> None:
        self._django = DjangoThreads(answer, 2)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        exchange = RsgiExchange(protocol)
        await self._django.serve(_request(scope), exchange, most_bytes=0, wait_seconds=5)


application = Application()
