"""Answers with bytes that were read at the start: what the server alone costs.

`BENCH_STATIC` names a folder; each file in it is the body of the path of that name.
"""

import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

_BODIES: Final = {
    f"/{file.name}": file.read_bytes() for file in Path(os.environ["BENCH_STATIC"]).iterdir()
}


def _headers(body: bytes) -> list[tuple[str, str]]:
    return [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI."""
    body = _BODIES[environ["PATH_INFO"]]
    start_response("200 OK", _headers(body))
    return [body]


async def asgi(
    scope: dict[str, Any],
    _receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """ASGI."""
    if scope["type"] != "http":
        return
    body = _BODIES[scope["path"]]
    headers = [(name.lower().encode(), value.encode()) for name, value in _headers(body)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def rsgi(scope: Any, protocol: Any) -> None:
    """RSGI."""
    if scope.proto != "http":
        return
    body = _BODIES[scope.path]
    protocol.response_bytes(200, _headers(body), body)
