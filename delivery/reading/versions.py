"""Documents as they were when the ledger told of them, many at a time.

`as_of` reads one instant for one answer. A batch of events has an instant for each, so here the
states that the documents and all that they name had in the meantime are read at once, and
each document is composed from those that held at its own instant.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from django.db.models import Q

from delivery.models import DocumentVersion, HistoryStart
from delivery.reading.closure import plan_for
from delivery.reading.compose import Composer
from delivery.reading.rows import Row
from delivery.reading.selection import Node, Selection

# Of a document that changes all the time, every state of the stretch is read.
_LONGEST_STRETCH: Final = timedelta(minutes=1)
_COLUMNS: Final = (
    "document_id",
    "site_id",
    "valid_from",
    "valid_to",
    "references",
    "type",
    "locale",
    "slug",
    "path",
    "title",
    "published_at",
    "updated_at",
    "version",
    "head",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A document at the instant of an event."""

    document_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _State:
    """What held of a document for a while."""

    site_id: int
    valid_from: datetime
    valid_to: datetime | None
    references: str
    row: Row

    def holds(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


_States = dict[str, list[_State]]


class _NamedThen:
    """The documents of a website that were public at an instant."""

    def __init__(self, states: _States, site_id: int, at: datetime) -> None:
        self._states = states
        self._site_id = site_id
        self._at = at

    def get(self, document_id: str, /) -> Row | None:
        for state in self._states.get(document_id, ()):
            if state.site_id == self._site_id and state.holds(self._at):
                return state.row
        return None


def compose_told(
    told: Sequence[Told], selections: Collection[Selection]
) -> dict[tuple[Told, Selection], bytes]:
    """Each document in each selection, as it was at its instant, as the bytes of an object.

    Left out is what was not public then, or is no longer known. One query, and one for each level
    of references that the selections show, for each minute that the instants span.
    """
    found: dict[tuple[Told, Selection], bytes] = {}
    start = HistoryStart.objects.values_list("starts_at", flat=True).first()
    for stretch in _stretches(item for item in told if start is None or item.at >= start):
        found |= _compose_stretch(stretch, selections)
    return found


def _stretches(told: Iterable[Told]) -> list[list[Told]]:
    stretches: list[list[Told]] = []
    for item in sorted(told, key=lambda item: item.at):
        if not stretches or item.at - stretches[-1][0].at > _LONGEST_STRETCH:
            stretches.append([])
        stretches[-1].append(item)
    return stretches


def _compose_stretch(
    told: Sequence[Told], selections: Collection[Selection]
) -> dict[tuple[Told, Selection], bytes]:
    start, end = told[0].at, told[-1].at
    states: _States = {}
    level = {item.document_id for item in told}
    # For all levels alike: a document may be told of and be named by another that is.
    heavy = any(node.shows_heavy() for item in selections for node in item.root.walk())
    for _ in range(1 + max(map(_levels, selections), default=0)):
        level -= states.keys()
        if not level:
            break
        loaded = _load(level, start, end, with_content=heavy)
        states |= loaded
        level = {target for items in loaded.values() for item in items for target in _named(item)}
    found = {}
    for item in told:
        state = next((s for s in states.get(item.document_id, ()) if s.holds(item.at)), None)
        if state is not None:
            named = _NamedThen(states, state.site_id, item.at)
            for selection in selections:
                composer = Composer(named, selection)
                found[item, selection] = composer.document(state.row, selection.root)
    return found


def _levels(selection: Selection) -> int:
    """How many steps away from the document itself an answer may show something."""
    return _depth(selection.root) if plan_for(selection) else 0


def _depth(node: Node) -> int:
    below = (_depth(child) for child in (node.fields or {}).values() if child is not None)
    return 1 + max(below, default=0)


def _named(state: _State) -> list[str]:
    return [target for _, _, target in orjson.loads(state.references)]


def _load(ids: Collection[str], start: datetime, end: datetime, *, with_content: bool) -> _States:
    """The states that these documents had between two instants. One query."""
    held = DocumentVersion.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=start),
        document_id__in=[UUID(document_id) for document_id in ids],
        valid_from__lte=end,
    )
    # Of what is gone for long, the last version's number is kept, and nothing else.
    rows = held.exclude(head="").values_list(*_COLUMNS, *(["content"] if with_content else []))
    # An id without a state is known to have none, too.
    states: _States = {document_id: [] for document_id in ids}
    for document_id, site_id, valid_from, valid_to, references, *columns in rows:
        key = str(document_id)
        columns[5:7] = map(_as_text, columns[5:7])
        row = (0, key, *columns, *([] if with_content else [None]))
        states[key].append(_State(site_id, valid_from, valid_to, references, row))
    return states


def _as_text(instant: datetime | None) -> str | None:
    """An instant as the reading side's own statements give it."""
    return None if instant is None else str(instant.astimezone(UTC).replace(tzinfo=None))
