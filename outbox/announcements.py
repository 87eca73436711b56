"""What the ledger tells other programs: the vocabulary of webhooks and of the message queue.

A ledger event holds what our own steps need, and may change with them. An announcement is what
others build on: its type names and the names in its data are promised, and it states facts that
were public when the change committed, never a word of a draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from outbox.models import LedgerEvent

SCHEDULED: Final = "content.scheduled"
MEDIA_CHANGED: Final = "media.changed"
IMAGES: Final = "images"

_IDENTITY: Final = ("id", "type", "locale", "site_id")
_WITHDRAWN: Final = (*_IDENTITY, "slug", "path", "version", "revision")
_PUBLIC: Final = (*_WITHDRAWN, "title")

FIELDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "content.published": _PUBLIC,
    "content.updated": _PUBLIC,
    "content.moved": (*_PUBLIC, "previous_path"),
    "content.unpublished": _WITHDRAWN,
    "content.deleted": _WITHDRAWN,
    SCHEDULED: (*_IDENTITY, "go_live_at", "expire_at"),
    MEDIA_CHANGED: (*_IDENTITY, "change", "version"),
    "site.changed": ("site_id",),
    "site.redirects_changed": ("site_id",),
}
"""Which facts each type of announcement states."""

ANNOUNCED_TYPES: Final = tuple(FIELDS_OF)

# Where the ledger has a name of its own for a fact.
_LEDGER_NAMES: Final = {"id": "document_id", "type": "document_type"}


@dataclass(frozen=True, slots=True)
class Announcement:
    """A change as others hear of it; `id` is the same however and however often it is sent."""

    type: str
    id: UUID
    sequence: int
    subject: str
    time: datetime
    data: Mapping[str, Any]


def announce(event: LedgerEvent) -> Announcement | None:
    """What others are told of `event`; None if it concerns nobody outside.

    Costs no query, and gives the same whenever it is called.
    """
    name = _announced_type(event)
    if name is None:
        return None
    facts = {**event.data, "change": event.type.partition(".")[2]}
    return Announcement(
        type=name,
        id=event.id,
        sequence=event.sequence,
        subject=event.subject,
        time=event.occurred_at,
        data={field: facts.get(_LEDGER_NAMES.get(field, field)) for field in FIELDS_OF[name]},
    )


def _announced_type(event: LedgerEvent) -> str | None:
    if event.type.startswith("content.") and event.data.get("document_type") == IMAGES:
        return MEDIA_CHANGED
    return event.type if event.type in FIELDS_OF else None
