"""An index made anew from the documents, while searches and writers go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.interface import utc_now
from search.copies import (
    Copy,
    Differences,
    Noted,
    changed_sites,
    compare,
    document_ids,
    look_again,
    mend,
)
from search.engines.database.copy import DatabaseCopy
from search.engines.elasticsearch.copy import IndexCopy
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.mapping import mapping_mark
from search.errors import NothingToRollBackTo, RebuildFailed
from search.indexing import tell_of_changes
from search.models import IndexedDocument

_TELL_MOST: Final = 5
_WRITTEN_AT_ONCE: Final = 500
"""Documents in one transaction of the database: more spare little, and have writers wait longer."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild ended. `index` and `previous` are the engine's; the database has none."""

    documents: int
    written: int
    mended: int
    index: str = ""
    previous: str = ""
    is_resumed: bool = False


def rebuild_database(note: Noted) -> Rebuilt:
    """Makes the rows of every document again, a batch at a time; searches find the rest meanwhile.

    Raises:
        RebuildFailed: the rows do not stay as they should be.
    """
    copy = DatabaseCopy()
    written = 0
    for ids in document_ids(_WRITTEN_AT_ONCE):
        copy.write(ids)
        written += len(ids)
        note(len(ids))
    differences = compare(copy)
    _must_end(mend(copy, differences))
    tell_of_changes(changed_sites())
    return Rebuilt(documents=written, written=written, mended=len(differences.ids))


def rebuild_engine(engine: ElasticsearchEngine, note: Noted) -> Rebuilt:
    """Builds a new index beside the one that is searched, then lets them change places.

    From the first moment, whatever is written goes to both. One that was interrupted is gone
    on with: what it has already is passed over.

    Raises:
        RebuildFailed: the new index does not become equal to the documents; the old one stays.
        EngineAway: the engine does not answer; the old index stays, and the next call goes on.
    """
    name, is_resumed = _begin(engine)
    copy = IndexCopy(engine, name)
    written = 0
    for ids in document_ids():
        lacking = _lacking(copy, ids) if is_resumed else ids
        if lacking:
            copy.write(lacking)
        written += len(lacking)
        note(len(ids))
    differences = compare(copy)
    _must_end(mend(copy, differences))
    previous = engine.indexes.behind(engine.indexes.live) or ""
    engine.indexes.switch(name)
    engine.indexes.drop_unused()
    tell_of_changes(changed_sites())
    documents = engine.indexes.count(name)
    return Rebuilt(documents, written, len(differences.ids), name, previous, is_resumed)


def _begin(engine: ElasticsearchEngine) -> tuple[str, bool]:
    """The index to fill, and whether an earlier rebuild left it."""
    indexes = engine.indexes
    names = indexes.names()
    name = names.get(indexes.building)
    if name is not None and name not in {names.get(indexes.live), names.get(indexes.previous)}:
        if indexes.mark(name) == mapping_mark():
            return name, True
        indexes.delete(name)
    name = f"{indexes.live}-{mapping_mark()}-{utc_now():%Y%m%d%H%M%S%f}"
    indexes.make(name)
    indexes.write_also(name)
    return name, False


def _lacking(copy: Copy, ids: Sequence[UUID]) -> list[UUID]:
    differences = look_again(copy, ids)
    return list(differences.ids)


def roll_back(engine: ElasticsearchEngine, note: Noted) -> Rebuilt:
    """Brings the previous index up to date, then lets it change places with the present one.

    Raises:
        NothingToRollBackTo: there is no previous index.
        RebuildFailed, EngineAway: as for `rebuild_engine`.
    """
    indexes = engine.indexes
    name = indexes.behind(indexes.previous)
    if name is None:
        raise NothingToRollBackTo("There is no previous index. A rebuild keeps the one before it.")
    # From here on writers bring it up to date too; what was before them, the comparison does.
    indexes.write_also(name)
    copy = IndexCopy(engine, name)
    differences = compare(copy, note)
    _must_end(mend(copy, differences))
    previous = indexes.behind(indexes.live) or ""
    indexes.switch(name)
    tell_of_changes(changed_sites())
    count = len(differences.ids)
    return Rebuilt(indexes.count(name), count, count, name, previous)


def _must_end(differences: Differences) -> None:
    if differences:
        some = ", ".join(str(key) for key in differences.ids[:_TELL_MOST])
        raise RebuildFailed(
            f"{len(differences.ids)} documents differ from the index however often they are"
            f" written, such as {some}. The log tells what the engine said of them."
        )


def is_database_missing() -> bool:
    """Whether nothing has been indexed in the database yet."""
    return not IndexedDocument.objects.exists()
