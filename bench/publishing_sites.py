"""The sites whose publishing is compared: their databases, and workers that run on them."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

from psycopg import sql

from bench.database import ROOT, VAR, BenchError, connect, environment, prepare_database

_INDEXES: Final = (["update_index", "--verbosity", "0"], ["rebuild_references_index"])
_STOCK_SOURCES: Final = ("bench/bulk_pages.py", "bench/content.py", "bench/stock/*.py")
_INTEGRATIONS: Final = ("REDIS_URL", "CELERY_BROKER_URL")


@dataclass(frozen=True, slots=True)
class Site:
    """A site by its name in the report, the class of its posts, and its environment."""

    name: str
    model: str
    variables: Mapping[str, str]


def sites(server_url: str, posts: int) -> list[Site]:
    """Stock Wagtail, ours alone, and ours with every integration on that this machine has.

    The first time, two databases are loaded and their indexes built, which takes minutes.
    """
    stock = Site(
        "stock Wagtail",
        "bench.stock.models.StockPostPage",
        environment(_stock_database(server_url, posts), **_SETTINGS),
    )
    ours = _our_database(server_url, posts)
    model = "cms.models.BlogPostPage"
    alone = Site("Galley", model, environment(ours))
    found = {name: os.environ[name] for name in _INTEGRATIONS if os.environ.get(name)}
    return [stock, alone, Site("Galley, all on", model, environment(ours, **found))]


_SETTINGS: Final = {"DJANGO_SETTINGS_MODULE": "bench.stock.settings"}


def _our_database(server_url: str, posts: int) -> str:
    """A copy of the one that the others read, with the indexes of the admin, to be written to."""
    loaded = prepare_database(server_url, posts)
    name = f"{loaded.rpartition('/')[2]}_publish"

    def fill(url: str) -> None:
        for command in _INDEXES:
            _manage(command, environment(url))

    return _database(server_url, name, fill, template=loaded.rpartition("/")[2])


def _stock_database(server_url: str, posts: int) -> str:
    digest = hashlib.blake2b(str(posts).encode(), digest_size=6)
    for pattern in _STOCK_SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())

    def fill(url: str) -> None:
        variables = environment(url, **_SETTINGS)
        bare = variables | {"DJANGO_SETTINGS_MODULE": "bench.stock.bare"}
        _manage(["migrate", "--verbosity", "0"], bare)
        _run([sys.executable, "-m", "bench.stock.loading", str(posts)], variables)
        for command in _INDEXES:
            _manage(command, variables)

    return _database(server_url, f"galley_stock_{posts}_{digest.hexdigest()}", fill)


def _database(server_url: str, name: str, fill: Any, template: str = "template1") -> str:
    base = server_url.rpartition("/")[0]
    with connect(server_url) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return f"{base}/{name}"
        print(f"bench: preparing {name} (once)", file=sys.stderr, flush=True)
        unfinished = f"{name}_loading"
        names = [sql.Identifier(item) for item in (unfinished, template, name)]
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(names[0]))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names[:2]))
        fill(f"{base}/{unfinished}")
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(names[0], names[2]))
    with connect(f"{base}/{name}") as database:
        database.execute("VACUUM (ANALYZE)")
    return f"{base}/{name}"


def _manage(command: list[str], variables: Mapping[str, str]) -> None:
    _run([sys.executable, "manage.py", *command], variables)


def _run(command: list[str], variables: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command[1:3])} failed:\n{done.stderr[-2000:]}")


class Worker:
    """A process that publishes on one site."""

    def __init__(self, site: Site, *, seed: int) -> None:
        variables = {**site.variables, "BENCH_MODEL": site.model, "BENCH_SEED": str(seed)}
        self._log = (VAR / "publishing-worker.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.publishing_worker"],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def ask(self, do: str, way: str, count: int = 0) -> Any:
        """What the process answers."""
        self.send(do, way, count)
        return self.receive()

    def send(self, do: str, way: str, count: int = 0) -> None:
        """Asks without waiting."""
        line = json.dumps({"do": do, "way": way, "count": count}) + "\n"
        pipe = _open(self._process.stdin)
        pipe.write(line.encode())
        pipe.flush()

    def receive(self) -> Any:
        """The next answer.

        Raises:
            BenchError: the process has died.
        """
        line = _open(self._process.stdout).readline()
        if not line:
            raise BenchError(f"a worker died; see {self._log.name}")
        return json.loads(line)

    def close(self) -> None:
        """Ends the process."""
        _open(self._process.stdin).close()
        self._process.wait(30)
        _open(self._process.stdout).close()
        self._log.close()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


@contextmanager
def working(site: Site, *, count: int = 1, seed: int = 1) -> Iterator[list[Worker]]:
    """So many workers on a site, each with posts in an order of its own, until the block ends."""
    with ExitStack() as stack:
        workers = [Worker(site, seed=seed + number) for number in range(count)]
        for worker in workers:
            stack.callback(worker.close)
        for worker in workers:
            worker.receive()
        yield workers


@contextmanager
def relay_running(site: Site) -> Iterator[None]:
    """A relay that does what follows the site's publications, until the block ends."""
    with (VAR / "publishing-relay.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_relay"],
            cwd=ROOT,
            env=dict(site.variables),
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
