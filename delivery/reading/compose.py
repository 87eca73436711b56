"""From rows to the bytes of an answer.

A document is stored in two parts of JSON text. The light part is parsed, since its references
must be put in; the heavy part is copied as text, its markers replaced, and only parsed when the
caller wants some of its fields or another form of rich text.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from delivery.document_types import DocumentType, get_type
from delivery.reading.layout import IDENTITY, REFERENCE, Layout, Source, layout_of
from delivery.reading.marker_text import resolve_markers
from delivery.reading.rich_text_json import with_nodes
from delivery.reading.rows import CONTENT, HEAD, ID, PATH, SLUG, TITLE, TYPE, Row, zulu
from delivery.reading.selection import Node, Selection

IMAGES: Final = "images"
JSON_OPTIONS: Final = orjson.OPT_UTC_Z
_EMPTY: Final = "{}"

JSONObject = dict[str, Any]


class Composer:
    """Composes the documents of one answer; remembers each id that was asked for.

    `named` are the rows of the documents that others name, by id. An id that has no row there
    is not public: its place stays empty, and the answer still depends on it, so it counts
    among `ids`.
    """

    def __init__(self, named: dict[str, Row], selection: Selection) -> None:
        self.ids: dict[str, None] = {}
        self._named = named
        self._is_json = selection.is_json
        self._references: dict[str, JSONObject] = {}

    def document(self, row: Row, node: Node) -> bytes:
        """The whole document, as far as `node` shows it."""
        self.ids[row[ID]] = None
        layout = _layout(node, row[TYPE], IDENTITY)
        light = self._light(row, layout, node)
        content = row[CONTENT] if layout.has_heavy else None
        if not content or content == _EMPTY:
            return orjson.dumps(light, option=JSON_OPTIONS)
        text = resolve_markers(content, self)
        if layout.heavy is None and not self._is_json:
            return orjson.dumps(light, option=JSON_OPTIONS)[:-1] + b"," + text[1:].encode()
        return orjson.dumps(light | self._heavy(text, layout), option=JSON_OPTIONS)

    def included(self, rows: Iterable[Row], node: Node) -> dict[str, bytes]:
        """The documents of the side block, in the order in which they are first named.

        A document that stands whole among `rows` is not repeated.
        """
        rows = list(rows)
        found: dict[str, bytes] = {}
        whole = {row[ID] for row in rows} if node.fields is None else set()
        seen: set[tuple[str, int]] = set()
        for row in rows:
            for target, place in self._targets(row, node, seen):
                if target[ID] not in found and target[ID] not in whole:
                    found[target[ID]] = self.document(target, place)
        return found

    def path(self, document_id: str) -> str | None:
        """The path of a document that a text links to; None without a public page."""
        self.ids[document_id] = None
        row = self._named.get(document_id)
        return None if row is None else row[PATH] or None

    def reference(self, document_id: str | None, node: Node | None = None) -> JSONObject | None:
        """The reference to a document, with the fields that `node` adds; an image whole."""
        if document_id is None:
            return None
        self.ids[document_id] = None
        row = self._named.get(document_id)
        if row is None:
            return None
        if node is not None:
            return self._chosen(row, node)
        known = self._references.get(document_id)
        if known is None:
            known = {
                "id": document_id,
                "type": row[TYPE],
                "slug": row[SLUG],
                "path": row[PATH],
                "title": row[TITLE],
            }
            if row[TYPE] == IMAGES:
                known |= _image_fields(row)
            self._references[document_id] = known
        return known

    def _chosen(self, row: Row, node: Node) -> JSONObject:
        layout = _layout(node, row[TYPE], REFERENCE)
        light = self._light(row, layout, node)
        if not layout.heavy or not row[CONTENT]:
            return light
        return light | self._heavy(resolve_markers(row[CONTENT], self), layout)

    def _heavy(self, text: str, layout: Layout) -> JSONObject:
        values: Any = orjson.loads(text)
        if layout.heavy is not None:
            values = {name: values.get(name) for name in layout.heavy}
        shown: JSONObject = with_nodes(values) if self._is_json else values
        return shown

    def _light(self, row: Row, layout: Layout, node: Node) -> JSONObject:
        head: JSONObject = orjson.loads(row[HEAD])
        chosen = node.fields or {}
        out: JSONObject = {}
        for name, source, column, keys in layout.steps:
            if source == Source.COLUMN:
                out[name] = row[column]
                continue
            if source == Source.INSTANT:
                out[name] = zulu(row[column])
                continue
            value = head.get(name)
            if source == Source.REFERENCE:
                value = self.reference(value, chosen.get(name))
            elif source == Source.REFERENCES:
                below = chosen.get(name)
                found = [self.reference(item, below) for item in value or ()]
                value = [item for item in found if item is not None]
            elif source == Source.OBJECT and value is not None:
                value |= {key: self.reference(value.get(key)) for key in keys}
            out[name] = value
        return out

    def _targets(
        self, row: Row, node: Node, seen: set[tuple[str, int]]
    ) -> Iterator[tuple[Row, Node]]:
        """What a document leads to along the includes below `node`; each way is gone once."""
        if not node.includes or (row[ID], node.number) in seen:
            return
        seen.add((row[ID], node.number))
        head: JSONObject = orjson.loads(row[HEAD])
        for name, place in node.includes.items():
            value = head.get(name)
            for document_id in value if isinstance(value, list) else (value,):
                if document_id is None:
                    continue
                self.ids[document_id] = None
                target = self._named.get(document_id)
                if target is not None:
                    yield target, place
                    yield from self._targets(target, place, seen)


def _layout(node: Node, type_name: str, always: tuple[str, ...]) -> Layout:
    found = node.layouts.get(type_name)
    if found is None:
        chosen = None if node.fields is None else frozenset(node.fields)
        found = layout_of(_type_of(type_name), chosen, always)
        node.layouts[type_name] = found
    return found


def _type_of(name: str) -> DocumentType:
    return get_type(name) or DocumentType(name, name, "", ())


def _image_fields(row: Row) -> JSONObject:
    head: JSONObject = orjson.loads(row[HEAD])
    return {item.name: head.get(item.name) for item in _type_of(IMAGES).fields if not item.is_heavy}
