"""What happened to documents between two places of the ledger.

An event tells that a document came, changed or went. Since an answer shows of each reference
what is public of its target, an event that changes what others show of a document (its path,
its title, an image) changes those others too: their documents are sent again, so that a mirror
need not put documents together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.interface import StartAgain, zulu
from delivery.reading.sync_tokens import Following, Mark
from outbox.interface import LedgerEvent, read_events

EVENTS_AT_ONCE: Final = 500
"""How many events one answer looks at, whether they are of this website or not."""
_REMOVALS: Final = frozenset({"content.unpublished", "content.deleted"})
_CHANGES: Final = _REMOVALS | {"content.published", "content.updated", "content.moved"}
"""What the ledger tells besides (a schedule, a website) changes no document."""


@dataclass(frozen=True, slots=True)
class Change:
    """What some events did to one document of this website.

    `shown_at` is the last event after which other documents show something else of it; 0 for
    none. `deletion` is what a mirror is told if the document is no longer one of its own.
    """

    document: str
    sequence: int
    shown_at: int
    deletion: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the ledger: what it changed, up to where, and whether more follows."""

    changes: tuple[Change, ...]
    until: Mark
    has_more: bool


def read_stretch(
    site_id: int, following: Following, since: Mark, *, until: Mark | None, most: int
) -> Stretch:
    """The changes after `since`, of at most `most` documents; up to `until` where that is given.

    One query.

    Raises:
        StartAgain: the ledger no longer has what follows `since`, or it is another ledger.
    """
    first = max(since.sequence, 1)
    events = read_events(first, EVENTS_AT_ONCE + 2)
    if since.sequence:
        if not events or events[0].sequence != first or str(events[0].id) != since.event:
            raise _lost()
        events = events[1:]
    elif events and events[0].sequence != first:
        raise _lost()
    seen, has_more = _cut(site_id, events, until, most)
    last = Mark(seen[-1].sequence, str(seen[-1].id)) if seen else since
    return Stretch(_changes(site_id, following, seen), last, has_more)


def _cut(
    site_id: int, events: Sequence[LedgerEvent], until: Mark | None, most: int
) -> tuple[list[LedgerEvent], bool]:
    """The events to look at, and whether there are more."""
    seen: list[LedgerEvent] = []
    documents: set[str] = set()
    for event in events[:EVENTS_AT_ONCE]:
        if until is not None and event.sequence > until.sequence:
            break
        if _is_here(site_id, event):
            documents.add(event.subject)
            if until is None and len(documents) > most:
                break
        seen.append(event)
    return seen, len(seen) < len(events)


def _changes(
    site_id: int, following: Following, events: Iterable[LedgerEvent]
) -> tuple[Change, ...]:
    found: dict[str, Change] = {}
    for event in events:
        if not _is_here(site_id, event):
            continue
        before = found.get(event.subject)
        is_shown = event.data.get("shows_elsewhere", True)
        deletion = None
        if not _is_followed(site_id, following, event):
            deletion = _deletion(site_id, following, event)
            if deletion is None and before is not None:
                deletion = before.deletion
        found[event.subject] = Change(
            document=event.subject,
            sequence=event.sequence,
            shown_at=event.sequence if is_shown else before.shown_at if before else 0,
            deletion=deletion,
        )
    return tuple(found.values())


def _is_here(site_id: int, event: LedgerEvent) -> bool:
    """Whether an event is of a document that this website has, or had before."""
    return event.type in _CHANGES and any(place[0] == site_id for place in _places(event))


def _is_followed(site_id: int, following: Following, event: LedgerEvent) -> bool:
    """Whether the document belongs to the mirror after the event."""
    place = _places(event)[0]
    is_public = event.type not in _REMOVALS
    return is_public and place[0] == site_id and following.has(place[1], place[2])


def _places(event: LedgerEvent) -> list[tuple[int, str, str]]:
    """Site, type and language of the document: now, and before where that is told."""
    data = event.data
    now = (data["site_id"], data["document_type"], data["locale"])
    before = data.get("previous_place")
    return [now] if before is None else [now, (before[0], before[1], before[2])]


def _deletion(site_id: int, following: Following, event: LedgerEvent) -> dict[str, Any] | None:
    """What a mirror is told that may have had the document until this event."""
    for place_site, document_type, locale in reversed(_places(event)):
        if place_site == site_id and following.has(document_type, locale):
            return {
                "id": event.subject,
                "type": document_type,
                "locale": locale,
                "path": event.data["previous_path"],
                "deleted_at": zulu(event.occurred_at),
            }
    return None


def _lost() -> StartAgain:
    return StartAgain(
        "The ledger no longer has what came after this token. Begin anew with initial=true."
    )
