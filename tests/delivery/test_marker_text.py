"""Replacing markers in JSON text without parsing it gives what parsing it would give."""

import html
import json
import re
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given
from hypothesis import strategies as st

from delivery.markers import clean_text, document_marker, image_marker, path_marker
from delivery.reading.marker_text import resolve_markers

PUBLIC = UUID(int=1)
ABSENT = UUID(int=2)
REFERENCE = {"id": str(PUBLIC), "title": 'A "title" \\ with <odds>', "src": "/a.png?x=1&y=2"}
PATH = '/a-"path"/&b/'


class Lookup:
    """Knows one document."""

    def path(self, document_id: str) -> str | None:
        return PATH if document_id == str(PUBLIC) else None

    def reference(self, document_id: str) -> dict[str, Any] | None:
        return REFERENCE if document_id == str(PUBLIC) else None


# What editors write, with everything that could be taken for a marker or an escape.
odd_words = st.lists(
    st.sampled_from(
        [
            *("\\", '"', "\\u0001", "\\\\u0001", "u0001", "\x01", "path:", "doc:", "img:"),
            *(str(PUBLIC), ":", "<p>", "</p>", ' href="', "&quot;", "é", "🎉", "\n", "\ud800"),
        ]
    ),
    max_size=12,
).map(lambda parts: clean_text("".join(parts)))
ids = st.sampled_from([PUBLIC, ABSENT])
links = st.builds(
    lambda target, words, end: f'<a href="{path_marker(target)}{end}">{html.escape(words)}</a>',
    ids,
    odd_words,
    st.sampled_from(["", "#part"]),
)
images = st.builds(
    lambda target, words: image_marker(target, html.escape(words, quote=True)), ids, odd_words
)
# Rich text is sanitised: outside tags, quotes are plain letters and tags are whole.
plain = odd_words.map(lambda words: html.escape(words, quote=False))
rich_text = st.lists(plain | links | images, max_size=5).map("".join)
values = st.recursive(
    odd_words
    | rich_text.map(lambda text: {"html": text})
    | ids.map(document_marker)
    | st.none()
    | st.integers(-5, 5),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from("abc"), children, max_size=3)
    ),
    max_leaves=10,
)

_LINK = re.compile(r' href="\x01path:([0-9a-f-]{36})\x01([^"]*)"')
_IMAGE = re.compile(r"\x01img:([0-9a-f-]{36}):([^\x01]*)\x01")
_DOCUMENT = re.compile(r"\x01doc:([0-9a-f-]{36})\x01")


def expected(value: Any) -> Any:
    """The same by way of parsed values."""
    if isinstance(value, dict):
        return {key: expected(item) for key, item in value.items()}
    if isinstance(value, list):
        return [expected(item) for item in value]
    if not isinstance(value, str):
        return value
    if match := _DOCUMENT.fullmatch(value):
        return REFERENCE if match[1] == str(PUBLIC) else None
    text = _LINK.sub(
        lambda m: f' href="{html.escape(PATH)}{m[2]}"' if m[1] == str(PUBLIC) else "", value
    )
    return _IMAGE.sub(
        lambda m: (
            f'<img src="/a.png?x=1&amp;y=2" loading="lazy" alt="{m[2]}">'
            if m[1] == str(PUBLIC)
            else ""
        ),
        text,
    )


@given(value=st.dictionaries(st.sampled_from("xyz"), values, max_size=3))
def test_text_and_tree_agree(value: dict[str, Any]) -> None:
    text = orjson.dumps(value).decode()

    assert json.loads(resolve_markers(text, Lookup())) == expected(value)


@given(value=st.dictionaries(st.sampled_from("xyz"), odd_words | st.lists(odd_words), max_size=3))
def test_what_has_no_marker_stays_to_the_letter(value: dict[str, Any]) -> None:
    text = orjson.dumps(value).decode()

    assert resolve_markers(text, Lookup()) == text
