"""The light part of a document as JSON text with gaps where its references go.

A template follows from a row and a layout alone, so it is remembered by both: the tags and
authors of a website stand in most of its answers, and a document is asked for more often than
it changes. What goes into the gaps is looked up for each answer anew, and the row itself is
always read: a template is never older than the row that it is made for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from delivery.reading.layout import Layout, Source
from delivery.reading.rows import CONTENT, HEAD, ID, Row, zulu

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
    writer = _Writer()
    for name, source, column, keys in layout.steps:
        if source == Source.COLUMN:
            writer.value(name, columns[column - ID])
        elif source == Source.INSTANT:
            writer.value(name, zulu(columns[column - ID]))
        elif source in (Source.REFERENCE, Source.REFERENCES):
            writer.gap(Gap(name, _ids(head.get(name)), source == Source.REFERENCES))
        elif source == Source.OBJECT and head.get(name) is not None:
            writer.nested(name, _with_gaps(head[name], keys))
        else:
            writer.value(name, head.get(name))
    return writer.template()


def _with_gaps(value: dict[str, Any], keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The items of an object; those at `keys` as gaps, at the end if they are missing."""
    for key in dict.fromkeys([*value, *keys]):
        yield key, Gap("", _ids(value.get(key)), is_list=False) if key in keys else value[key]


def _ids(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


class _Writer:
    """Writes an object, one key after another, and notes the gaps."""

    def __init__(self) -> None:
        self._text = bytearray(b"{")
        self._done: list[tuple[Gap | None, bytes]] = []
        self._open: Gap | None = None

    def value(self, name: str, value: Any) -> None:
        self._key(name)
        self._text += orjson.dumps(value, option=orjson.OPT_UTC_Z)

    def gap(self, gap: Gap) -> None:
        self._key(gap.name)
        self._leave(gap)

    def nested(self, name: str, items: Iterable[tuple[str, Any]]) -> None:
        self._key(name)
        self._text += b"{"
        for key, value in items:
            self._key(key)
            if isinstance(value, Gap):
                self._leave(value)
            else:
                self._text += orjson.dumps(value, option=orjson.OPT_UTC_Z)
        self._text += b"}"

    def _leave(self, gap: Gap) -> None:
        """Leaves the gap open, or fills it for good where nothing is referred to."""
        if gap.ids:
            self._break(gap)
        else:
            self._text += b"[]" if gap.is_list else b"null"

    def template(self) -> Template:
        self._break(None)
        (_, start), *rest = self._done
        return Template(start, tuple((gap, text) for gap, text in rest if gap is not None))

    def _key(self, name: str) -> None:
        if not self._text.endswith(b"{"):
            self._text += b","
        self._text += b'"%s":' % name.encode()

    def _break(self, gap: Gap | None) -> None:
        self._done.append((self._open, bytes(self._text)))
        self._open = gap
        self._text.clear()
