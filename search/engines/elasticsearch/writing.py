"""Entries and removals in bulk. The engine itself refuses what is older than what it has."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
from elasticsearch import Elasticsearch

from search.engines.elasticsearch.connection import WRITE_SECONDS, Connection
from search.engines.elasticsearch.stored import stored_entry
from search.engines.protocol import EngineAway
from search.entries import Removal, SearchEntry

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 4 * 1024 * 1024
MOST_ACTIONS: Final = 500
_OLDER: Final = 409
_MISSING: Final = 404
_BUSY: Final = 429
_SERVER_FAULT: Final = 500

Lines = list[bytes]


def write(
    connection: Connection,
    indexes: Sequence[str],
    upserts: Sequence[SearchEntry],
    removals: Sequence[Removal],
    *,
    makes_visible: bool = True,
    seconds: float = WRITE_SECONDS,
) -> dict[UUID, str]:
    """Stores and removes in each of the indexes; gives what is refused as malformed, and why.

    `seconds` are for one request of those that it takes.

    Raises:
        EngineAway: some of it may not be stored. To do it again is safe.
    """
    refused: dict[UUID, str] = {}
    for lines in _bulks(indexes, upserts, removals):
        answer = connection.write(partial(_send, lines=lines, makes_visible=makes_visible), seconds)
        if answer["errors"]:
            refused |= _faults(answer["items"])
    return refused


def _send(client: Elasticsearch, *, lines: Lines, makes_visible: bool) -> Mapping[str, Any]:
    answer = client.perform_request(
        "POST",
        "/_bulk",
        params={
            "refresh": "true" if makes_visible else "false",
            "filter_path": "errors,items.*._id,items.*.error,items.*.status",
        },
        headers={"content-type": "application/x-ndjson", "accept": "application/json"},
        body=b"".join(lines),
    )
    found: Mapping[str, Any] = answer.body
    return found


def _bulks(
    indexes: Sequence[str], upserts: Sequence[SearchEntry], removals: Sequence[Removal]
) -> Iterator[Lines]:
    """The lines of each request, none beyond its size unless one action alone is."""
    lines: Lines = []
    size = actions = 0
    for action in _actions(indexes, upserts, removals):
        length = sum(map(len, action))
        if lines and (size + length > MOST_BYTES or actions >= MOST_ACTIONS):
            yield lines
            lines, size, actions = [], 0, 0
        lines += action
        size += length
        actions += 1
    if lines:
        yield lines


def _actions(
    indexes: Sequence[str], upserts: Sequence[SearchEntry], removals: Sequence[Removal]
) -> Iterator[Lines]:
    for entry in upserts:
        document = _line(stored_entry(entry))
        for index in indexes:
            yield [_line({"index": _target(index, entry)}), document]
    for removal in removals:
        for index in indexes:
            yield [_line({"delete": _target(index, removal)})]


def _target(index: str, item: SearchEntry | Removal) -> dict[str, Any]:
    # Equal sequences say the same thing, so whoever comes again may write again.
    version = {"version": item.sequence, "version_type": "external_gte"}
    return {"_index": index, "_id": str(item.id), **version}


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _faults(items: Iterable[Mapping[str, Any]]) -> dict[UUID, str]:
    refused: dict[UUID, str] = {}
    for item in items:
        (outcome,) = item.values()
        status, error = outcome["status"], outcome.get("error")
        if error is None or status in {_OLDER, _MISSING}:
            continue
        if status == _BUSY or status >= _SERVER_FAULT:
            raise EngineAway("The search engine could not store everything.")
        logger.error("The search engine cannot store an entry: %s", error)
        refused[UUID(outcome["_id"])] = str(error.get("reason") or error.get("type"))
    return refused
