"""A cache before an origin that answers what a test tells it, on a clock that the test moves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from delivery.response_cache import cache as cache_module
from delivery.response_cache.cache import ResponseCache
from delivery.response_cache.messages import Ask, Asker, Fetched, OriginAway, Reply
from delivery.response_cache.trust import Trust

PUBLIC = "public, max-age=0, s-maxage=60, stale-while-revalidate=30, stale-if-error=86400"
FOR_EVER = 1e12


def page(body: bytes = b"one", tags: str = "d-1", control: str = PUBLIC, **more: str) -> Fetched:
    """A public answer as Django gives it."""
    headers = {
        "content-type": "application/json",
        "etag": f'"{hash(body) & 0xFFFFFF:x}"',
        "cache-control": control,
        "surrogate-key": tags,
        "cache-tag": tags.replace(" ", ","),
        "x-request-id": "of-the-origin",
    }
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return Fetched(200, [item for item in headers.items() if item[1]], body)


def problem(status: int) -> Fetched:
    return Fetched(status, [("cache-control", "no-store")], b'{"status": %d}' % status)


def ask(path: str = "/api/v1/content", query: str = "", host: str = "example.com") -> Ask:
    return Ask("https", host, path, query)


@dataclass
class FakeOrigin:
    """Answers by path; waits at the gate when it is closed."""

    answers: dict[str, Fetched | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def fetch(self, ask: Ask, *, seconds: float) -> Fetched:
        self.asked.append(ask.path)
        # What is read is read before the wait: a slow answer is an old one.
        answer = self.answers.get(ask.path, page())
        if self.gate is not None:
            await self.gate.wait()
        if answer is None:
            raise OriginAway
        return answer


class Bench:
    """The cache with all around it."""

    def __init__(self, limit_bytes: int = 1_000_000) -> None:
        self.now = 1000.0
        self.origin = FakeOrigin()
        self.trust = Trust()
        self.trust.until = FOR_EVER
        self.cache = ResponseCache(
            origin=self.origin,
            limit_bytes=limit_bytes,
            trust=self.trust,
            clock=lambda: self.now,
        )

    async def get(self, path: str = "/api/v1/content", **asker: str) -> Reply:
        return await self.cache.answer(ask(path), Asker(**asker), alias=None)

    def counted(self) -> dict[str, int]:
        return {name: value for name, value in self.cache.counters.as_dict().items() if value}


def status_of(reply: Reply) -> str:
    return dict(reply.headers)["cache-status"]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(cache_module, "JITTER", 0.0)
    return Bench()


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Runs a test's coroutine, which a hang ends after ten seconds."""

    return run_within(10, work)


def run_within(seconds: float, work: Callable[[], Awaitable[Any]]) -> Any:
    """The same with another limit."""

    async def bounded() -> Any:
        async with asyncio.timeout(seconds):
            return await work()

    return asyncio.run(bounded())


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)
