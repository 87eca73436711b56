"""Makes the search index anew."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search.copies import Noted, count_documents
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.protocol import EngineAway
from search.engines.registry import answering_engine
from search.errors import NothingToRollBackTo, RebuildFailed
from search.rebuilding import (
    Rebuilt,
    is_database_missing,
    rebuild_database,
    rebuild_engine,
    roll_back,
)

_DATABASE: Final = "database"
_ENGINE: Final = "elasticsearch"
Work = Callable[[Noted], Rebuilt]


class Command(BaseCommand):
    help = (
        "Makes the search index anew from the published documents: the tables of the database, and"
        " with SEARCH_ENGINE=elasticsearch an index beside the present one, which takes its place"
        " when it is complete. Searches and editors go on meanwhile. One that was interrupted"
        " goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=(_DATABASE, _ENGINE), help="Rebuild one of them.")
        parser.add_argument(
            "--if-missing",
            action="store_true",
            help="Only what there is nothing of yet; an engine that is away is no failure.",
        )
        parser.add_argument(
            "--rollback",
            action="store_true",
            help="Bring back the index from before the last rebuild, up to date.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        engine = answering_engine()
        cluster = engine if isinstance(engine, ElasticsearchEngine) else None
        if cluster is None and (options["rollback"] or options["only"] == _ENGINE):
            raise CommandError(
                "Set SEARCH_ENGINE=elasticsearch: there is no engine but the database."
            )
        try:
            for name, work in _chosen(cluster, options):
                with tqdm(total=count_documents(), unit="document", desc=name, leave=False) as bar:
                    rebuilt = work(bar.update)
                self._tell(name, rebuilt)
        except EngineAway as error:
            if options["if_missing"]:
                # A product that starts must not wait for what it can do without.
                self.stderr.write(
                    f"{error} Searches are answered by the database until it is back."
                )
                return
            raise CommandError(f"{error} Run this again: it goes on where it was.") from error
        except (RebuildFailed, NothingToRollBackTo) as error:
            raise CommandError(str(error)) from error

    def _tell(self, name: str, rebuilt: Rebuilt) -> None:
        resumed = "gone on with, " if rebuilt.is_resumed else ""
        self.stdout.write(
            f"{name}: {rebuilt.documents} documents ({resumed}{rebuilt.written} written,"
            f" {rebuilt.mended} mended)."
        )
        if rebuilt.index:
            self.stdout.write(f"Searches use {rebuilt.index} now.")
        if rebuilt.previous:
            self.stdout.write(f"Kept for --rollback: {rebuilt.previous}.")


def _chosen(
    cluster: ElasticsearchEngine | None, options: dict[str, Any]
) -> Iterator[tuple[str, Work]]:
    """What to do, in order."""
    if cluster is not None and options["rollback"]:
        yield _ENGINE, lambda note: roll_back(cluster, note)
        return
    only_missing = options["if_missing"]
    if options["only"] != _ENGINE and (not only_missing or is_database_missing()):
        yield _DATABASE, rebuild_database
    if cluster is None or options["only"] == _DATABASE:
        return
    if not only_missing or cluster.indexes.behind(cluster.indexes.live) is None:
        yield _ENGINE, lambda note: rebuild_engine(cluster, note)
