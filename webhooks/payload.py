"""The bodies that are sent: made once for each event, and the same for every attempt.

    {"type": "content.published", "timestamp": "2026-11-23T12:00:00Z", "sequence": 4711,
     "data": {"id": …, "type": "blog-posts", …, "document": {…}}}

The document is the public one as it was at the event's own instant. No body is made from
anything but announcements and public documents, so none can tell of a draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from core.interface import Invalid
from delivery.interface import Selection, Told, compose_told, read_fields
from outbox.interface import Announcement
from webhooks.models import Subscription

MAX_BODY_BYTES: Final = 20_000
"""Standard Webhooks asks for less than 20 kB; a body with a longer document goes without it."""

_WITH_DOCUMENT: Final = frozenset({"content.published", "content.updated", "content.moved"})
_MEDIA_WITH_DOCUMENT: Final = frozenset({"published", "updated", "moved"})


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """An event that a subscription is to hear of. Each is itself alone: facts have no hash."""

    announcement: Announcement
    subscription: Subscription


def make_bodies(wanted: Sequence[Wanted]) -> list[str]:
    """The body of each, in order. A few queries, however many they are."""
    told = [told_by(item.announcement) for item in wanted]
    selections = [_selection(item.subscription) for item in wanted]
    documents = compose_told(
        list(dict.fromkeys(filter(None, told))), list(dict.fromkeys(filter(None, selections)))
    )
    return [
        _body(item.announcement, its_told, its_selection, documents)
        for item, its_told, its_selection in zip(wanted, told, selections, strict=True)
    ]


def told_by(announcement: Announcement) -> Told | None:
    """The document that goes with the event; None where nothing is public after it.

    Raises:
        ValueError: it names no document.
    """
    if announcement.type in _WITH_DOCUMENT or (
        announcement.type == "media.changed" and announcement.data["change"] in _MEDIA_WITH_DOCUMENT
    ):
        return Told(str(UUID(str(announcement.data["id"]))), announcement.time)
    return None


def _selection(subscription: Subscription) -> Selection | None:
    """What it wants of a document; None when it asks for what no type has any longer."""
    try:
        return read_fields(subscription.content_types, subscription.fields)
    except Invalid:
        return None


def _body(
    announcement: Announcement,
    told: Told | None,
    selection: Selection | None,
    documents: Mapping[tuple[Told, Selection], bytes],
) -> str:
    data: dict[str, Any] = dict(announcement.data)
    if told is not None:
        document = None if selection is None else documents.get((told, selection))
        if document is not None:
            whole = _dumps(announcement, data | {"document": orjson.Fragment(document)})
            if len(whole) < MAX_BODY_BYTES:
                return whole.decode()
        data["document_omitted"] = True
    return _dumps(announcement, data).decode()


def _dumps(announcement: Announcement, data: Mapping[str, Any]) -> bytes:
    return orjson.dumps(
        {
            "type": announcement.type,
            "timestamp": announcement.time,
            "sequence": announcement.sequence,
            "data": data,
        },
        option=orjson.OPT_UTC_Z,
    )
