"""Answers with bytes that were read at the start: what the server alone costs.

`BENCH_STATIC` names a folder; each file in it is the body of the path of that name. Where a file
`NAME.headers` is beside it, `/NAME.whole` answers with the headers in it, too: a list of pairs.
"""

import json
import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

_Answer = tuple[list[tuple[str, str]], bytes]


def _answers(folder: Path) -> dict[str, _Answer]:
    found: dict[str, _Answer] = {}
    for file in folder.iterdir():
        if file.suffix == ".headers":
            continue
        body = file.read_bytes()
        plain = [("content-type", "application/json"), ("content-length", str(len(body)))]
        found[f"/{file.name}"] = plain, body
        whole = file.with_suffix(".headers")
        if whole.exists():
            pairs = [(name, value) for name, value in json.loads(whole.read_text())]
            found[f"/{file.name}.whole"] = pairs, body
    return found


_ANSWERS: Final = _answers(Path(os.environ["BENCH_STATIC"]))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI."""
    headers, body = _ANSWERS[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return [body]


async def asgi(
    scope: dict[str, Any],
    _receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """ASGI."""
    if scope["type"] != "http":
        return
    headers, body = _ANSWERS[scope["path"]]
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def rsgi(scope: Any, protocol: Any) -> None:
    """RSGI."""
    if scope.proto != "http":
        return
    headers, body = _ANSWERS[scope.path]
    protocol.response_bytes(200, headers, body)
