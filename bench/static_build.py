"""Reading everything once, as a site generator does: by pages, as a stream, by the sync."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import orjson
from psycopg import sql

from bench.accounting import cpu_seconds, memory_mib
from bench.database import BenchError, connect
from bench.delivery import Bench, Options, galley_server, open_bench
from bench.load_generator import HOST
from bench.servers import Server

POSTS: Final = "/api/v1/content/blog-posts"
SYNC: Final = "/api/v1/content/sync"
DOCUMENTS: Final = 10_000
_COUNT: Final = "SELECT COUNT(*) FROM delivery_document WHERE type = 'blog-posts'"
_COPY: Final = (
    (
        "CREATE TEMPORARY TABLE copied AS SELECT * FROM delivery_document"
        " WHERE type = 'blog-posts' AND source NOT LIKE 'copy%'"
    ),
    (
        "INSERT INTO delivery_documentreference"
        " (source_id, field, position, target_id, type, locale, sorted_at)"
        " SELECT md5(r.source_id::text || '{copy}')::uuid, r.field, r.position, r.target_id, r.type,"
        " r.locale, r.sorted_at - interval '{copy} seconds' FROM delivery_documentreference r"
        " JOIN copied ON copied.id = r.source_id"
    ),
    (
        "UPDATE copied SET id = md5(id::text || '{copy}')::uuid, source = 'copy' || source,"
        " slug = slug || '-{copy}', path = path || '{copy}/',"
        " sorted_at = sorted_at - interval '{copy} seconds'"
    ),
    "INSERT INTO delivery_document SELECT * FROM copied",
    "DROP TABLE copied",
)
_HEADERS: Final = {"X-Forwarded-Proto": "https"}
_CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class Build:
    """What one way of reading everything took."""

    name: str
    documents: int
    seconds: float
    server_cpu: float
    database_cpu: float
    megabytes: float
    memory_before: float
    memory_peak: float
    page_ms: tuple[float, ...] = ()

    @property
    def last_to_first(self) -> float | None:
        """The median page of the last fifth beside that of the first."""
        fifth = len(self.page_ms) // 5
        if not fifth:
            return None
        return median(self.page_ms[-fifth:]) / median(self.page_ms[:fifth])


@dataclass(slots=True)
class _Read:
    """What a way of reading counts."""

    documents: int = 0
    size: int = 0
    page_ms: tuple[float, ...] = ()


def run_static_build(options: Options) -> list[Build]:
    """Each way once, on a server of its own that has answered nothing yet.

    Raises:
        BenchError: there is no PostgreSQL, or an answer was not whole.
    """
    bench = _multiplied(open_bench(options.posts), DOCUMENTS)
    ways: tuple[tuple[str, Callable[[Server], _Read]], ...] = (
        ("posts whole, limit=100", _read_posts),
        ("posts whole, x-ndjson", _read_lines),
        ("everything, sync", _read_sync),
    )
    found = []
    for name, way in ways:
        with galley_server(bench, options) as server:
            found.append(_measured(name, way, server, bench.database_pid))
    with connect(bench.url) as database:
        row = database.execute(_COUNT).fetchone()
    expected = int(str(row[0])) if row else 0
    for build in found[:2]:
        if build.documents != expected:
            raise BenchError(f"{build.name}: {build.documents} documents of {expected}")
    return found


def _multiplied(bench: Bench, documents: int) -> Bench:
    """A copy of the database with so many posts: real ones, and copies of their documents.

    To load ten thousand real pages takes long, and the reading side never sees a page.
    """
    name = f"{bench.url.rpartition('/')[2]}_build"
    with connect(bench.url) as database:
        server = database.execute("SELECT current_database()").fetchone()
    source = str(server[0]) if server else ""
    maintenance = f"{bench.url.rpartition('/')[0]}/postgres"
    with connect(maintenance) as database:
        database.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        database.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )
    url = f"{bench.url.rpartition('/')[0]}/{name}"
    with connect(url) as database:
        for copy in range(1, -(-documents // max(len(bench.posts.slugs), 1))):
            with database.transaction():  # references come before what they belong to
                for statement in _COPY:
                    database.execute(statement.format(copy=copy))
        database.execute("VACUUM ANALYZE delivery_document, delivery_documentreference")
    return replace(bench, url=url)


def _measured(
    name: str, way: Callable[[Server], _Read], server: Server, database_pid: int
) -> Build:
    before = memory_mib(server.pid)
    server_cpu, database_cpu = cpu_seconds(server.pid), cpu_seconds(database_pid)
    begun = time.monotonic()
    with _watched(server) as memory:
        read = way(server)
    seconds = time.monotonic() - begun
    return Build(
        name=name,
        documents=read.documents,
        seconds=seconds,
        server_cpu=cpu_seconds(server.pid) - server_cpu,
        database_cpu=cpu_seconds(database_pid) - database_cpu,
        megabytes=read.size / 1e6,
        memory_before=before,
        memory_peak=max(memory, default=before),
        page_ms=read.page_ms,
    )


@contextmanager
def _watched(server: Server) -> Iterator[list[float]]:
    """The memory of the server, ten times a second while the block runs."""
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            seen.append(memory_mib(server.pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _follow(server: Server, first: str, following: Callable[[dict[str, object]], str]) -> _Read:
    """Goes from page to page on one connection, until `following` has none."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    documents, size, times = 0, 0, []
    path = first
    while path:
        begun = time.monotonic()
        connection.request("GET", path, headers=_HEADERS)
        response = connection.getresponse()
        body = response.read()
        times.append((time.monotonic() - begun) * 1000)
        if response.status != 200:
            raise BenchError(f"{path} answers {response.status}: {body[:300]!r}")
        page = orjson.loads(body)
        documents += len(page["data"])
        size += len(body)
        path = following(page)
    connection.close()
    return _Read(documents, size, tuple(times))


def _read_posts(server: Server) -> _Read:
    first = f"{POSTS}?limit=100"

    def following(page: dict[str, object]) -> str:
        cursors = page["page"]
        cursor = cursors["next"] if isinstance(cursors, dict) else None
        return f"{first}&after={cursor}" if cursor else ""

    return _follow(server, first, following)


def _read_sync(server: Server) -> _Read:
    def following(page: dict[str, object]) -> str:
        return f"{SYNC}?sync_token={page['next_sync_token']}" if page["has_more"] else ""

    return _follow(server, f"{SYNC}?initial=true", following)


def _read_lines(server: Server) -> _Read:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    connection.request("GET", POSTS, headers={**_HEADERS, "Accept": "application/x-ndjson"})
    response = connection.getresponse()
    if response.status != 200:
        raise BenchError(f"{POSTS} as lines answers {response.status}")
    read, last = _Read(), b""
    while chunk := response.read1(_CHUNK):
        read.documents += chunk.count(b"\n")
        read.size += len(chunk)
        last = (last + chunk)[-_CHUNK:]
    connection.close()
    if b'"status"' in last.rstrip(b"\n").rpartition(b"\n")[2][:200]:
        raise BenchError("the stream ends with a problem")
    return read


def static_build_report(options: Options, builds: list[Build]) -> str:
    """A table for people."""
    lines = [
        f"{builds[0].documents} posts; server: {options.kind}, {options.workers} workers.",
        "",
        "| way | documents | documents/s | CPU | DB CPU | MB | MiB before | MiB at most | last to first |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for item in builds:
        ratio = "-" if item.last_to_first is None else f"{item.last_to_first:.2f}"
        thousands = max(item.documents, 1) / 1000
        lines.append(
            f"| {item.name} | {item.documents} | {item.documents / item.seconds:.0f}"
            f" | {item.server_cpu / thousands:.2f} | {item.database_cpu / thousands:.2f}"
            f" | {item.megabytes:.0f} | {item.memory_before:.0f} | {item.memory_peak:.0f} | {ratio} |"
        )
    return "\n".join([*lines, "", "CPU: seconds per 1,000 documents."])


def static_build_json(builds: list[Build]) -> str:
    """The same for programs."""
    rows = [
        {name: getattr(item, name) for name in Build.__slots__} | {"ratio": item.last_to_first}
        for item in builds
    ]
    return json.dumps(rows, indent=2)
