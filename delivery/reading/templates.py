"""The light part of a document as JSON text with gaps where its references go.

A template follows from a row and a layout alone, so it is remembered by both: the tags and
authors of a website stand in most of its answers, and a document is asked for more often than
it changes. What goes into the gaps is looked up for each answer anew, and the row itself is
always read: a template is never older than the row that it is made for.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from delivery.reading.layout import Layout, Source
from delivery.reading.rows import CONTENT, HEAD, ID, Row, zulu

# No text of an editor's can be this one.
_HOLE: Final = secrets.token_hex(16)
_HOLE_TEXT: Final = b'"%s"' % _HOLE.encode()
REMEMBERED: Final = 2048
"""Some 5 kB each, in each process."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where references go: one or null, or, when `is_list`, those that are public."""

    name: str
    ids: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class Template:
    """An object's text up to the brace that ends it: the start, then gaps, each with what follows."""

    start: bytes
    rest: tuple[tuple[Gap, bytes], ...]


def template_of(layout: Layout, row: Row) -> Template:
    """The template of a row's light part."""
    return _template(layout, row[ID:CONTENT])


def referred(head: str, names: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The ids that these fields of a light part refer to."""
    return _referred(head, names)


@lru_cache(maxsize=REMEMBERED)
def _referred(head: str, names: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    values: dict[str, Any] = orjson.loads(head)
    return tuple((name, _ids(values.get(name))) for name in names)


@lru_cache(maxsize=REMEMBERED)
def _template(layout: Layout, columns: Row) -> Template:
    head: dict[str, Any] = orjson.loads(columns[HEAD - ID])
    gaps: list[Gap] = []
    values: dict[str, Any] = {}
    for name, source, column, keys in layout.steps:
        if source == Source.COLUMN:
            values[name] = columns[column - ID]
        elif source == Source.INSTANT:
            values[name] = zulu(columns[column - ID])
        elif source in (Source.REFERENCE, Source.REFERENCES):
            gap = Gap(name, _ids(head.get(name)), source == Source.REFERENCES)
            values[name] = _leave(gap, gaps)
        elif source == Source.OBJECT and head.get(name) is not None:
            values[name] = _with_gaps(head[name], keys, gaps)
        else:
            values[name] = head.get(name)
    # All in one go: a call for each field took as long as all the rest.
    start, *rest = orjson.dumps(values, option=orjson.OPT_UTC_Z)[:-1].split(_HOLE_TEXT)
    return Template(start, tuple(zip(gaps, rest, strict=True)))


def _with_gaps(value: dict[str, Any], keys: Iterable[str], gaps: list[Gap]) -> dict[str, Any]:
    """The items of an object; those at `keys` as gaps, at the end if they are missing."""
    return {
        key: _leave(Gap("", _ids(value.get(key)), is_list=False), gaps) if key in keys else item
        for key, item in {**value, **{key: value.get(key) for key in keys}}.items()
    }


def _leave(gap: Gap, gaps: list[Gap]) -> Any:
    """What stands in the text for a gap; where nothing is referred to, it is filled for good."""
    if not gap.ids:
        return [] if gap.is_list else None
    gaps.append(gap)
    return _HOLE


def _ids(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)
