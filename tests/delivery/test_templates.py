from typing import Any

import orjson

from delivery.document_types import DocumentField, DocumentType, Kind
from delivery.reading.layout import IDENTITY, layout_of
from delivery.reading.rows import Row
from delivery.reading.templates import Gap, Template, referred, template_of

NOTE = DocumentType(
    "notes",
    "note",
    "For these tests.",
    (
        DocumentField("pinned", Kind.BOOLEAN, ""),
        DocumentField("author", Kind.REFERENCE, ""),
        DocumentField("tags", Kind.REFERENCES, ""),
        DocumentField("body", Kind.BLOCKS, "", is_heavy=True),
    ),
)
CHOSEN = ("title", "seo", "pinned", "author", "tags")


def row(head: dict[str, Any], *, title: str = "T", version: int = 1) -> Row:
    columns = (1, "id-1", "notes", "en", "a", "/a/", title, None, None, version)
    return (*columns, orjson.dumps(head).decode(), None)


def filled(template: Template) -> bytes:
    """With the ids themselves in the gaps."""
    return template.start + b"".join(orjson.dumps(gap.ids) + text for gap, text in template.rest)


def test_what_refers_to_something_is_a_gap_and_the_rest_is_text() -> None:
    layout = layout_of(NOTE, frozenset(CHOSEN), IDENTITY)
    seo = {"title": "S", "image": "i", "noindex": False}
    head = {"seo": seo, "pinned": True, "author": "p", "tags": ["t", "u"]}

    template = template_of(layout, row(head, title='Say "{"'))

    assert filled(template) == (
        b'{"id":"id-1","type":"notes","title":"Say \\"{\\"",'
        b'"seo":{"title":"S","image":["i"],"noindex":false},'
        b'"pinned":true,"author":["p"],"tags":["t","u"]'
    )
    assert [gap for gap, _ in template.rest] == [
        Gap("", ("i",), is_list=False),
        Gap("author", ("p",), is_list=False),
        Gap("tags", ("t", "u"), is_list=True),
    ]


def test_what_refers_to_nothing_is_text_too() -> None:
    layout = layout_of(NOTE, frozenset(CHOSEN), IDENTITY)
    head: dict[str, Any] = {"seo": {"title": "S"}, "pinned": None, "author": None, "tags": []}

    template = template_of(layout, row(head))

    assert template.rest == ()
    assert template.start == (
        b'{"id":"id-1","type":"notes","title":"T","seo":{"title":"S","image":null},'
        b'"pinned":null,"author":null,"tags":[]'
    )


def test_a_row_that_says_something_else_has_a_template_of_its_own() -> None:
    layout = layout_of(NOTE, frozenset({"title", "pinned"}), IDENTITY)

    texts = [
        template_of(layout, item).start
        for item in (row({"pinned": 1}), row({"pinned": 2}), row({"pinned": 1}, title="U"))
    ]

    start = b'{"id":"id-1","type":"notes",'
    assert texts == [
        start + b'"title":"T","pinned":1',
        start + b'"title":"T","pinned":2',
        start + b'"title":"U","pinned":1',
    ]


def test_the_ids_that_fields_refer_to() -> None:
    head = orjson.dumps({"author": "p", "tags": ["t"], "parent": None}).decode()

    found = referred(head, ("tags", "author", "parent", "photo"))

    assert found == (("tags", ("t",)), ("author", ("p",)), ("parent", ()), ("photo", ()))
