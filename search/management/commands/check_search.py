"""Compares the search index with the documents."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search.copies import Copy, Differences, changed_sites, compare, count_documents, mend
from search.engines.database.copy import DatabaseCopy
from search.engines.elasticsearch.copy import IndexCopy
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.mapping import mapping_mark
from search.engines.protocol import EngineAway
from search.engines.registry import answering_engine
from search.indexing import tell_of_changes

_NAMED: Final = 5


class Command(BaseCommand):
    help = (
        "Compares what searches find with the published documents, one by one, and says what to run"
        " where the index has an older form. Ends with status 1 if something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="Write what differs.")

    def handle(self, *_args: Any, **options: Any) -> None:
        is_right = True
        try:
            for name, copy in self._copies():
                is_right &= self._check(name, copy, repair=options["repair"])
            is_right &= self._has_todays_form()
        except EngineAway as error:
            raise CommandError(f"{error} Nothing can be said of it now.") from error
        if not is_right:
            raise CommandError("The index differs; see above.")

    def _copies(self) -> Iterator[tuple[str, Copy]]:
        yield "database", DatabaseCopy()
        engine = answering_engine()
        if isinstance(engine, ElasticsearchEngine):
            name = engine.indexes.behind(engine.indexes.live)
            if name is None:
                raise CommandError("There is no index. Run: manage.py rebuild_search")
            yield engine.name, IndexCopy(engine, name)

    def _check(self, name: str, copy: Copy, *, repair: bool) -> bool:
        with tqdm(total=count_documents(), unit="document", desc=name, leave=False) as bar:
            found = compare(copy, bar.update)
        self.stdout.write(f"{name}: {_told(found)}")
        if found and repair:
            left = mend(copy, found)
            tell_of_changes(changed_sites())
            self.stdout.write(f"{name}: repaired; {_told(left)}")
            found = left
        return not found

    def _has_todays_form(self) -> bool:
        engine = answering_engine()
        if not isinstance(engine, ElasticsearchEngine):
            return True
        name = engine.indexes.behind(engine.indexes.live)
        if name is None or engine.indexes.mark(name) == mapping_mark():
            return True
        self.stdout.write(f"{name} was made with an older mapping. Run: manage.py rebuild_search")
        return False


def _told(found: Differences) -> str:
    if not found:
        return "nothing differs."
    named = ", ".join(str(key) for key in found.ids[:_NAMED])
    return (
        f"{len(found.missing)} missing, {len(found.stale)} stale,"
        f" {len(found.stray)} not public any more ({named}{', …' if len(found.ids) > _NAMED else ''})."
    )
