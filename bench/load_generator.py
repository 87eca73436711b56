"""A small load generator: asks a server on loopback over some connections, and takes the times.

It speaks just enough HTTP/1.1 for the servers of the benchmarks: one request at a time on each
connection, kept alive where the server allows. Its own CPU is nobody's: it runs in the process
of the benchmark, and only the servers' processes are counted. Every run is bounded, in requests
and in time.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Final, cast

import uvloop

HOST: Final = "127.0.0.1"
_GRACE_SECONDS: Final = 20
_TICK_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class Post:
    """A request that sends JSON to a path."""

    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """How much to ask: over so many connections, at most so many requests, at most so long."""

    connections: int
    requests: int
    seconds: float
    headers: tuple[str, ...] = ()
    """Lines to send beside the usual ones."""
    status: int = 200
    """What counts as an answer and no failure."""
    rate: float | None = None
    """Requests a second that come whether or not the server keeps up; a request that finds no
    free connection waits, and its wait counts. None: each connection asks again at once."""


@dataclass(slots=True)
class Outcome:
    """What came of it. Times are in seconds; `failures` counts answers other than 200."""

    connections: int
    elapsed: float = 0.0
    size_bytes: int = 0
    failures: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.elapsed if self.elapsed else 0.0

    def quantile(self, share: float) -> float:
        """The time within which this share of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def request_bytes(asked: str | Post, port: int, headers: Sequence[str] = ()) -> bytes:
    """A request as a website behind a proxy that ends TLS sends it: for a path, or with a body."""
    method, path, body, own = "GET", asked, b"", [*headers]
    if isinstance(asked, Post):
        method, path, body = "POST", asked.path, asked.body
        own += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nX-Forwarded-Proto: https\r\n"
        "Accept: application/json\r\nUser-Agent: bench\r\n"
        + "".join(f"{line}\r\n" for line in own)
        + "\r\n"
    )
    return head.encode() + body


class _Budget:
    """What is left to ask, shared by all connections."""

    def __init__(self, load: Load, requests: Sequence[bytes]) -> None:
        self._left = load.requests
        self._until = time.perf_counter() + load.seconds
        self._requests: Iterator[bytes] = cycle(requests)

    def take(self) -> bytes | None:
        """The next request; None when the run is over."""
        if self._left <= 0 or time.perf_counter() >= self._until:
            return None
        self._left -= 1
        return next(self._requests)

    def supply(self, connection: "_Connection") -> None:
        """A connection is free: it asks for the next thing, or ends."""
        request = self.take()
        if request is None:
            connection.finish(again=False)
        else:
            connection.ask(request, time.perf_counter())


class _Timetable(_Budget):
    """Requests that come at their times; each is measured from the time when it was due."""

    def __init__(self, load: Load, requests: Sequence[bytes], rate: float) -> None:
        super().__init__(load, requests)
        self._rate = rate
        self._begun = time.perf_counter()
        self._came = 0
        self._due: deque[tuple[bytes, float]] = deque()
        self._idle: deque[_Connection] = deque()
        self._is_over = False

    async def run(self) -> None:
        """Lets requests come until the run is over, then ends the connections that wait."""
        while not self._is_over:
            passed = time.perf_counter() - self._begun
            while self._came < passed * self._rate:
                request = self.take()
                if request is None:
                    self._is_over = True
                    break
                self._due.append((request, self._begun + self._came / self._rate))
                self._came += 1
            while self._due and self._idle:
                self._idle.popleft().ask(*self._due.popleft())
            await asyncio.sleep(_TICK_SECONDS)
        while self._idle:
            self._idle.popleft().finish(again=False)

    def supply(self, connection: "_Connection") -> None:
        """A connection is free: it takes what waits, or waits for what comes."""
        if self._due:
            connection.ask(*self._due.popleft())
        elif self._is_over:
            connection.finish(again=False)
        else:
            self._idle.append(connection)


class _Answer:
    """An answer as it comes in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._whole: int | None = None
        self._is_chunked = False
        self.status = b""
        self.body_size = 0
        self.closes = False

    def add(self, data: bytes) -> bool:
        """Takes bytes; true when the answer is complete."""
        self._parts.append(data)
        self._size += len(data)
        if self._whole is None and not self._is_chunked:
            self._read_head(b"".join(self._parts))
        if self._is_chunked:
            return b"".join(self._parts[-2:]).endswith(b"0\r\n\r\n")
        return self._whole is not None and self._size >= self._whole

    def _read_head(self, data: bytes) -> None:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = data[:end].lower()
        self.status = data[9:12]
        self.closes = b"connection: close" in head
        self._is_chunked = b"transfer-encoding: chunked" in head
        if not self._is_chunked:
            place = head.find(b"\r\ncontent-length:")
            self.body_size = int(head[place + 17 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            self._whole = end + 4 + self.body_size

    @property
    def size(self) -> int:
        """Bytes of the body; with those of the head where the server did not say."""
        return self.body_size or self._size


class _Connection(asyncio.Protocol):
    """Asks one request after another until the budget is used up or the server closes."""

    def __init__(
        self,
        budget: _Budget,
        outcome: Outcome,
        ended: "asyncio.Future[bool]",
        expected: bytes,
    ) -> None:
        self._expected = expected
        self._budget = budget
        self._outcome = outcome
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._answer = _Answer()
        self._sent_at = 0.0
        self._is_waiting = False
        self._again = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports keep to the interface without inheriting from it.
        self._transport = cast("asyncio.Transport", transport)
        self._budget.supply(self)

    def ask(self, request: bytes, due_at: float) -> None:
        """Sends a request that is measured from `due_at`."""
        assert self._transport is not None
        self._answer = _Answer()
        self._is_waiting = True
        self._sent_at = due_at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if not self._is_waiting or not self._answer.add(data):
            return
        self._is_waiting = False
        self._outcome.times.append(time.perf_counter() - self._sent_at)
        self._outcome.size_bytes += self._answer.size
        self._outcome.failures += self._answer.status != self._expected
        if self._answer.closes:
            self.finish(again=True)
        else:
            self._budget.supply(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._outcome.failures += self._is_waiting
        if not self._ended.done():
            self._ended.set_result(self._again)

    def finish(self, *, again: bool) -> None:
        """Closes; `again` asks for another connection in its place."""
        self._again = again
        if self._transport is not None:
            self._transport.close()


async def _keep_asking(port: int, budget: _Budget, outcome: Outcome, expected: bytes) -> None:
    """One connection after another: some servers close after each answer."""
    loop = asyncio.get_running_loop()
    again = True
    while again and outcome.failures < 100:
        ended: asyncio.Future[bool] = loop.create_future()
        connection = partial(_Connection, budget, outcome, ended, expected)
        await loop.create_connection(connection, HOST, port)
        again = await ended


async def _run(port: int, requests: Sequence[bytes], load: Load) -> Outcome:
    outcome = Outcome(load.connections)
    timetable = None if load.rate is None else _Timetable(load, requests, load.rate)
    budget = timetable or _Budget(load, requests)
    begun = time.perf_counter()
    tasks: list[asyncio.Task[None]] = [
        asyncio.create_task(_keep_asking(port, budget, outcome, str(load.status).encode()))
        for _ in range(load.connections)
    ]
    if timetable is not None:
        tasks.append(asyncio.create_task(timetable.run()))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(load.seconds + _GRACE_SECONDS):
            await asyncio.gather(*tasks)
    outcome.elapsed = time.perf_counter() - begun
    return outcome


def run_load(port: int, asked: Sequence[str | Post], load: Load) -> Outcome:
    """Asks for the paths in turn, over and over, until one of the bounds is reached."""
    return uvloop.run(_run(port, [request_bytes(item, port, load.headers) for item in asked], load))
