"""From rows to the bytes of an answer.

A document is stored in two parts of JSON text. References are put into the gaps of the light
part (see `templates`); the heavy part is copied as text, its markers replaced, and only parsed
when the caller wants some of its fields or another form of rich text.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

import orjson

from delivery.document_types import DocumentType, get_type
from delivery.reading.layout import IDENTITY, REFERENCE, Layout, layout_of
from delivery.reading.marker_text import resolve_markers
from delivery.reading.rich_text_json import with_nodes
from delivery.reading.rows import CONTENT, HEAD, ID, PATH, SLUG, TITLE, TYPE, Row
from delivery.reading.selection import Node, Selection
from delivery.reading.templates import Gap, referred, template_of

IMAGES: Final = "images"
JSON_OPTIONS: Final = orjson.OPT_UTC_Z
_EMPTY: Final = "{}"

JSONObject = dict[str, Any]


class Named(Protocol):
    """The rows of the documents that others name, by id."""

    def get(self, document_id: str, /) -> Row | None:
        """The row; None for what is not public."""


class Composer:
    """Composes the documents of one answer; remembers each id that was asked for.

    `named` are the rows of the documents that others name, by id. An id that has no row there
    is not public: its place stays empty, and the answer still depends on it, so it counts
    among `ids`.
    """

    def __init__(self, named: Named, selection: Selection) -> None:
        self.ids: dict[str, None] = {}
        self._named = named
        self._is_json = selection.is_json
        self._references: dict[str, JSONObject] = {}
        self._texts: dict[tuple[str, int], bytes] = {}

    def document(self, row: Row, node: Node) -> bytes:
        """The whole document, as far as `node` shows it."""
        return self._written(row, node, _layout(node, row[TYPE], IDENTITY))

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

    def reference(self, document_id: str) -> JSONObject | None:
        """The reference to a document; an image whole."""
        self.ids[document_id] = None
        row = self._named.get(document_id)
        if row is None:
            return None
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

    def _written(self, row: Row, node: Node, layout: Layout) -> bytes:
        self.ids[row[ID]] = None
        template = template_of(layout, row)
        chosen = node.fields or {}
        parts = [template.start]
        for gap, text in template.rest:
            parts += (self._filling(gap, chosen.get(gap.name)), text)
        if layout.has_heavy and row[CONTENT] and row[CONTENT] != _EMPTY:
            heavy = self._heavy(resolve_markers(row[CONTENT], self), layout)
            if heavy != b"{}":
                return b"".join([*parts, b"," if len(parts[0]) > 1 else b"", heavy[1:]])
        return b"".join([*parts, b"}"])

    def _filling(self, gap: Gap, below: Node | None) -> bytes:
        """What stands in a gap; `below` tells which fields its documents show besides."""
        texts = []
        for document_id in gap.ids:
            # Most references of a list are to the same few documents.
            place = (document_id, -1 if below is None else below.number)
            text = self._texts.get(place)
            if text is None:
                text = self._reference_text(document_id, below)
                if text is not None:
                    self._texts[place] = text
            if text is not None:
                texts.append(text)
        if gap.is_list:
            return b"[" + b",".join(texts) + b"]"
        return texts[0] if texts else b"null"

    def _reference_text(self, document_id: str, below: Node | None) -> bytes | None:
        if below is not None:
            self.ids[document_id] = None
            row = self._named.get(document_id)
            if row is None:
                return None
            return self._written(row, below, _layout(below, row[TYPE], REFERENCE))
        reference = self.reference(document_id)
        if reference is None:
            return None
        return orjson.dumps(reference, option=JSON_OPTIONS)

    def _heavy(self, text: str, layout: Layout) -> bytes:
        """The heavy part as an object's text: parsed only where it is cut or rewritten."""
        if layout.heavy is None and not self._is_json:
            return text.encode()
        values: Any = orjson.loads(text)
        if layout.heavy is not None:
            values = {name: values.get(name) for name in layout.heavy}
        return orjson.dumps(with_nodes(values) if self._is_json else values, option=JSON_OPTIONS)

    def _targets(
        self, row: Row, node: Node, seen: set[tuple[str, int]]
    ) -> Iterator[tuple[Row, Node]]:
        """What a document leads to along the includes below `node`; each way is gone once."""
        if not node.includes or (row[ID], node.number) in seen:
            return
        seen.add((row[ID], node.number))
        for name, ids in referred(row[HEAD], tuple(node.includes)):
            place = node.includes[name]
            for document_id in ids:
                self.ids[document_id] = None
                target = self._named.get(document_id)
                if target is not None:
                    yield target, place
                    if place.includes:
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
