"""The product as an ASGI server sees it, without a server."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from pytest_django import Settings

from site_config.serving.asgi import AsgiApplication

pytestmark = pytest.mark.django_db(transaction=True)

OPENAPI = "/api/v1/openapi.json"


class Caller:
    """Speaks ASGI to an application."""

    def __init__(self) -> None:
        self.application = AsgiApplication()

    async def ask(
        self, path: str, method: str = "GET", parts: tuple[bytes, ...] = (b"",), **more: str
    ) -> tuple[int, dict[str, str], bytes]:
        query = path.partition("?")[2].encode()
        headers = {"host": "localhost", **{k.replace("_", "-"): v for k, v in more.items()}}
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path.partition("?")[0],
            "query_string": query,
            "http_version": "1.1",
            "client": ("127.0.0.1", 1234),
            "server": ("127.0.0.1", 80),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        waiting = [
            {"type": "http.request", "body": part, "more_body": place < len(parts)}
            for place, part in enumerate(parts, start=1)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return waiting.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        assert [item["type"] for item in sent[:1]] == ["http.response.start"]
        assert not sent[-1].get("more_body", False)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(item["body"] for item in sent[1:])

    async def live(self, *kinds: str) -> list[str]:
        waiting, sent = list(kinds), []

        async def receive() -> dict[str, Any]:
            return {"type": waiting.pop(0)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message["type"])

        # A server would wait for the next message; here there is none.
        with suppress(IndexError):
            await self.application({"type": "lifespan"}, receive, send)
        return sent


async def check_requests(caller: Caller) -> None:
    status, headers, body = await caller.ask(OPENAPI)
    assert status == 200
    assert headers["cache-status"] == "Galley; fwd=miss; stored"
    again = await caller.ask(OPENAPI)
    assert again[1]["cache-status"].startswith("Galley; hit")
    assert again[2] == body
    assert (await caller.ask(OPENAPI, "HEAD"))[2] == b""
    held = await caller.ask(OPENAPI, if_none_match=headers["etag"])
    assert (held[0], held[2]) == (304, b"")
    other = await caller.ask(f"{OPENAPI}?x=1")
    assert (other[0], other[1]["cache-status"]) == (200, "Galley; fwd=miss; fwd-status=200")
    posted = await caller.ask(OPENAPI, "POST", (b"a", b"b"), content_length="2")
    assert posted[0] == 405
    missing = await caller.ask("/api/v1/nothing")
    assert (missing[0], missing[1]["content-type"]) == (404, "application/problem+json")
    assert (await caller.ask("/health/live"))[2] == b'{"status": "alive"}'
    static = await caller.ask("/static/wagtailadmin/css/core.css")
    assert len(static[2]) == int(static[1]["content-length"]) > 100_000


async def wait_until_it_listens(caller: Caller) -> None:
    """What is asked before the first look at the ledger is answered, and not kept."""
    async with asyncio.timeout(20):
        while json.loads((await caller.ask("/health/cache"))[2])["purges"] == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_requests_from_the_start_to_the_end(settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = True  # nothing is collected where only tests run

    async def work() -> None:
        caller = Caller()
        assert await caller.live("lifespan.startup") == ["lifespan.startup.complete"]
        try:
            await wait_until_it_listens(caller)
            await check_requests(caller)
        finally:
            assert await caller.live("lifespan.shutdown") == ["lifespan.shutdown.complete"]

    asyncio.run(work())
