"""Wagtail's own search (modelsearch) as it stands beside ours: over pages of a stock site."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from psycopg import sql

from bench.database import connect, environment
from bench.search_baselines import Asked, Rankings
from bench.search_collections import Text
from bench.search_process import run_manage, run_worker

OPERATORS: Final = ("and", "or")
_DATABASE: Final = "galley_bench_stock_search"


@dataclass(frozen=True, slots=True)
class WagtailSearch:
    """`Page.objects.search()` on PostgreSQL, or on Elasticsearch where its URL is given."""

    server_url: str
    search_url: str = ""

    @property
    def engine(self) -> str:
        """As the table of results has it."""
        return "Elasticsearch" if self.search_url else "PostgreSQL"

    def rank_by_operator(self, texts: Sequence[Text], asked: Asked) -> dict[str, Rankings]:
        """The rankings with each operator, by the name that the table of results has."""
        told = {"texts": [asdict(text) for text in texts], "asked": asked, "operators": OPERATORS}
        with stock_database(self.server_url) as url:
            variables = environment(
                url,
                DJANGO_SETTINGS_MODULE="bench.stock.settings",
                BENCH_SEARCH_URL=self.search_url,
            )
            done = json.loads(run_worker(["bench.stock.searching"], variables, json.dumps(told)))
        return {
            f"Wagtail's search, {self.engine}, {operator.upper()}": {
                spelling: {int(number): keys for number, keys in found.items()}
                for spelling, found in rankings.items()
            }
            for operator, rankings in done.items()
        }


@contextmanager
def stock_database(server_url: str) -> Iterator[str]:
    """The URL of a database with Wagtail's tables, until the block ends."""
    name, url = sql.Identifier(_DATABASE), f"{server_url.rpartition('/')[0]}/{_DATABASE}"
    with connect(server_url) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        bare = environment(url, DJANGO_SETTINGS_MODULE="bench.stock.bare")
        run_manage(["migrate", "--verbosity", "0"], bare)
        try:
            yield url
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
