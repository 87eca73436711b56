"""JSON Schemas of what others are told: one for the data of each type, one for the message."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from outbox.announcements import ANNOUNCED_TYPES, FIELDS_OF

SCHEMAS: Final = Path(__file__).parent / "schemas"
MESSAGE: Final = "message"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_FIELDS: Final[Mapping[str, dict[str, Any]]] = {
    "id": {"type": "string", "format": "uuid", "description": "The document's id."},
    "type": {"type": "string", "description": "The document's type, as in the API's addresses."},
    "locale": {
        "type": "string",
        "description": "The language that it is in; empty if it belongs to every language.",
    },
    "site_id": {"type": "integer", "description": "The website that it is on."},
    "slug": {"type": "string", "description": "The last part of its path."},
    "path": {
        "type": "string",
        "description": "Its path on the website; empty if it has no page of its own.",
    },
    "previous_path": {"type": "string", "description": "Its path until now."},
    "title": {"type": "string", "description": "Its title."},
    "version": {
        "type": "integer",
        "minimum": 1,
        "description": "Grows by one with each change; of what is gone, the last that was public.",
    },
    "revision": {
        "type": ["integer", "null"],
        "description": "The editors' revision; null for what has none.",
    },
    "go_live_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When it will be published; null if that was taken back.",
    },
    "expire_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When it will go again; null if it stays.",
    },
    "change": {
        "enum": ["published", "updated", "moved", "unpublished", "deleted"],
        "description": "What happened to it.",
    },
}
_TYPES: Final[Mapping[str, str]] = {
    "content.published": "A document became public.",
    "content.updated": "A public document changed.",
    "content.moved": "A public document has another path; it may have changed besides.",
    "content.unpublished": "A document is public no longer.",
    "content.deleted": "A document is public no longer, and its source is gone.",
    "content.scheduled": "A document is to be published, or to change, at an hour that was set, "
    "or not any more.",
    "media.changed": "An image that published content shows came, changed or went.",
    "site.changed": "A website's host names or languages changed, or there is a new one, or "
    "one less.",
    "site.redirects_changed": "Where old paths of a website lead changed.",
}


def event_schema(name: str) -> dict[str, Any] | None:
    """The schema of a type's `data`, or of the whole `message`; None for anything else.

    Keys that are not listed may come with a later release: readers pass over them.
    """
    if name == MESSAGE:
        return _message_schema()
    fields = FIELDS_OF.get(name)
    if fields is None:
        return None
    return {
        "$schema": _DIALECT,
        "title": name,
        "description": _TYPES[name],
        "type": "object",
        "required": list(fields),
        "properties": {field: _FIELDS[field] for field in fields},
    }


def event_schemas() -> dict[Path, dict[str, Any]]:
    """Every schema, by the file that keeps it."""
    found = {name: event_schema(name) for name in (*ANNOUNCED_TYPES, MESSAGE)}
    return {
        SCHEMAS / f"{name}.schema.json": schema
        for name, schema in found.items()
        if schema is not None
    }


def _message_schema() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    attributes: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {**text, "format": "uuid", "description": "The same each time it is sent."},
        "source": {**text, "format": "uri-reference", "description": "The installation."},
        "type": {"enum": list(ANNOUNCED_TYPES)},
        "subject": {**text, "description": "The document's id, or the website as site:1."},
        "time": {**text, "format": "date-time", "description": "When the change committed."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {**text, "format": "uri"},
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{20}$",
            "description": "Its number in the ledger, in the order of the commits.",
        },
        "partitionkey": {**text, "description": "The same for all of one document."},
        "data": {"type": "object"},
    }
    return {
        "$schema": _DIALECT,
        "title": "A message of the exchange galley.events",
        "description": "CloudEvents 1.0, structured mode, with the extensions sequence and "
        "partitionkey. The schema of `data` is the one that `dataschema` names.",
        "type": "object",
        "required": list(attributes),
        "properties": attributes,
    }
