"""Our own search in the bench: each engine in a process of its own, on an empty database."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from psycopg import sql

from bench.database import connect, environment
from bench.search_baselines import Asked, Rankings
from bench.search_collections import Text
from bench.search_process import run_manage, run_worker

_DATABASE: Final = "galley_bench_search"
_NAMES: Final[Mapping[str, str]] = {
    "sqlite": "Galley, database engine, SQLite",
    "postgresql": "Galley, database engine, PostgreSQL",
    "elasticsearch": "Galley, Elasticsearch engine",
}


@dataclass(frozen=True, slots=True)
class OurSearch:
    """The product's search with one of its engines, through its own front door."""

    engine: str
    server_url: str = ""
    search_url: str = ""

    @property
    def name(self) -> str:
        """As the table of results has it."""
        return _NAMES[self.engine]

    def rank(self, texts: Sequence[Text], asked: Asked) -> Rankings:
        """Leaves neither database nor index behind."""
        told = json.dumps({"texts": [asdict(text) for text in texts], "asked": asked})
        with empty_database("" if self.engine == "sqlite" else self.server_url) as url:
            done = json.loads(run_worker(["bench.search_worker"], self._variables(url), told))
        return {
            spelling: {int(number): keys for number, keys in found.items()}
            for spelling, found in done.items()
        }

    def _variables(self, url: str) -> dict[str, str]:
        if self.engine != "elasticsearch":
            return environment(url, SEARCH_ENGINE="database")
        return environment(
            url,
            SEARCH_ENGINE="elasticsearch",
            ELASTICSEARCH_URL=self.search_url,
            SEARCH_INDEX_PREFIX=f"galley-bench-{os.getpid()}",
            # Quality is measured here, on a machine that may be busy.
            SEARCH_ENGINE_TIMEOUT_MS="30000",
        )


@contextmanager
def empty_database(server_url: str, database: str = _DATABASE) -> Iterator[str]:
    """The URL of a migrated database that holds nothing, until the block ends: SQLite without a server."""
    with tempfile.TemporaryDirectory(prefix="galley-bench-") as scratch:
        if not server_url:
            yield _migrated(f"sqlite:///{scratch}/galley.sqlite3")
            return
        name = sql.Identifier(database)
        with connect(server_url) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            server.execute(sql.SQL("CREATE DATABASE {}").format(name))
            try:
                yield _migrated(f"{server_url.rpartition('/')[0]}/{database}")
            finally:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _migrated(url: str) -> str:
    run_manage(["migrate", "--verbosity", "0"], environment(url))
    return url
